"""The ways in: API keys, users' passwords, a site's passcodes."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import Account, ApiKey, Site, User
from accounts.models.api_key import PREFIX_OF_KIND, key_digest
from demo import credentials
from demo.associations import Association
from demo.loader import Taken
from tenancy.context import every_tenant

KEYS: dict[str, dict[str, Any]] = {
    "publishable": {"kind": "publishable", "role": "guest"},
    "read_only": {"kind": "secret", "role": "manager", "read_only": True},
    "user": {"kind": "secret", "role": "user"},
    "administrator": {"kind": "secret", "role": "administrator"},
    "manager": {"kind": "secret", "role": "manager"},
}
BYPASS = "Demo bypass"
SUPER = "demo-super"


def key_name(association: Association, what: str) -> str:
    return f"Demo {association.code} {what.replace('_', '-')}"


def key_names(association: Association) -> list[str]:
    return [key_name(association, what) for what in KEYS]


def key_texts(association: Association) -> dict[str, str]:
    return {
        what: credentials.api_key(PREFIX_OF_KIND[values["kind"]], key_name(association, what))
        for what, values in KEYS.items()
    }


def bypass_text() -> str:
    return credentials.api_key(PREFIX_OF_KIND["secret"], BYPASS)


def username(association: Association, login: str) -> str:
    return f"{association.code}-{login}"


def passwords(association: Association) -> dict[str, dict[str, str]]:
    names = {role: username(association, role) for role in ("user", "administrator", "manager")}
    return {role: {"username": name, "password": credentials.password(name)} for role, name in names.items()}


def passcodes(association: Association) -> dict[str, str]:
    return {role: credentials.passcode(f"{association.code}/{role}") for role in ("administrator", "manager")}


def missing_keys(names: list[str]) -> list[str]:
    prefixes = {credentials.key_prefix(name): name for name in names}
    there = set(ApiKey.objects.filter(prefix__in=prefixes).values_list("prefix", flat=True))
    return [name for prefix, name in prefixes.items() if prefix not in there]


def make_keys(association: Association, account: Account) -> int:
    """Make the account's keys that are missing. Answers how many."""
    texts = key_texts(association)
    missing = missing_keys(key_names(association))
    return sum(
        make_key(texts[what], accounts=[account], name=name, **values)
        for what, values in KEYS.items()
        if (name := key_name(association, what)) in missing
    )


def make_bypass_key() -> int:
    return sum(
        make_key(bypass_text(), name=name, role="super", all_accounts=True, allow_bypass=True)
        for name in missing_keys([BYPASS])
    )


def make_key(text: str, **values: Any) -> bool:
    """Whether this run has made it, and not another one at the same moment."""
    try:
        with transaction.atomic():
            ApiKey.issue(key=text, **values)
    except (IntegrityError, ValidationError):
        if missing_keys([values["name"]]):
            raise
        return False
    return True


def missing_super_user() -> bool:
    with every_tenant(reason="the demo's super user belongs to no account"):
        return not User.objects.filter(id_random=super_user_id()).exists()


def make_super_user() -> int:
    """Make the super user if it is missing. Answers how many were made; raises Taken."""
    if not missing_super_user():
        return 0
    values = {"id_random": super_user_id(), "name": "Demo super user"}
    try:
        with every_tenant(reason="the demo's super user belongs to no account"), transaction.atomic():
            User.objects.create_superuser(SUPER, f"{SUPER}@example.org", credentials.password(SUPER), **values)
    except IntegrityError:
        if missing_super_user():
            raise Taken(f"There is a user {SUPER!r} that is not the demo's.") from None
        return 0  # another run has just made it
    return 1


def super_user_id() -> str:
    return credentials.public_id("every account", "user", 0)


def stale_keys(texts: list[str]) -> list[tuple[ApiKey, str]]:
    """The demo's keys that were made when the installation had another secret key or pepper."""
    by_prefix = {text.split("_")[1]: text for text in texts}
    rows = ApiKey.objects.filter(prefix__in=by_prefix)
    return [(row, by_prefix[row.prefix]) for row in rows if not row.verify(by_prefix[row.prefix])]


def renew_keys(stale: list[tuple[ApiKey, str]]) -> None:
    for row, text in stale:
        row.digest = key_digest(text)
        row.save(update_fields=["digest"])


def renew_super_user() -> None:
    with every_tenant(reason="the demo's super user belongs to no account"):
        _renew_password(User.objects.filter(id_random=super_user_id()).first())


def renew_passwords(association: Association, users: int) -> None:
    """Make the passwords of the account's users and the passcodes of its site follow the secret key."""
    ids = [credentials.public_id(association.code, "user", number) for number in range(users)]
    for row in User.objects.filter(id_random__in=ids):
        _renew_password(row)
    for row in Site.objects.filter(id_random=credentials.public_id(association.code, "site", 0)):
        row.passcodes = {role: make_password(passcode) for role, passcode in passcodes(association).items()}
        row.save()


def _renew_password(row: User | None) -> None:
    if row is not None:
        row.set_password(credentials.password(row.username))
        row.save()
