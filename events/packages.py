"""The files of an event as one zip, for rooms without a launcher: in folders, in the order in which they are needed,
with the manifest that says what they are."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from events.file_manifest import manifest
from events.file_names import portable_name
from events.manifest_signature import signed
from events.models import Event, EventLocation, EventSession
from events.upload_links import zone_of
from files import store
from files.child import Made, MediaError
from files.derive import BUILDERS, Beat, Collection

KIND: Final = "package"
BY: Final = ("room", "day", "session")
MANIFEST: Final = "manifest.json"
OLDEST: Final = (1980, 1, 1, 0, 0, 0)
"""A zip knows no earlier time; one time for all, so that the same files are the same zip."""


def order_of(event: Event, by: str, since: str | None) -> Collection:
    """What is to be made now. Asked again before anything changes, it is the same. Raises Invalid for a foreign
    `since`."""
    seq = manifest(event.pk, since, None)["seq"]
    name = portable_name(f"{event.code or event.name} by {by}{' changes' if since else ''}.zip")
    return Collection(KIND, {"event": event.pk, "by": by, "since": since, "seq": seq}, name)


def build(parameters: dict[str, Any], place: Path, beat: Beat) -> Made:
    """Raises MediaError, StorageFull. Memory stays flat, whatever the files are."""
    event = Event.objects.select_related("account").filter(pk=parameters["event"]).first()
    if event is None:
        raise MediaError("The event is gone.")
    listed = manifest(event.pk, parameters["since"], None)
    entries = [entry for entry in listed["files"] if not entry["removed"]]
    paths = paths_of(event, parameters["by"], entries)
    listing = {name: listed[name] for name in ("event_id", "since", "seq", "made_on", "cursor")}
    listing["by"] = parameters["by"]
    listing["files"] = [entry | {"path": path} for entry, path in zip(entries, paths, strict=True)]
    listing["removed"] = [entry["event_file_id"] for entry in listed["files"] if entry["removed"]]
    whole = signed(listing, event.account.id_random)
    total = sum(entry["size"] or 0 for entry in entries) or 1
    written = 0
    target = place / "package.zip"
    try:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            with archive.open(zipfile.ZipInfo(MANIFEST, OLDEST), "w") as file:
                file.write(json.dumps(whole, ensure_ascii=False, indent=1).encode())
            for entry, path in zip(entries, paths, strict=True):
                written = _add(archive, entry, path, written, total, beat)
    except OSError as error:
        raise store.no_room_for(error) from error
    return Made(target)


def _add(archive: zipfile.ZipFile, entry: dict[str, Any], path: str, written: int, total: int, beat: Beat) -> int:
    size, digest = entry["size"] or 0, hashlib.sha256()
    info = zipfile.ZipInfo(path, OLDEST)
    info.external_attr = 0o644 << 16
    info.file_size = size
    try:
        chunks = store.read(entry["hash_sha256"], 0, size + 1)
    except FileNotFoundError:
        raise MediaError(f"The bytes of {entry['filename']} are not there.") from None
    with archive.open(info, "w", force_zip64=size > 2**31) as file:
        for chunk in chunks:
            file.write(chunk)
            digest.update(chunk)
            written += len(chunk)
            beat(min(99, 100 * written // total))
    if digest.hexdigest() != entry["hash_sha256"]:
        raise MediaError(f"The bytes of {entry['filename']} are damaged.")
    return written


def paths_of(event: Event, by: str, entries: list[dict[str, Any]]) -> list[str]:
    """A place in the zip for each entry: they come by when they are needed, and are numbered so in their folder."""
    zone = ZoneInfo(zone_of(event))
    rooms = dict(EventLocation.objects.filter(event=event).values_list("id_random", "name"))
    sessions = {
        public_id: (name, start)
        for public_id, name, start in EventSession.objects.filter(event=event).values_list(
            "id_random", "name", "start_datetime"
        )
    }
    numbers: dict[str, int] = defaultdict(int)
    paths = []
    for entry in entries:
        start = _local(entry["start_datetime"], zone)
        room = rooms.get(entry["event_location_id"] or "", "")
        if by == "room":
            folder, detail = room or "Without a room", f"{start:%m-%d %H%M}" if start else ""
        elif by == "day":
            folder, detail = (
                f"{start:%Y-%m-%d}" if start else "Without a day",
                f"{start:%H%M} {room}" if start else room,
            )
        else:
            name, begins = sessions.get(entry["event_session_id"] or "", ("Without a session", None))
            there = begins.astimezone(zone) if begins else None
            folder, detail = f"{there:%Y-%m-%d %H%M} {name}" if there else name, room
        folder = portable_name(folder)
        numbers[folder] += 1
        parts = (f"{numbers[folder]:03}", detail, entry["save_as"] or entry["filename"])
        paths.append(f"{folder}/{portable_name(' '.join(filter(None, (part.strip() for part in parts))))}")
    return paths


def _local(moment: str | None, zone: ZoneInfo) -> datetime | None:
    return datetime.fromisoformat(moment).astimezone(zone) if moment else None


BUILDERS[KIND] = build
