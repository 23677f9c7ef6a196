"""What changes the manifests of an event raises its number, in the same transaction, whichever door it comes by."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Q
from django.dispatch import receiver

from crud import Change, recorded
from events.models import EventFile, EventFileDeparture, EventManifest

DECISIVE: Final = {
    "event": frozenset({"cfg_json"}),
    "event_session": frozenset({"event_location_id", "start_datetime", "freeze_minutes"}),
    "event_presentation": frozenset({"event_session_id", "start_datetime"}),
    "hosted_file": frozenset({"filename", "enable", "hide", "status", "hash_sha256", "size", "content_type"}),
}
"""Type → the columns of which the entries of its files in a manifest say something, or that freeze them."""
FREEZING: Final = frozenset({"cfg_json", "start_datetime", "freeze_minutes", "event_session_id"})


@receiver(recorded)
def follow(sender: Any, *, changes: list[Change], **signal: Any) -> None:
    for change in changes:
        if change.obj_type == "event_file":
            _file_changed(change)
        elif change.obj_type == "event" and change.action == "created" and change.account_id is not None:
            EventManifest(event_id=change.pk, account_id=change.account_id).save(force_insert=True)
        elif change.action == "updated" and DECISIVE.get(change.obj_type, frozenset()) & change.columns.keys():
            files = EventFile.objects.filter(Q(**{f"{change.obj_type}_id": change.pk}))
            _touch(files, files.order_by("event_id").values_list("event_id", flat=True).distinct())
            if FREEZING & change.columns.keys():
                refresh_states(files)


def _file_changed(change: Change) -> None:
    event_id = change.state["event_id"]
    before = change.columns.get("event_id", (event_id, None))[0] if change.action != "created" else None
    if change.action != "deleted":
        _touch(EventFile.objects.filter(pk=change.pk), [event_id])
    if before is not None and change.account_id is not None and (change.action == "deleted" or before != event_id):
        EventManifest.advance(before)
        seq = EventManifest.objects.values_list("seq", flat=True).get(event_id=before)
        departure = EventFileDeparture(event_id=before, account_id=change.account_id, seq=seq)
        departure.event_file_id_random = change.obj_id
        departure.save(force_insert=True)


def _touch(files: Any, event_ids: Iterable[int | None]) -> None:
    for event_id in list(event_ids):
        if event_id is not None:
            EventManifest.advance(event_id)
            files.filter(event_id=event_id).update(changed_seq=EventManifest.number_of(event_id))


def refresh_states(files: Any) -> int:
    """Write `slot_state` anew where time or a new start has changed it. Answers of how many."""
    count = 0
    for file in files.filter(is_current=True):
        before = file.slot_state
        file.save()
        count += file.slot_state != before
    return count
