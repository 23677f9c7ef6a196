"""`manage.py list_api_keys`: which keys there are, and what they may. The keys themselves nobody can read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from accounts.models import ApiKey, ApiKeyAccount
from tenancy.command import AetherCommand, find_account

COLUMNS = ("prefix", "name", "kind", "role", "accounts", "limits", "state", "expires_on", "last_used_on")


class Command(AetherCommand):
    help = "Lists the API keys, the oldest first."
    example = "manage.py list_api_keys --account 7Qx2b9TfLm0"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", metavar="ID", help="only the keys that may act for it; its id or code")
        parser.add_argument("--json", action="store_true", dest="as_json", help="as a JSON list, with every setting")

    def handle(self, *, account: str | None, as_json: bool, **options: Any) -> None:
        keys = list(described_keys(find_account(account).id_random if account else None))
        if as_json:
            self.stdout.write(json.dumps(keys, ensure_ascii=False, indent=2))
            return
        for line in table([COLUMNS, *([cell(key, name) for name in COLUMNS] for key in keys)]):
            self.stdout.write(line)
        self.say(f"{len(keys)} key{'' if len(keys) == 1 else 's'}.")


def described_keys(account_id: str | None) -> Iterator[dict[str, Any]]:
    accounts: dict[int, list[str]] = {}
    links = ApiKeyAccount.objects.order_by("pk").values_list("api_key_id", "account__id_random")
    for key_id, public_id in links:
        accounts.setdefault(key_id, []).append(public_id)
    for row in ApiKey.objects.order_by("pk"):
        own = accounts.get(row.pk, [])
        if account_id is None or row.all_accounts or account_id in own:
            yield described(row, own)


def described(row: ApiKey, accounts: list[str]) -> dict[str, Any]:
    return {
        "prefix": row.prefix,
        "name": row.name,
        "kind": row.kind,
        "role": row.role,
        "accounts": accounts,
        "all_accounts": row.all_accounts,
        "allow_bypass": row.allow_bypass,
        "read_only": row.read_only,
        "allowed_origins": row.allowed_origins,
        "allowed_networks": row.allowed_networks,
        "rate_per_minute": row.rate_per_minute,
        "state": state(row),
        **{name: moment(getattr(row, name)) for name in ("created_on", "expires_on", "last_used_on")},
    }


def state(row: ApiKey) -> str:
    if not row.enable:
        return "revoked"
    return "expired" if row.expired(timezone.now()) else "active"


def moment(value: Any) -> str | None:
    return value.isoformat(timespec="seconds").replace("+00:00", "Z") if value else None


def cell(key: dict[str, Any], column: str) -> str:
    match column:
        case "accounts":
            return "all" if key["all_accounts"] else ",".join(key["accounts"]) or "none"
        case "limits":
            return ",".join(limits(key)) or "-"
        case _:
            return str(key[column] or "-")


def limits(key: dict[str, Any]) -> Iterator[str]:
    if key["allow_bypass"]:
        yield "bypass"
    if key["read_only"]:
        yield "read-only"
    if key["allowed_origins"]:
        yield "origins"
    if key["allowed_networks"]:
        yield "networks"
    if key["rate_per_minute"]:
        yield f"{key['rate_per_minute']}/min"


def table(rows: list[Any]) -> Iterator[str]:
    widths = [max(len(row[index]) for row in rows) for index in range(len(COLUMNS))]
    for row in rows:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
