"""What would go wrong when a presentation is shown: read from its bytes, held against its room and the version before.

It never keeps an upload out; it says what to look at. The bytes are read in a child (`files/read_slides.py`): when they
arrive (`events.preflight_arrivals`), or when somebody asks before that.
"""

from __future__ import annotations

import json
from collections import Counter
from difflib import SequenceMatcher
from typing import Any, Final

from events.models import EventFile, EventFilePreflight, EventLocation
from events.models.event_file_preflight import PREFLIGHT_LEVELS, UNSUPPORTED
from files.clips import FORMATS, has_ffmpeg
from files.inspection import content_type_without_parameters, inspect, inspect_film
from files.models import HostedFile

OPENXML: Final = "application/vnd.openxmlformats-officedocument.presentationml."
MACROS: Final = "application/vnd.ms-powerpoint."
KINDS: Final = {
    "application/pdf": "pdf",
    "application/vnd.oasis.opendocument.presentation": "odp",
    f"{OPENXML}presentation": "pptx",
    f"{OPENXML}slideshow": "pptx",
    f"{MACROS}presentation.macroenabled.12": "pptx",
    f"{MACROS}slideshow.macroenabled.12": "pptx",
}
BY_NAME: Final = {".pptx": "pptx", ".ppsx": "pptx", ".pptm": "pptx", ".ppsm": "pptx", ".odp": "odp", ".pdf": "pdf"}
TOLERATED: Final = 0.02
"""By how much, of itself, an aspect ratio may differ from the screen's."""
WORDS: Final = {
    "password": "It is locked with a password; the room can't open it.",
    "unreadable": "It can't be read: it is damaged, or of a kind that is not looked into.",
    "too_large": "It is too large to be looked into.",
    "macros": "It holds macros; they do not run in the room.",
    "comments": "Comments were left in.",
    "notes": "Speaker notes were left in.",
    "external_reference": "It refers to a file that is not in it.",
}
FILM: Final = "video"
PLAYED: Final = frozenset({"h264", "vp8", "vp9", "av1"})
"""Codecs of a picture that every room plays."""
TOO_LOUD, TOO_QUIET = -9.0, -40.0
"""The mean of the sound, in dB of full scale: speech and music lie between."""
LEVELS: Final = {"comments": "info", "notes": "info", "external_reference": "warning", "macros": "warning"}


def preflight(row: EventFile) -> dict[str, Any]:
    """The report of a file, shaped as docs/rooms.md says. Raises Throttled, Unavailable."""
    kind = kind_of(row.hosted_file)
    return report_of(row, kind, seen_in(row, kind) if kind is not None else None)


def seen_in(row: EventFile, kind: str) -> dict[str, Any] | str:
    """What was found in its bytes when they arrived, or is found now; or the word for why nothing was."""
    kept = EventFilePreflight.objects.filter(event_file=row, hash_sha256=row.hosted_file.hash_sha256).first()
    if kept is None or not (kept.seen_json or kept.unread):
        return look_into(row.hosted_file, kind)
    seen: dict[str, Any] | str = kept.unread or kept.seen_json
    return seen


def worst_level(report: dict[str, Any]) -> str:
    if report["status"] == UNSUPPORTED:
        return UNSUPPORTED
    return max((one["level"] for one in report["findings"]), key=PREFLIGHT_LEVELS.index, default="clean")


def report_of(row: EventFile, kind: str | None, seen: dict[str, Any] | str | None) -> dict[str, Any]:
    """Of what was seen in its bytes, held against its room of now and the version before."""
    report: dict[str, Any] = {
        "status": "ready",
        "kind": kind,
        **dict.fromkeys(("pages", "width", "height", "aspect_ratio", "duration")),
        "fonts": [],
        "media": [],
        "findings": [],
        "thumbnails": [],
        "changes": None,
    }
    if kind is None or seen is None:
        return report | {"status": UNSUPPORTED}
    if isinstance(seen, str):
        return report | {"status": "failed", "findings": [finding(seen, "error", None, WORDS[seen])]}
    room = room_of(row)
    if kind == FILM:
        return report | of_film(row, seen, room)
    ratio = round(seen["width"] / seen["height"], 4) if seen["height"] else None
    installed = {name.casefold() for name in room.fonts_json or []} if room is not None else set()
    report |= {
        "pages": len(seen["pages"]),
        "width": round(seen["width"], 2),
        "height": round(seen["height"], 2),
        "aspect_ratio": ratio,
        "fonts": [
            {"name": name, "embedded": embedded, "in_room": name.casefold() in installed if installed else None}
            for name, embedded in seen["fonts"]
        ],
        "media": [
            dict(zip(("page", "name", "kind", "embedded", "missing", "size"), medium, strict=True)) | {"codec": None}
            for medium in seen["media"]
        ],
    }
    report["findings"] = [*of_screen(ratio, room), *of_fonts(report["fonts"]), *of_media(report["media"])]
    report["findings"] += [finding(code, LEVELS[code], page, WORDS[code]) for code, page in seen["left_in"]]
    report["changes"] = changes(row, kind, seen["pages"])
    return report


def of_film(row: EventFile, seen: dict[str, Any], room: EventLocation | None) -> dict[str, Any]:
    ratio = round(seen["width"] / seen["height"], 4) if seen["height"] else None
    name = row.filename or row.hosted_file.filename
    medium = {"page": None, "name": name, "kind": FILM, "embedded": True, "missing": False}
    return {
        **{part: seen[part] for part in ("duration", "width", "height")},
        "aspect_ratio": ratio,
        "media": [medium | {"size": row.hosted_file.size, "codec": seen["codec"]}],
        "findings": [*of_screen(ratio, room), *of_codec(seen["codec"]), *of_length(row, seen), *of_volume(seen)],
    }


def of_codec(codec: str | None) -> list[dict[str, Any]]:
    if codec in PLAYED:
        return []
    words = f"Its picture is {codec}, which not every room plays; H.264 is safe." if codec else "It has no picture."
    return [finding("codec", "warning", None, words)]


def of_length(row: EventFile, seen: dict[str, Any]) -> list[dict[str, Any]]:
    """Against the time of its talk, else of its session."""
    for place in (row.event_presentation, row.event_session):
        if place is not None and place.start_datetime and place.end_datetime:
            there = (place.end_datetime - place.start_datetime).total_seconds()
            if seen["duration"] is None or seen["duration"] <= there:
                return []
            words = f"It lasts {clock(seen['duration'])}, and there is time for {clock(there)}."
            return [finding("too_long", "warning", None, words)]
    return []


def clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02} minutes"


def of_volume(seen: dict[str, Any]) -> list[dict[str, Any]]:
    mean = seen["mean_volume"]
    if mean is None or TOO_QUIET <= mean <= TOO_LOUD:
        return []
    code, how = ("too_loud", "loud") if mean > TOO_LOUD else ("too_quiet", "quiet, or silent")
    return [finding(code, "warning", None, f"Its sound is very {how}: {mean:.0f} dB of full scale in the mean.")]


def kind_of(file: HostedFile) -> str | None:
    content_type = content_type_without_parameters(file)
    known = FILM if content_type in FORMATS and has_ffmpeg() else KINDS.get(content_type)
    if known is None and content_type in ("application/zip", "application/x-ole-storage", "application/octet-stream"):
        name = (file.filename or "").lower()
        known = next((kind for ending, kind in BY_NAME.items() if name.endswith(ending)), None)
    return known


def look_into(file: HostedFile, kind: str) -> dict[str, Any] | str:
    """What was found, or the word for why nothing was."""
    if kind == FILM:
        return inspect_film(file) or "unreadable"
    text, word = inspect(file, "files.read_slides", kind)
    if text is None:
        return word if word in WORDS else "unreadable"
    found: dict[str, Any] = json.loads(text)
    return found


def room_of(row: EventFile) -> EventLocation | None:
    """The file's own, else the session's, as the manifest has it."""
    key = row.event_location_id
    if key is None and row.event_session is not None:
        key = row.event_session.event_location_id
    found: EventLocation | None = EventLocation.objects.filter(pk=key).first() if key is not None else None
    return found


def finding(code: str, level: str, page: int | None, message: str) -> dict[str, Any]:
    return {"code": code, "level": level, "page": page, "message": message}


def of_screen(ratio: float | None, room: EventLocation | None) -> list[dict[str, Any]]:
    if ratio is None or room is None or not room.screen_width or not room.screen_height:
        return []
    screen = room.screen_width / room.screen_height
    if abs(ratio / screen - 1) <= TOLERATED:
        return []
    size = f"{room.screen_width} × {room.screen_height}"
    words = f"Its pages are {ratio:.2f} to 1, the room's screen is {screen:.2f} to 1 ({size}); it will have borders."
    return [finding("aspect_ratio", "warning", None, words)]


def of_fonts(fonts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of those that are not in the file: whether the room has them, where it says which it has."""
    found = []
    for font in fonts:
        if font["embedded"] or font["in_room"]:
            continue
        if font["in_room"] is None:
            words = f"The font {font['name']} is not in the file; the room needs it."
            found.append(finding("font_not_embedded", "warning", None, words))
        else:
            words = f"The font {font['name']} is neither in the file nor in the room."
            found.append(finding("font_not_in_room", "error", None, words))
    return found


def of_media(media: list[dict[str, Any]]) -> list[dict[str, Any]]:
    missing = (one for one in media if one["missing"])
    return [
        finding("linked_media", "error", one["page"], f"{one['name'] or 'A file'} is linked, and was not sent along.")
        for one in missing
    ]


def changes(row: EventFile, kind: str, pages: list[str]) -> dict[str, Any] | None:
    """Against the version before. Numbers are this version's, of what was removed the former one's; a page that only
    moved is no change."""
    former = row.versions().filter(version__lt=row.version).select_related("hosted_file").order_by("-version").first()
    if row.slot_key is None or former is None or kind_of(former.hosted_file) != kind:
        return None
    seen = seen_in(former, kind)
    if isinstance(seen, str):
        return None
    changed, added, removed = compare(seen["pages"], pages)
    return {"against_version": former.version, "pages": changed, "added": added, "removed": removed}


def compare(before: list[str], after: list[str]) -> tuple[list[int], list[int], list[int]]:
    """Numbers of pages that were changed, added, removed."""
    gone, new = Counter(before) - Counter(after), Counter(after) - Counter(before)
    changed: list[int] = []
    added: list[int] = []
    removed: list[int] = []
    for _, low, high, start, end in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        old = [number + 1 for number in range(low, high) if _taken(gone, before[number])]
        fresh = [number + 1 for number in range(start, end) if _taken(new, after[number])]
        both = min(len(old), len(fresh))
        changed += fresh[:both]
        added += fresh[both:]
        removed += old[both:]
    return changed, added, removed


def _taken(counts: Counter[str], digest: str) -> bool:
    counts[digest] -= 1
    return counts[digest] >= 0
