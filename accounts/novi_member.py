"""What Novi AMS says of a person → the few fields that we pass on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import orjson

FIELDS: Final = ("Active", "FirstName", "LastName", "Name", "Email")
NAME_LENGTH: Final = 200
EMAIL_LENGTH: Final = 254
JOINERS: Final = "\u200c\u200d"
"""Unseen, but part of names and emoji."""


@dataclass(frozen=True, slots=True)
class Member:
    active: bool
    display_name: str | None
    email: str | None


def member_of(body: bytes) -> Member | None:
    """None for an answer that says nothing of a person."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if isinstance(said, dict) and isinstance(said.get("data"), dict):
        said = said["data"]
    if not isinstance(said, dict) or not set(FIELDS) & said.keys():
        return None
    return Member(said.get("Active") is True, _display_name(said), _email(said.get("Email")))


def member_from(stored: Any) -> Member | None:
    """What the cache holds, if it is what was put there."""
    if not isinstance(stored, dict) or stored.keys() != {"active", "display_name", "email"}:
        return None
    texts = ((stored["display_name"], NAME_LENGTH), (stored["email"], EMAIL_LENGTH))
    fits = all(text is None or (isinstance(text, str) and 0 < len(text) <= most) for text, most in texts)
    return Member(**stored) if fits and type(stored["active"]) is bool else None


def _display_name(said: dict[str, Any]) -> str | None:
    """Ada L., else the whole name."""
    first, last, name = (_words(said.get(field)) for field in ("FirstName", "LastName", "Name"))
    shown = f"{first[: NAME_LENGTH - 3]} {last[0]}." if first and last else name or first or last
    return shown[:NAME_LENGTH] or None


def _words(value: Any) -> str:
    """A text on one line, without characters that nobody sees."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() or c in JOINERS else " " for c in value).split())


def _email(value: Any) -> str | None:
    """Novi turns a plus into a blank, and no address has blanks."""
    text = value.strip(" ").replace(" ", "+") if isinstance(value, str) else ""
    return text if 0 < len(text) <= EMAIL_LENGTH and text.isprintable() else None
