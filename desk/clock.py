"""Moments and days as an event's clock has them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final

from django.utils import timezone

from events.models import Event

MOST_DAYS: Final = 31
"""Of an event, that are offered although nothing takes place on them."""


def local(moment: datetime) -> datetime:
    """On the clock that is active, which is the event's."""
    return timezone.localtime(moment)


def as_input(moment: datetime | None) -> str:
    """As an `<input type="datetime-local">` has it."""
    return f"{local(moment):%Y-%m-%dT%H:%M}" if moment else ""


def days_of(event: Event, starts: list[datetime]) -> list[date]:
    """The event's own days, and those on which something begins."""
    days = {local(start).date() for start in starts}
    first, last = event.start_datetime, event.end_datetime
    if first and last:
        day, end = local(first).date(), local(last).date()
        own = min((end - day).days, MOST_DAYS - 1)
        days |= {day + timedelta(days=number) for number in range(own + 1)}
    elif first or last:
        days.add(local(first or last).date())  # type: ignore[arg-type]
    return sorted(days)


def chosen_day(asked: str, days: list[date]) -> date | None:
    """The day that is asked for, else today, else the next one that there is, else the last."""
    try:
        wanted = date.fromisoformat(asked)
    except ValueError:
        wanted = timezone.localdate()
    else:
        return wanted
    return next((day for day in days if day >= wanted), days[-1] if days else None)
