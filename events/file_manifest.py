"""What a room machine keeps a copy of: the files of an event, by when they are needed; and what changed since."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from crud.models import ChangeLog
from events.models import EventFile
from files.filename import clean_filename
from files.models import HostedFile
from kernel import cursor
from kernel.errors import Invalid

OVERLAP = timedelta(seconds=60)
"""Longer than a write takes to commit: what was saved before a manifest was made, but committed after it, is found."""
MOST_SEEN = 250
LATEST = datetime.max.replace(tzinfo=UTC)

COLUMNS = {
    "event_file_id": "id_random",
    "hosted_file_id": "hosted_file__id_random",
    "filename": "filename",
    "hash_sha256": "hosted_file__hash_sha256",
    "size": "hosted_file__size",
    "content_type": "hosted_file__content_type",
    "event_session_id": "event_session__id_random",
    "event_presentation_id": "event_presentation__id_random",
    "event_presenter_id": "event_presenter__id_random",
}
CHANGED_WITH = ("", "hosted_file__", "event_session__", "event_presentation__", "event_presenter__", "event_location__")
"""Whatever of these is written, the entry may say something else."""


def manifest(event_key: int, event_id: str, since: str | None, location_key: int | None) -> dict[str, Any]:
    """All files that are to be there; or, with `since`, what has changed, gone ones as removed. Raises Invalid."""
    now = timezone.now()
    order = f"file_manifest:{event_id}"
    if since is None:
        rows = EventFile.objects.filter(event_id=event_key, enable=True, hide=False)
        entries = [entry for row in _selected(rows) if not (entry := _entry(row, location_key))["removed"]]
        fresh = _changes(event_key, now - OVERLAP, location_key)
    else:
        begun, seen = _read(order, since)
        changes = _changes(event_key, begun - OVERLAP, location_key)
        entries = [entry for entry in changes if _mark(entry) not in seen]
        fresh = [entry for entry in changes if entry["_written"] >= now - OVERLAP]
    known = [_mark(entry) for entry in fresh][:MOST_SEEN]
    files = [_public(entry) for entry in sorted(entries, key=_when)]
    return {"event_id": event_id, "cursor": cursor.encode(order, [now.isoformat(), known]), "files": files}


def _changes(event_key: int, moment: datetime, location_key: int | None) -> list[dict[str, Any]]:
    rows = EventFile.objects.filter(_written_since(moment), event_id=event_key)
    return [_entry(row, location_key) for row in _selected(rows)] + _gone(event_key, moment)


def _read(order: str, since: str) -> tuple[datetime, set[str]]:
    try:
        moment, seen = cursor.decode(order, since)
    except Invalid:
        raise Invalid.field("since", "Give the cursor of a former manifest of this event.") from None
    return datetime.fromisoformat(moment), set(seen)


def _written_since(moment: datetime) -> Q:
    changed = Q()
    for relation in CHANGED_WITH:
        changed |= Q(**{f"{relation}updated_on__gte": moment})
    return changed


def _selected(rows: Any) -> Any:
    return rows.annotate(
        start=Coalesce("event_presentation__start_datetime", "event_session__start_datetime"),
        place_key=Coalesce("event_location_id", "event_session__event_location_id"),
        place=Coalesce("event_location__id_random", "event_session__event_location__id_random"),
    ).values(
        *COLUMNS.values(),
        *("start", "place", "place_key", "enable", "hide", "sort"),
        *("hosted_file__filename", "hosted_file__enable", "hosted_file__hide", "hosted_file__status"),
        *(f"{relation}updated_on" for relation in CHANGED_WITH),
    )


def _entry(row: dict[str, Any], location_key: int | None) -> dict[str, Any]:
    there = row["enable"] and not row["hide"] and row["hosted_file__enable"] and not row["hosted_file__hide"]
    there = there and row["hosted_file__status"] == HostedFile.Status.READY
    here = location_key is None or row["place_key"] == location_key
    return {
        **{name: row[column] for name, column in COLUMNS.items()},
        "filename": clean_filename(row["filename"] or row["hosted_file__filename"]),  # rooms save it under that
        "event_location_id": row["place"],
        "start_datetime": row["start"],
        "removed": not (there and here),
        "_sort": row["sort"],
        "_written": max(filter(None, (row[f"{relation}updated_on"] for relation in CHANGED_WITH))),
    }


def _gone(event_key: int, moment: datetime) -> list[dict[str, Any]]:
    """What was deleted, or went to another event."""
    log = ChangeLog.objects.filter(
        obj_type=EventFile._meta.db_table, action__in=("deleted", "updated"), created_on__gte=moment
    )
    left = [entry for entry in log.order_by("pk") if entry.changes_json.get("event_id", [None])[0] == event_key]
    back = set(
        EventFile.objects.filter(event_id=event_key, id_random__in=[entry.obj_id for entry in left]).values_list(
            "id_random", flat=True
        )
    )
    empty = dict.fromkeys([*COLUMNS, "event_location_id", "start_datetime", "_sort"])
    return [
        empty | {"event_file_id": entry.obj_id, "removed": True, "_written": entry.created_on}
        for entry in left
        if entry.obj_id not in back
    ]


def _mark(entry: dict[str, Any]) -> str:
    text = f"{entry['event_file_id']} {entry['removed']} {entry['_written'].isoformat()}"
    return hashlib.blake2b(text.encode(), digest_size=6).hexdigest()


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
    return {name: value for name, value in entry.items() if not name.startswith("_")}
