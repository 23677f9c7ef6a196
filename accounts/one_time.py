"""Tokens that go out by mail: made when the mail is sent, good for one use (identity_and_desk: ways in)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from django.utils import timezone

from accounts import standing, tokens
from accounts.models import OneTimeToken, User
from accounts.peer import peer_network
from accounts.throttles import GuessLimit
from accounts.tokens import Use
from kernel.errors import Invalid, Unauthenticated
from tenancy.context import every_tenant

Purpose = OneTimeToken.Purpose
USES: Final = {
    Purpose.PASSWORD_RESET: Use.PASSWORD_RESET,
    Purpose.FIRST_PASSWORD: Use.PASSWORD_RESET,
    Purpose.MAGIC_LINK: Use.MAGIC_LINK,
    Purpose.INVITATION: Use.INVITATION,
}
LIFETIMES: Final = {
    Purpose.PASSWORD_RESET: tokens.PasswordResetToken.lifetime,
    Purpose.FIRST_PASSWORD: timedelta(days=7),
    Purpose.MAGIC_LINK: tokens.MagicLinkToken.lifetime,
    Purpose.INVITATION: tokens.InvitationToken.lifetime,
}


def prepare(purpose: Purpose, account: Any, user: User | None = None, **more: Any) -> OneTimeToken:
    """An unsaved row; in the scope of its account."""
    now = timezone.now()
    return OneTimeToken(
        account=account,
        purpose=purpose,
        user=user,
        password=standing.fingerprint(user.password) if user is not None else None,
        created_on=now,
        expires_on=now + LIFETIMES[purpose],
        **more,
    )


def mint(row: OneTimeToken) -> str:
    """The token of a row, as its mail is sent: its time begins now, however long the mail had to wait."""
    lifetime = LIFETIMES[Purpose(row.purpose)]
    account_id = row.account.id_random if row.account is not None else None
    subject = row.user.id_random if row.user_id and row.user else "invited"
    token, expires_on = tokens.make(
        USES[Purpose(row.purpose)], subject, lifetime, jti=row.id_random, account=account_id
    )
    OneTimeToken.objects.filter(pk=row.pk).update(expires_on=expires_on)
    return token


def locked(token: str, purposes: Collection[Purpose], allows: Callable[[int | None], bool]) -> OneTimeToken:
    """The row of a good token, in the transaction that uses it up. Raises Unauthenticated, always in the same words.

    `allows`: whether the key that it comes with opens an account.
    """
    claims = tokens.read(token, frozenset(USES[purpose] for purpose in purposes))
    with every_tenant(reason="a token that came by mail names its account itself"):
        rows = OneTimeToken.objects.select_for_update().select_related(None)
        row: OneTimeToken | None = rows.filter(id_random=claims.get("jti"), purpose__in=purposes).first()
        if row is None or row.used_on or row.expires_on <= timezone.now():
            raise Unauthenticated
        account = row.account
    if (account is not None and not account.enable) or not allows(row.account_id):
        raise Unauthenticated
    return row


def user_of(row: OneTimeToken) -> User:
    """Whom it lets in. Raises Unauthenticated where they are disabled, or have another password by now."""
    with every_tenant(reason="the user whom a token names that came by mail; a super user has no account"):
        users = User.objects.select_related("account").select_for_update()
        user: User | None = users.filter(pk=row.user_id, enable=True, hide=False).first() if row.user_id else None
    if user is None or row.password != standing.fingerprint(user.password):
        raise Unauthenticated
    return user


@contextmanager
def counted(token: str, peer: str) -> Iterator[None]:
    """A block that uses a token. What it refuses of a good one, a weak password say, is no guess. Raises Throttled."""
    if not token:
        raise Invalid.field("token", "Give the token of the mail.")
    digest = sha256(token.encode("utf-8", "replace")).hexdigest()
    limit = GuessLimit("mailed token", digest, peer_network(peer))
    limit.attempt()
    try:
        yield
    except Unauthenticated:
        raise
    except Exception:
        limit.succeeded()
        raise
    limit.succeeded()


def use_up(row: OneTimeToken) -> None:
    row.used_on = timezone.now()
    with every_tenant(reason="note that a token which came by mail was used"):
        row.save(update_fields=["used_on"])
