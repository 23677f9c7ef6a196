"""Slots: what there is one current file of in a talk (or session, exhibit, room, event), and when it freezes."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from django.core.exceptions import ValidationError

from events.file_names import folded

SLIDES, VIDEO, POSTER, HANDOUT, OTHER = "slides", "video", "poster", "handout", "other"
SLOTS: Final = (SLIDES, VIDEO, POSTER, HANDOUT, OTHER)
SINGLE: Final = frozenset({SLIDES, VIDEO, POSTER})
"""One current file a parent; of the others one a file name."""
STATES: Final = ("uploaded", "approved", "rejected", "frozen")
EXPECTED: Final = (SLIDES,)
"""Of every presentation, where neither its event nor its session says otherwise."""
MAX_FREEZE_MINUTES: Final = 43_200

PRESENTATIONS: Final = frozenset(
    {
        "application/pdf",
        "application/vnd.ms-powerpoint",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow",
        "application/vnd.ms-powerpoint.presentation.macroenabled.12",
        "application/vnd.ms-powerpoint.slideshow.macroenabled.12",
        "application/vnd.oasis.opendocument.presentation",
        "application/vnd.apple.keynote",
        "application/x-iwork-keynote-sffkey",
    }
)
CONTAINERS: Final = {
    "application/x-ole-storage": (".ppt", ".pps", ".pot"),
    "application/zip": (".key",),
}
"""Types of bytes that hold presentations and much else; there the name decides."""


def default_slot(content_type: str | None, filename: str, *, of_talk: bool) -> str:
    """The slot of a file whose uploader named none."""
    kind = (content_type or "").partition(";")[0].strip().lower()
    if of_talk and (kind in PRESENTATIONS or filename.lower().endswith(CONTAINERS.get(kind, ()))):
        return SLIDES
    return VIDEO if kind.startswith("video/") else OTHER


def slot_key(parent: str, parent_key: int, slot: str, filename: str) -> str:
    """What all versions of one thing have in common."""
    name = "" if slot in SINGLE else folded(filename)
    return blake2b(f"{parent} {parent_key} {slot} {name}".encode(), digest_size=16).hexdigest()


def validate_slots(value: Any) -> None:
    """Of a list of expected slots."""
    if not isinstance(value, list) or len(set(map(str, value))) != len(value) or not set(map(str, value)) <= {*SLOTS}:
        raise ValidationError(f"Give a list with some of: {', '.join(SLOTS)}.")


def validate_configuration(cfg: Any) -> None:
    """The members of `event.cfg_json` that say something of slots. Raises ValidationError."""
    cfg = cfg if isinstance(cfg, dict) else {}
    if cfg.get("expected_slots") is not None:
        try:
            validate_slots(cfg["expected_slots"])
        except ValidationError as error:
            raise ValidationError({"cfg_json": [f"expected_slots: {error.messages[0]}"]}) from None
    minutes = cfg.get("freeze_minutes")
    if minutes is not None and (type(minutes) is not int or not 0 <= minutes <= MAX_FREEZE_MINUTES):
        raise ValidationError({"cfg_json": [f"freeze_minutes: Give a number from 0 to {MAX_FREEZE_MINUTES}, or null."]})
    if not isinstance(cfg.get("files_need_approval", False), bool | None):
        raise ValidationError({"cfg_json": ["files_need_approval: Give true or false."]})


def expected_slots(event_cfg: Any, of_session: Any) -> list[str]:
    """What is expected of each presentation of a session."""
    if isinstance(of_session, list):
        return [slot for slot in SLOTS if slot in of_session]
    configured = (event_cfg or {}).get("expected_slots")
    return [slot for slot in SLOTS if slot in (configured if isinstance(configured, list) else EXPECTED)]


def needs_approval(event_cfg: Any) -> bool:
    return bool((event_cfg or {}).get("files_need_approval"))


NO_APPROVAL_NEEDED: Final[tuple[dict[str, Any], ...]] = (
    {"event__cfg_json__files_need_approval__isnull": True},
    {"event__cfg_json__files_need_approval": False},
    {"event__cfg_json__files_need_approval": None},
)
"""The opposite of `needs_approval`, as conditions of files; one of them holds."""


def freezes_on(start: datetime | None, of_session: int | None, event_cfg: Any) -> datetime | None:
    """When the files of what begins at `start` freeze by themselves; None: never."""
    minutes = of_session if of_session is not None else (event_cfg or {}).get("freeze_minutes")
    if start is None or type(minutes) is not int:
        return None
    try:
        return start - timedelta(minutes=minutes)
    except OverflowError:
        return None
