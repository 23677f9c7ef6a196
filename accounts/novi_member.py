"""What Novi AMS says of a person → the few fields that we pass on, and whether the person is a member (contract
section 8)."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import orjson
from django.utils import timezone

FIELDS: Final = ("Active", "FirstName", "LastName", "Name", "Email", "MemberStatus")
NAME_LENGTH: Final = 200
EMAIL_LENGTH: Final = 254
STATUS_LENGTH: Final = 100
JOINERS: Final = "\u200c\u200d"
"""Unseen, but part of names and emoji."""
ADMITTED: Final = ("current", "grace_period")
"""Each account may name others; see `admitted_statuses`."""
LAST_ZONE: Final = timedelta(hours=12)
"""A membership holds until its last day is over everywhere."""
NOT_SET: Final = 1
"""The year in which Novi's own language puts a date that nobody gave."""
UNREADABLE: Final = ""
"""What is there, and is no date or no status: it lets nobody in."""


@dataclass(frozen=True, slots=True)
class Member:
    active: bool
    """What Novi's own field says; whether to let the person in, `is_admitted` does."""
    display_name: str | None
    email: str | None
    status: str | None = None
    """As Novi spells it; None where it says none."""
    expires_on: str | None = None
    """The last day, as YYYY-MM-DD."""
    as_of: int = field(default_factory=lambda: int(timezone.now().timestamp()), compare=False)
    """When Novi said so: seconds since 1970."""
    stale: bool = False
    """Whether Novi was asked since, and could not answer."""

    @property
    def heard_on(self) -> datetime:
        return datetime.fromtimestamp(self.as_of, UTC)

    def is_admitted(self, statuses: Collection[str]) -> bool:
        """`statuses` as `plain` spells them. Without a status, `Active` and the last day decide."""
        if self.status is not None:
            return plain(self.status) in statuses
        if not self.active or self.expires_on == UNREADABLE:
            return False
        return self.expires_on is None or (timezone.now() - LAST_ZONE).date() <= date.fromisoformat(self.expires_on)


def plain(status: str) -> str:
    """Without case, blanks, dashes."""
    return re.sub(r"[\s_‐-―-]+", "", status).casefold()


def admitted_statuses(cfg_json: Any) -> frozenset[str]:
    """Of an account: `cfg_json.novi.admitted_statuses`, a list of texts; without one, ADMITTED."""
    novi = cfg_json.get("novi") if isinstance(cfg_json, dict) else None
    named = novi.get("admitted_statuses") if isinstance(novi, dict) else None
    if not isinstance(named, list) or not all(isinstance(status, str) for status in named):
        named = list(ADMITTED)
    return frozenset(plain(status) for status in named) - {""}


def member_of(body: bytes) -> Member | None:
    """None for an answer that says nothing of a person."""
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if isinstance(answer, dict) and isinstance(answer.get("data"), dict):
        answer = answer["data"]
    if not isinstance(answer, dict) or not set(FIELDS) & answer.keys():
        return None
    return Member(
        active=answer.get("Active") is True,
        display_name=_display_name(answer),
        email=_email(answer.get("Email")),
        status=_status(answer.get("MemberStatus")),
        expires_on=_last_day(answer.get("MembershipExpires")),
    )


def member_from(stored: Any) -> Member | None:
    """What the cache holds, if it is what was put there."""
    if not isinstance(stored, dict) or stored.keys() != set(Member.__slots__):
        return None
    lengths = {"display_name": NAME_LENGTH, "email": EMAIL_LENGTH, "status": STATUS_LENGTH, "expires_on": 10}
    texts = ((stored[name], most) for name, most in lengths.items())
    fits = all(text is None or (isinstance(text, str) and len(text) <= most) for text, most in texts)
    fits = fits and type(stored["active"]) is bool and type(stored["stale"]) is bool and type(stored["as_of"]) is int
    if not fits or (stored["expires_on"] and _last_day(stored["expires_on"]) != stored["expires_on"]):
        return None
    return Member(**stored)


def _status(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return _words(value)[:STATUS_LENGTH] or UNREADABLE


def _last_day(value: Any) -> str | None:
    """From a date, or a moment, as ISO 8601 or as Americans write it."""
    if value is None or value == "":
        return None
    text = value.strip() if isinstance(value, str) else ""
    if american := re.fullmatch(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})(?: .{1,20})?", text, re.ASCII):
        month, day, year = american.groups()
        text = f"{year}-{month:0>2}-{day:0>2}"
    try:
        parsed = date.fromisoformat(text[:10])
    except ValueError:
        return UNREADABLE
    return None if parsed.year <= NOT_SET else parsed.isoformat()


def _display_name(answer: dict[str, Any]) -> str | None:
    """Ada L., else the whole name."""
    first, last, name = (_words(answer.get(field)) for field in ("FirstName", "LastName", "Name"))
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
