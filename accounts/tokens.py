"""JSON Web Tokens: made and read here only (contract section 2.5, RFC 7519, RFC 8725)."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import jwt
from django.conf import settings
from django.utils import timezone
from jwt.utils import base64url_decode, base64url_encode

from kernel.errors import Unauthenticated
from tenancy.principal import Role

ALGORITHM: Final = "HS256"
LEEWAY: Final = 30
MAX_LENGTH: Final = 4_096
REQUIRED: Final = ["exp", "iat", "iss", "aud", "sub"]


class Use(StrEnum):
    """What a token is for. A token opens no door but its own."""

    ACCESS = "access"
    PASSCODE = "passcode"
    GUEST = "guest"
    REFRESH = "refresh"
    DOWNLOAD = "download"


ENTRANCE: Final = frozenset({Use.ACCESS, Use.PASSCODE, Use.GUEST})
"""The uses that authenticate a request."""
LINK: Final = ENTRANCE | {Use.DOWNLOAD}
"""Those that a download takes: a link to one file opens no other door."""


@lru_cache(maxsize=8)
def _keys(current: str, previous: tuple[str, ...]) -> dict[str, str]:
    """kid → key; the first signs, all verify, so that keys rotate with an overlap."""
    return {sha256(f"kid:{key}".encode()).hexdigest()[:12]: key for key in (current, *previous)}


def keys() -> dict[str, str]:
    return _keys(settings.AETHER_API_JWT_KEY, tuple(settings.AETHER_API_JWT_PREVIOUS_KEYS))


FLAGS: Final = (Role.SUPER, Role.MANAGER, Role.ADMINISTRATOR)
"""The roles that answers spell out for front ends."""


def make(
    use: Use, subject: str, lifetime: timedelta, *, issued_on: datetime | None = None, jti: str = "", **claims: Any
) -> tuple[str, datetime]:
    """A signed token and when it expires. Claims are public ids and names only.

    With `issued_on` and `jti` the same arguments make the same token.
    """
    now = (issued_on or timezone.now()).replace(microsecond=0)
    expires_on = now + lifetime
    kid, key = next(iter(keys().items()))
    payload = {
        "iss": settings.AETHER_JWT_ISSUER,
        "aud": settings.AETHER_JWT_AUDIENCE,
        "iat": now,
        "exp": expires_on,
        "sub": subject,
        "jti": jti or secrets.token_hex(16),
        "use": use,
        **{name: value for name, value in claims.items() if value is not None},
    }
    return jwt.encode(payload, key, algorithm=ALGORITHM, headers={"kid": kid}), expires_on


def read(token: str, uses: frozenset[Use]) -> dict[str, Any]:
    """The claims of a good token. Raises Unauthenticated for any other, always in the same words."""
    if not token or len(token) > MAX_LENGTH:
        raise Unauthenticated
    try:
        _check_spelling(token)
        key = keys()[jwt.get_unverified_header(token)["kid"]]
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            issuer=settings.AETHER_JWT_ISSUER,
            audience=settings.AETHER_JWT_AUDIENCE,
            leeway=LEEWAY,
            options={"require": REQUIRED},
        )
    except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError, RecursionError):
        raise Unauthenticated from None
    if claims.get("use") not in uses:
        raise Unauthenticated
    return claims


def _check_spelling(token: str) -> None:
    """Refuse a signature that is spelled otherwise than we spell it: decoding passes over padding and stray signs."""
    signature = token.rpartition(".")[2]
    if base64url_encode(base64url_decode(signature)).decode() != signature:
        raise jwt.DecodeError("not canonical")
