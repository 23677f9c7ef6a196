"""Checks of single values, and of pairs, that the types of several apps have in common."""

from __future__ import annotations

from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, URLValidator

WEB_ADDRESS: Final = [URLValidator(schemes=["http", "https"])]
AUTH_ADDRESSES: Final = ("reset_url", "magic_url", "invite_url")
"""In an account's `cfg_json.auth`: the pages that links of mails lead to."""
MFA_ROLES: Final = ("user", "administrator", "manager")
"""In an account's `cfg_json.auth.mfa_required_roles`: those who may be asked for a second factor."""
LATITUDE: Final = [MinValueValidator(-90.0), MaxValueValidator(90.0)]
LONGITUDE: Final = [MinValueValidator(-180.0), MaxValueValidator(180.0)]


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def validate_time_zone(value: str) -> None:
    if value not in _time_zones():
        raise ValidationError("Give the name of an IANA time zone, such as Europe/Berlin.")


def validate_texts(value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValidationError("Give a list of texts.")


def validate_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValidationError("Give an object.")


def require_order(row: Any, start: str = "start_datetime", end: str = "end_datetime") -> None:
    """Refuse a row that ends before it starts."""
    first, last = getattr(row, start), getattr(row, end)
    if first and last and last < first:
        raise ValidationError({end: [f"It lies before {start}."]})


def is_place(address: str) -> bool:
    """An address of a page, to which a token can be added behind #."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    whole = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    return whole and address.isprintable() and " " not in address and "#" not in address


def validate_auth(cfg: Any) -> None:
    """Of an account's `cfg_json.auth`. Raises ValidationError."""
    auth = cfg.get("auth") if isinstance(cfg, dict) else None
    if auth is None:
        return
    if not isinstance(auth, dict):
        raise ValidationError({"cfg_json": ["auth must be an object."]})
    for name in AUTH_ADDRESSES:
        if (chosen := auth.get(name)) is not None and not (isinstance(chosen, str) and is_place(chosen)):
            raise ValidationError(
                {"cfg_json": [f"auth.{name} must be an address such as https://x.org/join, without #."]}
            )
    roles = auth.get("mfa_required_roles", [])
    if not isinstance(roles, list) or not all(role in MFA_ROLES for role in roles):
        raise ValidationError({"cfg_json": [f"auth.mfa_required_roles must be a list of {', '.join(MFA_ROLES)}."]})
