"""Local times and days of a zone → moments. Times that clocks skip are refused, those that come twice are the first."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError

from kernel.request_context import warn

LAST_MOMENT = datetime(9999, 12, 31, 23, 59, 59, 999999, UTC)


@lru_cache(maxsize=256)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def moment_of(local: datetime, time_zone: str, field: str = "") -> datetime:
    """A time without an offset, as the clocks of a zone show it, in UTC; `field` is named in the warning.

    Raises ValidationError in the hour that the clocks skip, OverflowError at the ends of the calendar.
    """
    there = local.replace(tzinfo=zone(time_zone), fold=0)
    moment = there.astimezone(UTC)
    shown = moment.astimezone(there.tzinfo)
    if shown.replace(tzinfo=None) != local.replace(fold=0):
        raise ValidationError(
            f"The clocks of {time_zone} skip {local:%Y-%m-%d %H:%M}. Give a time that they show, or one with an offset."
        )
    if there.utcoffset() != there.replace(fold=1).utcoffset():
        named = f"{field}: " if field else ""
        warn(
            f"{named}the clocks of {time_zone} show {local:%Y-%m-%d %H:%M} twice; the first is taken, "
            f"{moment:%Y-%m-%dT%H:%MZ}. Give an offset for the other."
        )
    return moment


def day_alone(value: object) -> date | None:
    """The day that a text names without a time."""
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def start_of(day: date, time_zone: str) -> datetime:
    """The first moment of a day, in UTC; where the clocks skip midnight, it is that of the change."""
    return datetime.combine(day, time.min, zone(time_zone)).astimezone(UTC)


def end_of(day: date, time_zone: str) -> datetime:
    """The first moment of the next day, in UTC."""
    try:
        return start_of(day + timedelta(days=1), time_zone)
    except OverflowError:
        return LAST_MOMENT
