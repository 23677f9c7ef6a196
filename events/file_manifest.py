"""What a room machine keeps a copy of: the current files of an event, by when they are needed; what changed since."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db.models.functions import Coalesce
from django.utils import timezone

from events.manifest_signature import signed
from events.models import Event, EventFile, EventFileDeparture, EventManifest
from events.slots import needs_approval
from files.filename import clean_filename
from files.models import HostedFile
from kernel import cursor
from kernel.errors import Invalid, Unavailable

LATEST = datetime.max.replace(tzinfo=UTC)
ATTEMPTS = 20

COLUMNS = {
    "event_file_id": "id_random",
    "hosted_file_id": "hosted_file__id_random",
    "slot": "slot",
    "version": "version",
    "filename": "filename",
    "save_as": "save_as",
    "hash_sha256": "hosted_file__hash_sha256",
    "size": "hosted_file__size",
    "content_type": "hosted_file__content_type",
    "event_session_id": "event_session__id_random",
    "event_presentation_id": "event_presentation__id_random",
    "event_presenter_id": "event_presenter__id_random",
}
ABSENT = dict.fromkeys([*COLUMNS, "event_location_id", "start_datetime", "_sort"])


def manifest(
    event_key: int, since: str | None, location_key: int | None, location_id: str | None = None
) -> dict[str, Any]:
    """All files that are to be there; or, with `since`, what has changed, gone ones as removed; signed.

    `seq`, `cursor` and `files` are the same until something changes. Raises Invalid.
    """
    event = Event.objects.select_related("account").get(pk=event_key)
    order = f"file_manifest:{event.id_random}"
    begun = None if since is None else _read(order, since)
    for _ in range(ATTEMPTS):
        seq = _seq(event_key)
        files = _files(event, begun, location_key)
        if _seq(event_key) == seq:  # else it was read while somebody wrote, and is partly of another number
            break
    else:
        raise Unavailable("The files of this event are changing all the time now; try again.")
    whole = {
        "event_id": event.id_random,
        "event_location_id": location_id,
        "since": since,
        "seq": seq,
        "made_on": moment(timezone.now()),
        "cursor": cursor.encode(order, [seq]),
        "files": [_public(entry) for entry in sorted(files, key=_when)],
    }
    return signed(whole, event.account.id_random)


def moment(value: datetime | None) -> str | None:
    """As every answer has it, spelled out here, as the signature is of the spelling."""
    if value is None:
        return None
    text = value.astimezone(UTC).replace(tzinfo=None).isoformat()
    return f"{text}Z"


def _seq(event_key: int) -> int:
    number: int | None = EventManifest.objects.filter(event_id=event_key).values_list("seq", flat=True).first()
    return number or 0


def _read(order: str, since: str) -> int:
    try:
        values = cursor.decode(order, since)
    except Invalid:
        raise Invalid.field("since", "Give the cursor of a former manifest of this event.") from None
    return values[0] if len(values) == 1 and type(values[0]) is int else 0  # of a former version: all of it


def _files(event: Event, begun: int | None, location_key: int | None) -> list[dict[str, Any]]:
    approved_only = needs_approval(event.cfg_json)
    rows = EventFile.objects.filter(event_id=event.pk)
    if begun is None:
        rows = rows.filter(is_current=True, enable=True, hide=False)
        entries = (_entry(row, location_key, approved_only) for row in _selected(rows))
        return [entry for entry in entries if not entry["removed"]]
    rows = rows.filter(changed_seq__gt=begun)
    return [_entry(row, location_key, approved_only) for row in _selected(rows)] + _gone(event.pk, begun)


def _selected(rows: Any) -> Any:
    return rows.annotate(
        start=Coalesce("event_presentation__start_datetime", "event_session__start_datetime"),
        place_key=Coalesce("event_location_id", "event_session__event_location_id"),
        place=Coalesce("event_location__id_random", "event_session__event_location__id_random"),
    ).values(
        *COLUMNS.values(),
        *("start", "place", "place_key", "enable", "hide", "sort", "is_current", "approved", "rejected_reason"),
        *("hosted_file__filename", "hosted_file__enable", "hosted_file__hide", "hosted_file__status"),
    )


def _entry(row: dict[str, Any], location_key: int | None, approved_only: bool) -> dict[str, Any]:
    there = row["enable"] and not row["hide"] and row["hosted_file__enable"] and not row["hosted_file__hide"]
    there = there and row["hosted_file__status"] == HostedFile.Status.READY
    there = there and row["is_current"] and not row["rejected_reason"] and (row["approved"] or not approved_only)
    here = location_key is None or row["place_key"] == location_key
    return {
        **{name: row[column] for name, column in COLUMNS.items()},
        "filename": clean_filename(row["filename"] or row["hosted_file__filename"]),
        "event_location_id": row["place"],
        "start_datetime": row["start"],
        "removed": not (there and here),
        "_sort": row["sort"],
    }


def _gone(event_key: int, begun: int) -> list[dict[str, Any]]:
    """What was deleted, or went to another event, and has not come back."""
    departures = EventFileDeparture.objects.filter(event_id=event_key, seq__gt=begun)
    departed = list(dict.fromkeys(departures.order_by("pk").values_list("event_file_id_random", flat=True)))
    back = set(EventFile.objects.filter(event_id=event_key, id_random__in=departed).values_list("id_random", flat=True))
    return [ABSENT | {"event_file_id": public_id, "removed": True} for public_id in departed if public_id not in back]


def _when(entry: dict[str, Any]) -> tuple[Any, ...]:
    """When it is needed; what has no time comes last."""
    sort = entry["_sort"]
    return (
        entry["start_datetime"] or LATEST,
        sort is None,
        sort or 0,
        entry["filename"] or "",
        entry["event_file_id"],
    )


def _public(entry: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in entry.items() if not name.startswith("_")}
    return shown | {"start_datetime": moment(entry["start_datetime"])}
