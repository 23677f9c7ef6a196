"""The order of things: accounts, then what belongs to them, then the credentials; and the account of it all as JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import Account
from crud import registry
from demo import credentials, sign_ins
from demo.accounts import PEOPLE, SITES, WITH_PASSWORD, account_id, find_account, make_account
from demo.associations import ASSOCIATIONS, Association
from demo.content import CONTENT
from demo.files import FILES, PLACES, restore_bytes
from demo.loader import Advance, Demo
from demo.programme import PROGRAMME
from demo.registration import REGISTRATION
from tenancy.context import tenant
from tenancy.principal import SYSTEM, acting_as

ROWS = [*SITES, *FILES, *PEOPLE, *CONTENT, *PROGRAMME, *REGISTRATION, *PLACES]
"""Each after what it refers to."""


@dataclass
class LoadOutcome:
    made: int = 0
    left_out: int = 0
    """Rows that could not be made: somebody has a value that they need, or the video's ffmpeg is not installed."""
    restored: int = 0
    renewed: bool = False
    """The installation has another secret key than before: keys, passwords and passcodes are new."""


def count_missing(blocks: int) -> dict[str, int]:
    """How many rows of each type are to be made. Writes nothing; raises Taken."""
    missing: dict[str, int] = {}
    for association in ASSOCIATIONS:
        account = find_account(association)
        demo = Demo(association, account, blocks)
        count_account(demo, missing)
        add(missing, "account", account is None)
        add(missing, "api_key", len(sign_ins.missing_keys(sign_ins.key_names(association))))
    add(missing, "user", sign_ins.missing_super_user())
    add(missing, "api_key", len(sign_ins.missing_keys([sign_ins.BYPASS])))
    return {name: count for name, count in missing.items() if count}


def count_account(demo: Demo, missing: dict[str, int]) -> None:
    if demo.account is None:
        for rows in ROWS:
            add(missing, rows.model._meta.db_table, demo.total(rows))
        return
    with tenant(demo.account.pk):
        for rows in ROWS:
            add(missing, rows.model._meta.db_table, len(demo.missing(rows)))


def add(counts: dict[str, int], name: str, count: int) -> None:
    counts[name] = counts.get(name, 0) + count


def load(blocks: int, advance: Advance) -> LoadOutcome:
    """Make what is missing; change nothing that is there. Raises Taken."""
    outcome = LoadOutcome()
    with acting_as(SYSTEM):
        stale = sign_ins.stale_keys(all_keys())
        for association in ASSOCIATIONS:
            account = find_account(association)
            outcome.made += account is None
            account = account or make_account(association)
            with tenant(account.pk):
                load_account(Demo(association, account, blocks), account, advance, outcome)
                if stale:
                    sign_ins.renew_passwords(association, WITH_PASSWORD)
        outcome.made += sign_ins.make_super_user() + sign_ins.make_bypass_key()
        if stale:
            sign_ins.renew_super_user()
            sign_ins.renew_keys(stale)  # last, so that a run that was cut short is made good by the next
            outcome.renewed = True
    return outcome


def load_account(demo: Demo, account: Account, advance: Advance, outcome: LoadOutcome) -> None:
    for rows in ROWS:
        outcome.made += demo.load(rows, advance)
    outcome.left_out += demo.left_out
    outcome.restored += restore_bytes(demo)
    outcome.made += sign_ins.make_keys(demo.association, account)


def all_keys() -> list[str]:
    return [text for association in ASSOCIATIONS for text in sign_ins.key_texts(association).values()] + [
        sign_ins.bypass_text()
    ]


def summary() -> dict[str, Any]:
    """What end-to-end tests and front-end developers work with (operations.md)."""
    return {
        "accounts": [summary_of(association) for association in ASSOCIATIONS],
        "bypass_key": sign_ins.bypass_text(),
        "super": {"username": sign_ins.SUPER, "password": credentials.password(sign_ins.SUPER)},
    }


def summary_of(association: Association) -> dict[str, Any]:
    return {
        "id": account_id(association),
        "code": association.code,
        "site_id": credentials.public_id(association.code, "site", 0),
        "fqdn": association.fqdn,
        "api_keys": sign_ins.key_texts(association),
        "users": sign_ins.passwords(association),
        "passcodes": sign_ins.passcodes(association),
        "samples": {name: credentials.public_id(association.code, name, 0) for name in sorted(registry)},
    }
