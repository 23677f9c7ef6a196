"""Mails about sessions that are not ready an hour, and a quarter of an hour, before they begin.

Sent to the addresses in `event.cfg_json.readiness_emails`, once for each session, its start and level; where there are
none, nobody is mailed. The board shows the same by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

from events.models import Event, EventSession
from events.readiness import ALERTS, alert_of, readiness
from kernel.transactions import in_transaction
from mail.kinds import MailKind, register
from mail.outbox import Mail, put
from tenancy.context import every_tenant, tenant

MOST_ADDRESSES: Final = 20
WORDS: Final = {
    "unknown": "no machine in the room has been heard of for a minute",
    "missing": "a file that is expected is missing",
    "late": "a machine in the room lacks a file",
    "stale": "a machine in the room lacks a file",
}
KIND: Final = register(
    MailKind(
        name="readiness_alert",
        title="Session that is not ready",
        subject="{{ room }}: {{ session }} is not ready",
        text=(
            "{{ session }} begins at {{ start }} in {{ room }}, in {{ minutes }} minutes, and is not ready: {{ why }} "
            "({{ have }} of {{ total }} files are there)."
        ),
        words={
            "room": "Hall 1",
            "session": "Opening",
            "start": "14:00",
            "minutes": "14",
            "why": WORDS["late"],
            "have": "3",
            "total": "4",
        },
        values=lambda message: message.values_json,
    )
)


def events_soon() -> list[tuple[int, int]]:
    """(account, event) of whatever begins within the hour."""
    now = timezone.now()
    soon = {"start_datetime__gt": now, "start_datetime__lte": now + timedelta(minutes=max(ALERTS))}
    shown = {"enable": True, "hide": False, "event__enable": True, "event__hide": False, "account__enable": True}
    with every_tenant(reason="find events whose sessions begin soon, in whichever account"):
        rows = EventSession.objects.filter(event__cfg_json__isnull=False, event_location__isnull=False, **soon, **shown)
        return sorted(set(rows.values_list("account_id", "event_id")))


def alert(account_id: int, event_key: int) -> int:
    """Put what there is to say of an event into the outbox. Answers how many mails."""
    with tenant(account_id):
        event = Event.objects.select_related("account").get(pk=event_key)
        addresses = addresses_of(event.cfg_json)
        if not addresses:
            return 0
        state = readiness(event)
        zone = ZoneInfo(event.time_zone or event.account.time_zone or "UTC")
        mails = [
            Mail(address, f"{cause} {address}", values)
            for room in state["rooms"]
            for session in room["sessions"]
            for cause, values in _said(room, session, zone)
            for address in addresses
        ]
        return in_transaction(lambda: put(KIND, event.account, mails)) if mails else 0


def _said(room: dict[str, Any], session: dict[str, Any], zone: ZoneInfo) -> list[tuple[str, dict[str, str]]]:
    """At most one: what begins later is said of when its time has come, what has begun no more."""
    level = alert_of(session)
    if level is None or session["minutes_to_start"] < 0:
        return []
    start: datetime = session["start_datetime"]
    values = {
        "room": room["name"],
        "session": session["name"],
        "start": f"{start.astimezone(zone):%H:%M}",
        "minutes": str(session["minutes_to_start"]),
        "why": WORDS[session["state"]],
        "have": str(session["have"]),
        "total": str(session["total"]),
    }
    return [(f"readiness {session['event_session_id']} {start.isoformat()} {level}", values)]


def addresses_of(settings: Any) -> list[str]:
    """Those that are addresses; at most 20."""
    listed = settings.get("readiness_emails") if isinstance(settings, dict) else None
    return [text for text in listed[:MOST_ADDRESSES] if _is_address(text)] if isinstance(listed, list) else []


def _is_address(text: Any) -> bool:
    try:
        validate_email(text)
    except (ValidationError, TypeError, AttributeError):
        return False
    return isinstance(text, str)
