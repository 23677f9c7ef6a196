"""JSON Web Tokens on simplejwt's classes: made and read here only (contract section 2.5, RFC 7519, RFC 8725)."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import blake2b, sha256
from types import MappingProxyType
from typing import Any, Final

import jwt
from django.conf import settings
from django.utils import timezone
from jwt.utils import base64url_decode, base64url_encode
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError, TokenError
from rest_framework_simplejwt.tokens import Token

from accounts.short_memory import ShortMemory
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
    EXHIBITOR = "exhibitor"
    PASSWORD_RESET = "password_reset"  # noqa: S105  (the use, no secret)
    MAGIC_LINK = "magic_link"
    INVITATION = "invitation"
    MFA = "mfa"
    MFA_SETUP = "mfa_setup"


ENTRANCE: Final = frozenset({Use.ACCESS, Use.PASSCODE, Use.GUEST, Use.EXHIBITOR})
"""The uses that authenticate a request."""
LINK: Final = ENTRANCE | {Use.DOWNLOAD}
"""Those that a download takes: a link to one file opens no other door."""


FLAGS: Final = (Role.SUPER, Role.MANAGER, Role.ADMINISTRATOR)
"""The roles that answers spell out for front ends."""


@lru_cache(maxsize=8)
def _keys(current: str, previous: tuple[str, ...]) -> dict[str, str]:
    """kid → key; the first signs, all verify, so that keys rotate with an overlap."""
    return {sha256(f"kid:{key}".encode()).hexdigest()[:12]: key for key in (current, *previous)}


def keys() -> dict[str, str]:
    return _keys(settings.AETHER_API_JWT_KEY, tuple(settings.AETHER_API_JWT_PREVIOUS_KEYS))


class RotatingBackend(TokenBackend):
    """Signs by the first key and verifies by the one that `kid` names; issuer and audience are the settings' own."""

    def encode(self, payload: dict[str, Any]) -> str:
        kid, key = next(iter(keys().items()))
        parties = {"iss": settings.AETHER_JWT_ISSUER, "aud": settings.AETHER_JWT_AUDIENCE}
        return jwt.encode(payload | parties, key, algorithm=self.algorithm, headers={"kid": kid})

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """The claims; always verified. Raises TokenBackendError."""
        try:
            _check_spelling(token)
            claims: dict[str, Any] = jwt.decode(
                token,
                keys()[jwt.get_unverified_header(token)["kid"]],
                algorithms=[self.algorithm],
                issuer=settings.AETHER_JWT_ISSUER,
                audience=settings.AETHER_JWT_AUDIENCE,
                leeway=self.get_leeway(),
                options={"require": REQUIRED},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
            raise TokenBackendError("Token is invalid") from error
        return claims


def _check_spelling(token: str) -> None:
    """Refuse a signature that is spelled otherwise than we spell it: decoding passes over padding and stray signs."""
    signature = token.rpartition(".")[2]
    if base64url_encode(base64url_decode(signature)).decode() != signature:
        raise jwt.DecodeError("not canonical")


class AetherToken(Token):
    _token_backend = RotatingBackend(ALGORITHM, leeway=LEEWAY)


class AccessToken(AetherToken):
    token_type = Use.ACCESS
    lifetime = timedelta(hours=1)


class PasscodeToken(AetherToken):
    token_type = Use.PASSCODE
    lifetime = timedelta(hours=12)


class GuestToken(AetherToken):
    token_type = Use.GUEST
    lifetime = timedelta(hours=24)


class SignedRefreshToken(AetherToken):
    token_type = Use.REFRESH
    lifetime = timedelta(days=14)


class ExhibitorToken(AetherToken):
    token_type = Use.EXHIBITOR
    lifetime = timedelta(hours=8)


class DownloadToken(AetherToken):
    token_type = Use.DOWNLOAD
    lifetime = timedelta(minutes=30)


class PasswordResetToken(AetherToken):
    token_type = Use.PASSWORD_RESET
    lifetime = timedelta(minutes=30)


class MagicLinkToken(AetherToken):
    token_type = Use.MAGIC_LINK
    lifetime = timedelta(minutes=15)


class InvitationToken(AetherToken):
    token_type = Use.INVITATION
    lifetime = timedelta(days=7)


class MfaToken(AetherToken):
    """Of who has shown the first factor: it opens nothing but the question for the second."""

    token_type = Use.MFA
    lifetime = timedelta(minutes=5)


class MfaSetupToken(AetherToken):
    """Of who must set up a second factor first."""

    token_type = Use.MFA_SETUP
    lifetime = timedelta(minutes=15)


CLASSES: Final[dict[str, type[AetherToken]]] = {
    use.token_type: use
    for use in (
        *(AccessToken, PasscodeToken, GuestToken, ExhibitorToken, SignedRefreshToken, DownloadToken),
        *(PasswordResetToken, MagicLinkToken, InvitationToken, MfaToken, MfaSetupToken),
    )
}


class TokenOfAnyUse(AetherToken):
    """Decoded once, where one class after the other would decode it five times. Who reads it asks for its use."""

    token_type = "any"  # noqa: S105  (the use, no secret)
    lifetime = timedelta(0)

    def verify_token_type(self) -> None:
        if self.payload.get("use") not in CLASSES:
            raise TokenError("Token has wrong type")


def make(
    use: Use, subject: str, lifetime: timedelta, *, issued_on: datetime | None = None, **claims: Any
) -> tuple[str, datetime]:
    """A signed token and when it expires. Claims are public ids and names only.

    `issued_on` and the claim `jti` are given where the same token must be made twice.
    """
    issued_on = (issued_on or timezone.now()).replace(microsecond=0)
    token = CLASSES[use]()
    token.set_iat(at_time=issued_on)
    token.set_exp(from_time=issued_on, lifetime=lifetime)
    token["sub"] = subject
    token.payload.update({name: value for name, value in claims.items() if value is not None})
    return str(token), issued_on + lifetime


_verified: ShortMemory[Mapping[str, Any]] = ShortMemory(name="tokens")


def forget() -> None:
    """Drop what is remembered in this process."""
    _verified.clear()


def verified(token: str) -> Mapping[str, Any]:
    """The claims of a good token. Its signature is looked at once in three seconds, its times always; whether its user,
    family and key still stand is for `accounts.standing`. Raises Unauthenticated, always in the same words."""
    if not token or len(token) > MAX_LENGTH:
        raise Unauthenticated
    digest = blake2b(token.encode("utf-8", "replace"), digest_size=16).digest()
    claims = _verified.get((digest, *keys()), lambda: _read(token))  # what is refused is not remembered
    now = time.time()
    if float(claims["exp"]) + LEEWAY <= now or max(float(claims["iat"]), float(claims.get("nbf", 0))) - LEEWAY > now:
        raise Unauthenticated
    return claims


def _read(token: str) -> Mapping[str, Any]:
    try:
        claims = TokenOfAnyUse(token).payload  # type: ignore[arg-type]  # a text is what it decodes
        float(claims["exp"]), float(claims["iat"]), float(claims.get("nbf", 0))
        return MappingProxyType(claims)
    except (TokenError, TypeError, ValueError, OverflowError, OSError):
        raise Unauthenticated from None


def read(token: str, uses: frozenset[Use]) -> Mapping[str, Any]:
    """The claims of a good token for one of these uses. Raises Unauthenticated."""
    claims = verified(token)
    if claims["use"] not in uses:
        raise Unauthenticated
    return claims
