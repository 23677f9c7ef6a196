"""Sessions, each a family of refresh tokens: issued, rotated, ended (contract section 2.5).

A refresh token is used once. Who comes with it again is a second tab, or a client whose answer was lost, and gets the
same successor while nobody has used that; or a thief, and the family ends.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts import standing, tokens
from accounts.models import RefreshToken, User
from accounts.peer import peer_address
from accounts.tokens import Use
from kernel.errors import Unauthenticated
from kernel.transactions import in_transaction
from tenancy.context import every_tenant

LONGEST_DEVICE = 200


@dataclass(frozen=True, slots=True)
class SignInPlace:
    """Where somebody signs in: the browser or program as it names itself, its address, the key that it comes with."""

    device: str
    address: str
    key_prefix: str

    @classmethod
    def of(cls, meta: dict[str, Any], key_prefix: str) -> SignInPlace:
        device = "".join(sign for sign in meta.get("HTTP_USER_AGENT", "") if sign.isprintable())
        return cls(device[:LONGEST_DEVICE], peer_address(meta), key_prefix)


def begin(user: User, place: SignInPlace) -> dict[str, Any]:
    """Access and refresh token of somebody who has just signed in."""
    family, jti = secrets.token_hex(16), secrets.token_hex(16)
    return issue(user, _keep(user, family, jti, place.key_prefix, place, began_on=timezone.now()))


def rotate(refresh: str, place: SignInPlace, may_act_for: Callable[[User], bool]) -> dict[str, Any]:
    """The pair that follows a refresh token. Raises Unauthenticated, always in the same words.

    `may_act_for`: whether the key that it comes with opens the user's account; where not, nothing is used up.
    """
    claims = tokens.read(refresh, frozenset({Use.REFRESH}))
    if standing.key_standing_by_prefix(claims.get("key", "")) is None:
        raise Unauthenticated
    pair: dict[str, Any] | None = in_transaction(lambda: _rotated(claims, place, may_act_for))
    if pair is None:  # in a transaction of its own: the refusal must not undo it
        end(family=claims["family"])
        raise Unauthenticated
    return pair


def _rotated(
    claims: Mapping[str, Any], place: SignInPlace, may_act_for: Callable[[User], bool]
) -> dict[str, Any] | None:
    """None for a second use that no honest client makes."""
    row = RefreshToken.objects.select_for_update().filter(jti=claims.get("id")).first()
    if row is None or row.revoked_on or row.expires_on < timezone.now():
        raise Unauthenticated
    user = user_of(row)
    if not is_current(row, claims, user) or not may_act_for(user):
        raise Unauthenticated
    successor_jti = _successor_of(row.jti)
    if row.used_on is None:
        row.used_on = timezone.now()
        row.save(update_fields=["used_on"])
        began_on = row.began_on or row.created_on
        # In here, so that a second use that waits for the lock finds the new pair.
        return issue(user, _keep(user, row.family, successor_jti, row.key_prefix, place, began_on=began_on))
    window = timedelta(seconds=settings.AETHER_REFRESH_REUSE_SECONDS)
    successor = RefreshToken.objects.filter(jti=successor_jti, used_on=None, revoked_on=None).first()
    if successor is None or place.key_prefix != row.key_prefix or timezone.now() - row.used_on >= window:
        return None
    return issue(user, successor)


def is_current(row: RefreshToken, claims: Mapping[str, Any], user: User) -> bool:
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
    owner: User = user
    return owner


def open_sessions(user_id: int) -> Any:
    """The links that stand for the sessions of a user (primary key), the one used last first."""
    links = RefreshToken.objects.filter(user_id=user_id, used_on=None, revoked_on=None, expires_on__gt=timezone.now())
    return links.order_by("-last_used_on", "-pk")


def end(**which: Any) -> int:
    """End the sessions that these columns name (`family=`, `user_id=`). Answers how many."""
    links = RefreshToken.objects.filter(revoked_on=None, **which)
    ended: int = links.filter(used_on=None, expires_on__gt=timezone.now()).count()
    links.update(revoked_on=timezone.now())
    standing.forget()
    return ended


def _keep(
    user: User, family: str, jti: str, key_prefix: str, place: SignInPlace, *, began_on: datetime
) -> RefreshToken:
    now = timezone.now().replace(microsecond=0)  # as a token says it
    row: RefreshToken = RefreshToken.objects.create(
        jti=jti,
        family=family,
        user=user,
        key_prefix=key_prefix,
        password=standing.fingerprint(user.password),
        created_on=now,
        expires_on=now + timedelta(days=settings.AETHER_REFRESH_TOKEN_DAYS),
        began_on=began_on,
        last_used_on=timezone.now(),
        device=place.device,
        address=place.address,
    )
    return row


def _successor_of(jti: str) -> str:
    """Derived, so that it can be told again without being stored; from the signing key, so that nobody else can."""
    return hmac.digest(settings.AETHER_API_JWT_KEY.encode(), f"successor:{jti}".encode(), "sha256").hex()[:32]
