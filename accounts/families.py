"""Families of refresh tokens: issued, rotated, ended (contract section 2.5).

A refresh token is used once. Who comes with it again is a second tab, or a client whose answer was lost, and gets the
same successor while nobody has used that; or a thief, and the family ends.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts import standing, tokens
from accounts.models import RefreshToken, User
from accounts.tokens import Use
from kernel.errors import Unauthenticated
from kernel.transactions import in_transaction
from tenancy.context import every_tenant


def begin(user: User, key_prefix: str) -> dict[str, Any]:
    """Access and refresh token of somebody who has just signed in."""
    return issue(user, _keep(user, secrets.token_hex(16), secrets.token_hex(16), key_prefix))


def rotate(refresh: str, key_prefix: str) -> dict[str, Any]:
    """The pair that follows a refresh token. Raises Unauthenticated, always in the same words."""
    claims = tokens.read(refresh, frozenset({Use.REFRESH}))
    if standing.key_standing_by_prefix(claims.get("key", "")) is None:
        raise Unauthenticated
    pair: dict[str, Any] | None = in_transaction(lambda: _rotated(claims, key_prefix))
    if pair is None:  # in a transaction of its own: the refusal must not undo it
        end(claims["family"])
        raise Unauthenticated
    return pair


def _rotated(claims: dict[str, Any], key_prefix: str) -> dict[str, Any] | None:
    """None for a second use that no honest client makes."""
    row = RefreshToken.objects.select_for_update().filter(jti=claims.get("id")).first()
    if row is None or row.revoked_on or row.expires_on < timezone.now():
        raise Unauthenticated
    user = user_of(row)
    if not is_current(row, claims, user):
        raise Unauthenticated
    successor_jti = _successor_of(row.jti)
    if row.used_on is None:
        row.used_on = timezone.now()
        row.save(update_fields=["used_on"])
        # In here, so that a second use that waits for the lock finds the new pair.
        return issue(user, _keep(user, row.family, successor_jti, row.key_prefix))
    window = timedelta(seconds=settings.AETHER_REFRESH_REUSE_SECONDS)
    successor = RefreshToken.objects.filter(jti=successor_jti, used_on=None, revoked_on=None).first()
    if successor is None or key_prefix != row.key_prefix or timezone.now() - row.used_on >= window:
        return None
    return issue(user, successor)


def is_current(row: RefreshToken, claims: dict[str, Any], user: User) -> bool:
    """Whether the password is still the one that the token was minted from. Tokens of an older version don't say."""
    minted_from = claims.get("password", row.password)
    return minted_from is None or bool(minted_from == standing.fingerprint(user.password))


def issue(user: User, row: RefreshToken) -> dict[str, Any]:
    """A new access token beside the refresh token of a row. The latter is the same text each time."""
    account_id = user.account.id_random if user.account else None
    role = user.role
    access, expires_on = tokens.make(
        Use.ACCESS,
        user.id_random,
        timedelta(minutes=settings.AETHER_ACCESS_TOKEN_MINUTES),
        account=account_id,
        role=role.label,
        family=row.family,
        password=standing.fingerprint(user.password),
        key=row.key_prefix,
    )
    refresh, _ = tokens.make(
        Use.REFRESH,
        user.id_random,
        row.expires_on - row.created_on,
        issued_on=row.created_on,
        jti=row.jti,
        id=row.jti,
        family=row.family,
        password=row.password,
        key=row.key_prefix,
    )
    return {
        "access": access,
        "refresh": refresh,
        "expires_on": expires_on,
        "account_id": account_id,
        "user": {"id": user.id_random, "username": user.username, "email": user.email, "name": user.name},
        "roles": {flag.label: role >= flag for flag in tokens.FLAGS},
    }


def user_of(row: RefreshToken) -> User:
    """Raises Unauthenticated for a user, or an account, that is no longer enabled."""
    with every_tenant(reason="the user whom a refresh token names"):
        user = User.objects.select_related("account").filter(pk=row.user_id, enable=True, hide=False).first()
    if user is None or (user.account and not user.account.enable):
        raise Unauthenticated
    found: User = user
    return found


def end(family: str) -> None:
    RefreshToken.objects.filter(family=family, revoked_on=None).update(revoked_on=timezone.now())
    standing.forget()


def _keep(user: User, family: str, jti: str, key_prefix: str) -> RefreshToken:
    now = timezone.now().replace(microsecond=0)  # as a token says it
    row: RefreshToken = RefreshToken.objects.create(
        jti=jti,
        family=family,
        user=user,
        key_prefix=key_prefix,
        password=standing.fingerprint(user.password),
        created_on=now,
        expires_on=now + timedelta(days=settings.AETHER_REFRESH_TOKEN_DAYS),
    )
    return row


def _successor_of(jti: str) -> str:
    """Derived, so that it can be told again without being stored; from the signing key, so that nobody else can."""
    return hmac.digest(settings.AETHER_API_JWT_KEY.encode(), f"successor:{jti}".encode(), "sha256").hex()[:32]
