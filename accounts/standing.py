"""How keys, accounts, users and sites stand right now, as far as authentication asks. Remembered for seconds."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from ipaddress import ip_network
from typing import Any

import orjson
from django.db.models import Q
from django.utils import timezone

from accounts import tokens
from accounts.models import Account, ApiKey, ApiKeyAccount, RefreshToken, Site, User
from accounts.models.api_key import split_key
from accounts.short_memory import ShortMemory
from kernel.statement import execute
from tenancy.context import every_tenant
from tenancy.principal import Role

log = logging.getLogger("accounts.keys")
USED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class KeyStanding:
    id: int
    prefix: str
    name: str
    publishable: bool
    role: Role
    all_accounts: bool
    account_ids: frozenset[int]
    allow_bypass: bool
    read_only: bool
    origins: frozenset[str]
    networks: tuple[Any, ...]
    rate_per_minute: int | None
    expires_on: datetime | None
    subject_id: str = ""
    """The public id of the one object that it acts for, where its role is one without a user."""

    def may_act_for(self, account_id: int | None) -> bool:
        return self.all_accounts or account_id in self.account_ids

    def alive(self) -> bool:
        return self.expires_on is None or self.expires_on > timezone.now()


@dataclass(frozen=True, slots=True)
class AccountStanding:
    id: int
    public_id: str
    time_zone: str
    masked: tuple[str, ...] = ()
    """What it adds to the masks of its types: `cfg_json.lead_fields_by_consent`."""


@dataclass(frozen=True, slots=True)
class UserStanding:
    id: int
    public_id: str
    role: Role
    account_id: int | None
    password: str
    """A fingerprint of the stored password: tokens end when it changes."""


_keys: ShortMemory[KeyStanding | None] = ShortMemory(name="keys")
_accounts: ShortMemory[AccountStanding | None] = ShortMemory(name="accounts")
_users: ShortMemory[UserStanding | None] = ShortMemory(name="users")
_sites: ShortMemory[str | None] = ShortMemory(name="sites")
_families: ShortMemory[bool] = ShortMemory(name="families")
_all_masked: ShortMemory[tuple[str, ...]] = ShortMemory(name="masks")
MASKED = "lead_fields_by_consent"


others: list[ShortMemory[Any]] = []
"""Of apps above, that tell how their own principals stand."""


def forget() -> None:
    """Drop what is remembered in this process (after a change made here, and between tests)."""
    memories: list[ShortMemory[Any]] = [_keys, _accounts, _users, _sites, _families, _all_masked, *others]
    for memory in memories:
        memory.clear()
    tokens.forget()


def key_standing(key: str) -> KeyStanding | None:
    """The standing of a key given in full; None if it opens nothing."""
    digest = sha256(key.encode("utf-8", "replace")).digest()
    row = _keys.get(digest, lambda: _load_key(split_key(key), key))
    return row if row is not None and row.alive() else None


def key_standing_by_prefix(prefix: str) -> KeyStanding | None:
    """The standing of the key that a token was minted under."""
    row = _keys.get(("prefix", prefix), lambda: _load_key(prefix, None))
    return row if row is not None and row.alive() else None


def _load_key(prefix: str | None, key: str | None) -> KeyStanding | None:
    row = ApiKey.objects.filter(prefix=prefix, enable=True).first() if prefix else None
    if row is None or row.expired(timezone.now()) or (key is not None and not row.verify(key)):
        return None
    if row.last_used_on is None or row.last_used_on < timezone.now() - USED_EVERY:
        stale = Q(last_used_on=None) | Q(last_used_on__lt=timezone.now() - USED_EVERY)
        ApiKey.objects.filter(stale, pk=row.pk).update(last_used_on=timezone.now())
    return KeyStanding(
        id=row.pk,
        prefix=row.prefix,
        name=row.name,
        publishable=row.kind == ApiKey.KeyKind.PUBLISHABLE,
        # Above managers there are only accounts of others: a key that is held to some is no more than one of them.
        role=Role.named(row.role) if row.all_accounts else min(Role.MANAGER, Role.named(row.role)),
        all_accounts=row.all_accounts,
        account_ids=frozenset(ApiKeyAccount.objects.filter(api_key=row).values_list("account_id", flat=True)),
        allow_bypass=row.allow_bypass and row.all_accounts and row.kind == ApiKey.KeyKind.SECRET,
        read_only=row.read_only,
        origins=frozenset(row.allowed_origins or ()),
        networks=tuple(ip_network(text) for text in row.allowed_networks or ()),
        rate_per_minute=row.rate_per_minute,
        expires_on=row.expires_on,
        subject_id=row.subject_id or "",
    )


def account_standing(public_id: str) -> AccountStanding | None:
    """An enabled account by its public id."""
    return _accounts.get(public_id, lambda: _load_account("id_random", public_id))


def account_standing_by_key(account_id: int) -> AccountStanding | None:
    return _accounts.get(account_id, lambda: _load_account("id", account_id))


def _load_account(column: str, value: Any) -> AccountStanding | None:
    sql, params = _account_statement(column)
    rows = execute(sql, [*params[:-1], value])
    if not rows:
        return None
    key, public_id, time_zone, settings = rows[0]
    return AccountStanding(key, public_id, time_zone or "UTC", _masked(settings))


def _masked(settings: str | None) -> tuple[str, ...]:
    """From an account's `cfg_json`, as the database gives it."""
    stored = orjson.loads(settings) if settings and MASKED in settings else None
    named = stored.get(MASKED) if isinstance(stored, dict) else None
    return tuple(sorted({name for name in named if isinstance(name, str)})) if isinstance(named, list) else ()


def masked_anywhere() -> tuple[str, ...]:
    """What any account adds: for a principal that acts in all of them."""

    def load() -> tuple[str, ...]:
        with every_tenant(reason="what is masked in one account is masked for who reads all of them"):
            rows = Account.objects.filter(cfg_json__icontains=MASKED).values_list("cfg_json", flat=True)
            named = [name for stored in rows for name in _masked(orjson.dumps(stored).decode())]
        return tuple(sorted(set(named)))

    return _all_masked.get("", load)


@lru_cache(maxsize=2)
def _account_statement(column: str) -> tuple[str, tuple[Any, ...]]:
    """Asked again every few seconds for each account that is in use: the ORM need not write it anew."""
    with every_tenant(reason="find the account that a request names, before one is entered"):
        enabled = Account.objects.filter(enable=True).values_list("pk", "id_random", "time_zone", "cfg_json")
    statement: tuple[str, tuple[Any, ...]] = enabled.filter(**{column: 0}).query.sql_with_params()
    return statement


def user_standing(public_id: str) -> UserStanding | None:
    """An enabled user by public id, with the role they have now."""

    def load() -> UserStanding | None:
        with every_tenant(reason="find the user whom a token names, before an account is entered"):
            row = User.objects.filter(id_random=public_id, enable=True, hide=False).first()
        if row is None:
            return None
        return UserStanding(row.pk, row.id_random, row.role, row.account_id, fingerprint(row.password))

    return _users.get(public_id, load)


def family_revoked(family: str) -> bool:
    """Whether the session that a token came from was ended. Notes, once a minute, that it is used."""

    def load() -> bool:
        links = RefreshToken.objects.filter(family=family)
        if links.filter(revoked_on__isnull=False).exists():
            return True
        now = timezone.now()
        head = links.filter(used_on=None).values_list("pk", "last_used_on").first()
        if head is not None and (head[1] is None or head[1] < now - USED_EVERY):
            links.filter(pk=head[0]).update(last_used_on=now)
        return False

    return _families.get(family, load)


def fingerprint(stored: str) -> str:
    """Tells one stored secret from the next without saying anything of it."""
    return sha256(stored.encode()).hexdigest()[:16]


def site_stands(public_id: str) -> bool:
    """Whether guests are still let in by this site."""

    def load() -> str | None:
        with every_tenant(reason="check that the site behind a guest's token still stands"):
            return "" if Site.objects.filter(id_random=public_id, enable=True, hide=False).exists() else None

    return _sites.get((public_id, "guest"), load) is not None


def passcode_fingerprint(site_public_id: str, role: str) -> str | None:
    """Changes when the passcode of that role does; None when there is none, or no such enabled site."""

    def load() -> str | None:
        with every_tenant(reason="check that the passcode behind a token still stands"):
            row = Site.objects.filter(id_random=site_public_id, enable=True).first()
        stored = (row.passcodes or {}).get(role) if row else None
        return fingerprint(stored) if stored else None

    return _sites.get((site_public_id, role), load)
