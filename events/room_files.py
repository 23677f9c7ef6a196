"""Which files a room needs: those that its manifest lists."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from events.models import Event, EventFile
from events.slots import needs_approval
from files.models import HostedFile

LATEST: Final = datetime.max.replace(tzinfo=UTC)


def current_files(event: int, settings: Any = None) -> Any:
    """Rows of event_file whose bytes belong on machines, each with `room`, the key of the room that needs it.

    `settings`: the event's `cfg_json`, where the caller has read it.
    """
    if settings is None:
        settings = Event.objects.values_list("cfg_json", flat=True).get(pk=event)
    approved = {"approved": True} if needs_approval(settings) else {}
    rows = EventFile.objects.filter(
        event_id=event,
        enable=True,
        hide=False,
        is_current=True,
        rejected_reason=None,
        hosted_file__enable=True,
        hosted_file__hide=False,
        hosted_file__status=HostedFile.Status.READY,
        **approved,
    )
    return rows.annotate(room=Coalesce("event_location_id", "event_session__event_location_id"))


def of_room(rows: Any, location: int) -> Any:
    """Those of `current_files` that one room needs."""
    of_session = Q(event_location_id=None, event_session__event_location_id=location)
    return rows.filter(Q(event_location_id=location) | of_session)


def hashes_needed(event: int, location: int) -> set[str]:
    """What a room's machines must have."""
    return set(of_room(current_files(event), location).values_list("hosted_file__hash_sha256", flat=True))


def in_order_of_need(event: int, location: int, now: datetime) -> list[str]:
    """The same: what is next first, then what has no time, then what is over."""
    rows = of_room(current_files(event), location).values_list(
        "hosted_file__hash_sha256",
        Coalesce("event_presentation__start_datetime", "event_session__start_datetime"),
        Coalesce("event_presentation__end_datetime", F("event_session__end_datetime")),
        "pk",
    )

    def turn(row: tuple[str, datetime | None, datetime | None, int]) -> tuple[bool, datetime, int]:
        _, start, end, key = row
        return (end or start or LATEST) < now, start or LATEST, key

    return list(dict.fromkeys(row[0] for row in sorted(rows, key=turn)))
