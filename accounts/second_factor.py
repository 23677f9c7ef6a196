"""The second factor: codes of an app (TOTP, RFC 6238) and recovery codes (identity_and_desk: ways in).

Secrets lie encrypted under a key that is derived from the server's secret; recovery codes as hashes, plain ones, as
each holds 80 bits. A code of the app is good within a step of 30 seconds on either side, once: none is good again, nor
any before it.
"""

from __future__ import annotations

import base64
import hmac
import logging
import re
import secrets
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from accounts import standing, tokens
from accounts.mailed_links import auth_settings
from accounts.models import SecondFactor, User
from accounts.peer import peer_network
from accounts.throttles import GuessLimit
from accounts.tokens import Use
from kernel.cache_errors import CACHE_ERRORS
from kernel.errors import Conflict, Invalid, Unauthenticated, Unavailable
from kernel.transactions import in_transaction
from tenancy.context import every_tenant

log = logging.getLogger("accounts.sign_in")
DIGITS: Final = 6
STEP: Final = 30
RECOVERY_CODES: Final = 10
LIFETIMES: Final = {Use.MFA: tokens.MfaToken.lifetime, Use.MFA_SETUP: tokens.MfaSetupToken.lifetime}
METHODS: Final = ["totp", "recovery_code"]
WRONG: Final = "The code is not right."
IS_SET_UP: Final = "There is a second factor already; take it away first."


class Due(StrEnum):
    """What is missing of a sign-in."""

    CODE = "code"
    SETUP = "setup"


def due(user: User) -> Due | None:
    """What a user who has shown the first factor must do besides; None for nothing."""
    if SecondFactor.objects.filter(user_id=user.pk).exclude(confirmed_on=None).exists():
        return Due.CODE
    required = auth_settings(user.account).get("mfa_required_roles", []) if not user.super else []
    return Due.SETUP if user.role.label in required else None


def challenge(what: Due, user: User, key_prefix: str) -> dict[str, Any]:
    """The answer to a sign-in that lacks something, with the token by which it goes on."""
    use = Use.MFA if what is Due.CODE else Use.MFA_SETUP
    token, _ = tokens.make(
        use,
        user.id_random,
        LIFETIMES[use],
        id=secrets.token_hex(16),
        password=standing.fingerprint(user.password),
        key=key_prefix,
    )
    if what is Due.CODE:
        return {"mfa_required": True, "mfa_token": token, "methods": METHODS}
    return {"mfa_setup_required": True, "mfa_token": token}


def user_of(token: str, use: Use, key_prefix: str) -> tuple[User, str]:
    """Whose sign-in goes on, and the token's id. Raises Unauthenticated, always in the same words."""
    claims = tokens.read(token, frozenset({use}))
    with every_tenant(reason="the user whom a token of a sign-in names; a super user has no account"):
        users = User.objects.select_related("account").filter(enable=True, hide=False)
        user: User | None = users.filter(id_random=claims["sub"]).first()
    if user is None or (user.account is not None and not user.account.enable):
        raise Unauthenticated
    if claims.get("key") != key_prefix or claims.get("password") != standing.fingerprint(user.password):
        raise Unauthenticated
    return user, str(claims.get("id"))


def use_up(token_id: str) -> None:
    """A sign-in goes on once. Raises Unauthenticated, Unavailable."""
    longest = LIFETIMES[Use.MFA_SETUP].total_seconds() + 2 * tokens.LEEWAY
    try:
        first = cache.add(f"mfa:{token_id}", 1, int(longest))
    except CACHE_ERRORS:
        raise Unavailable("Sign-in is not available now; try again.") from None
    if not first:
        raise Unauthenticated


@contextmanager
def counted(user: User, peer: str, token_id: str = "") -> Iterator[None]:
    """A block that tries a code: five wrong ones a minute from one address, fifty in ten minutes from all, and five
    for one token of a sign-in. Raises Throttled."""
    limits = [
        GuessLimit("second factor", user.id_random, peer_network(peer)),
        GuessLimit("second factor of a user", user.id_random, attempts=50, window=600),
    ]
    if token_id:
        limits.insert(0, GuessLimit("token of a sign-in", token_id, attempts=5, window=600))
    for limit in limits:
        limit.attempt()
    try:
        yield
    except Unauthenticated:
        log.warning("second factor refused: user %s, from %s", user.id_random, peer)
        raise
    except Exception:
        for limit in limits:
            limit.succeeded()
        raise
    for limit in limits:
        limit.succeeded()


def set_up(user: User) -> dict[str, str]:
    """A new secret, which counts when its first code was shown. Raises Conflict where there is one that counts."""
    key = secrets.token_bytes(20)
    encrypted = _secret_box().encrypt(key).decode()

    def keep() -> None:
        row, _ = SecondFactor.objects.select_for_update().get_or_create(user=user, defaults={"secret": encrypted})
        if row.confirmed_on is not None:
            raise Conflict(IS_SET_UP)
        SecondFactor.objects.filter(pk=row.pk).update(secret=encrypted, created_on=timezone.now())

    in_transaction(keep)
    return _shown(user, key)


def begun(user: User) -> dict[str, str] | None:
    """What `set_up` has answered last, until its first code is shown: a page that is loaded again shows it again."""
    row = SecondFactor.objects.filter(user_id=user.pk, confirmed_on=None).first()
    if row is None:
        return None
    try:
        return _shown(user, _secret_box().decrypt(row.secret.encode()))
    except InvalidToken:
        return None


def _shown(user: User, key: bytes) -> dict[str, str]:
    issuer = user.account.name if user.account is not None else "Aether"
    address = _totp(key).get_provisioning_uri(user.username, issuer)
    return {"secret": base64.b32encode(key).decode(), "otpauth_url": address}


def confirm(user: User, code: str) -> list[str]:
    """By the first code of the app. Answers the recovery codes, which nobody can be told again.

    Raises Unauthenticated, Conflict, Invalid.
    """
    code = _read(code)
    codes = [_new_recovery_code() for _ in range(RECOVERY_CODES)]

    def keep() -> None:
        row = SecondFactor.objects.select_for_update().filter(user_id=user.pk).first()
        if row is None:
            raise Conflict("Set up a second factor first.")
        if row.confirmed_on is not None:
            raise Conflict(IS_SET_UP)
        if (step := _step_of(row, code)) is None:
            raise Unauthenticated(WRONG)
        row.last_step, row.confirmed_on = step, timezone.now()
        row.recovery_codes = [_hash(code) for code in codes]
        row.save()

    in_transaction(keep)
    log.warning("second factor set up: user %s", user.id_random)
    return ["-".join(re.findall("....", code)) for code in codes]


def check(user: User, code: str) -> None:
    """Use up a code of the app, or a recovery code. Raises Unauthenticated, Invalid."""
    code = _read(code)
    in_transaction(lambda: _used_up(user, code))


def remove(user: User, code: str) -> None:
    """By a good code. Raises Unauthenticated, Conflict, Invalid."""
    code = _read(code)
    if not SecondFactor.objects.filter(user_id=user.pk).exclude(confirmed_on=None).exists():
        raise Conflict("There is no second factor.")
    in_transaction(lambda: _used_up(user, code).delete())
    log.warning("second factor taken away: user %s", user.id_random)


def take_away(users: list[User]) -> int:
    """By somebody who administers them: their phones are lost, and their codes with them. Answers how many had one."""
    gone, _ = SecondFactor.objects.filter(user__in=[user.pk for user in users]).delete()
    log.warning("second factor taken away by staff: users %s", ", ".join(user.id_random for user in users))
    return gone


def _used_up(user: User, code: str) -> SecondFactor:
    """Inside a transaction."""
    row = SecondFactor.objects.select_for_update().filter(user_id=user.pk).exclude(confirmed_on=None).first()
    if row is None:
        raise Unauthenticated
    if (step := _step_of(row, code)) is not None:
        row.last_step = step
    elif (hashed := _hash(code)) in row.recovery_codes:
        row.recovery_codes = [other for other in row.recovery_codes if other != hashed]
    else:
        raise Unauthenticated(WRONG)
    row.save(update_fields=["last_step", "recovery_codes"])
    return row


def _step_of(row: SecondFactor, code: str) -> int | None:
    """The step of time whose code this is, of those that are good now."""
    if len(code) != DIGITS or not code.isdigit():
        return None
    try:
        key = _secret_box().decrypt(row.secret.encode())
    except InvalidToken:
        log.error("a second factor can't be read: AETHER_SECRET_KEY is another than when it was set up")
        return None
    now, found = int(time.time()) // STEP, None
    for step in (now - 1, now, now + 1):
        right = hmac.compare_digest(_totp(key).generate(step * STEP), code.encode())
        if right and step > row.last_step:
            found = step
    return found


def _totp(key: bytes) -> TOTP:
    return TOTP(key, DIGITS, SHA1(), STEP)  # noqa: S303  (what the apps know: RFC 6238 by HMAC)


def _read(code: str) -> str:
    """As it is compared: without spaces and dashes, as people type them."""
    if not code or len(code) > 64:
        raise Invalid.field("code", "Give the code of the app, or a recovery code.")
    plain = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", code)).lower()
    return plain if plain.isascii() else ""


def _new_recovery_code() -> str:
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


def _hash(code: str) -> str:
    return sha256(f"recovery:{code}".encode()).hexdigest()


def _secret_box() -> MultiFernet:
    return _box(settings.SECRET_KEY, tuple(settings.SECRET_KEY_FALLBACKS))


@lru_cache(maxsize=4)
def _box(current: str, previous: tuple[str, ...]) -> MultiFernet:
    """Encrypts by the first secret of the server, decrypts by all."""
    keys = (hmac.digest(secret.encode(), b"aether.second-factor", "sha256") for secret in (current, *previous))
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
