"""`manage.py create_api_key`: an entry ticket for a machine client (contract section 2.1)."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.models import Account, ApiKey
from crud import registry
from kernel.ids import is_id
from tenancy.command import AetherCommand, find_account
from tenancy.context import every_tenant

log = logging.getLogger("accounts.keys")
LONGEST_LIFE_DAYS = 36_500
HIGHEST_RATE = 1_000_000


class Command(AetherCommand):
    help = "Makes an API key. The key alone goes to standard output, this once: nobody can read it again."
    example = "manage.py create_api_key --name 'Badge printer' --account 7Qx2b9TfLm0 --role user --expires-in 30"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="whose key it is, for people")
        parser.add_argument(
            "--account", nargs="+", action="extend", metavar="ID", help="id or code of an account that it may act for"
        )
        parser.add_argument("--all-accounts", action="store_true", help="it may act for every account")
        parser.add_argument(
            "--kind", choices=ApiKey.KeyKind.values, default=ApiKey.KeyKind.SECRET, help="default: secret"
        )
        parser.add_argument("--role", choices=ApiKey.KeyRole.values, help="default: user; a publishable key is a guest")
        parser.add_argument("--exhibit", metavar="ID", help="with --role exhibitor: the exhibit that it acts for")
        parser.add_argument("--allow-bypass", action="store_true", help="it may read and write across all accounts")
        parser.add_argument("--read-only", action="store_true", help="it may write nothing")
        parser.add_argument("--expires-in", type=int, metavar="DAYS", help="default: never")
        parser.add_argument(
            "--origin", nargs="+", action="extend", help="origin that it may be used from, as https://app.example.org"
        )
        parser.add_argument(
            "--network", nargs="+", action="extend", help="address or network that it may be used from, as 10.0.0.0/8"
        )
        parser.add_argument("--rate", type=int, metavar="N", help="requests a minute; default: no limit")
        parser.add_argument("--json", action="store_true", dest="as_json", help="the key and what it may, as JSON")
        parser.add_argument("--dry-run", action="store_true", help="check everything, make no key")

    def handle(self, *, as_json: bool, dry_run: bool, **options: Any) -> None:
        accounts = [find_account(name) for name in dict.fromkeys(options["account"] or [])]
        if options["exhibit"]:
            accounts = [account_of_exhibit(options["exhibit"], accounts)]
        values = key_values(accounts, options)
        key = None
        if dry_run:
            check(values)
        else:
            with transaction.atomic():
                row, key = issue(accounts, values)
            log.info("API key %s made: %s %s %r", row.prefix, row.role, row.kind, row.name)
        self.warn(accounts, values)
        if as_json:
            self.stdout.write(json.dumps(as_dict(key, accounts, values), ensure_ascii=False))
        elif key:
            self.stdout.write(key)
        if dry_run:
            self.say(f"Would make {described(accounts, values)}. Nothing was written.")
        else:
            self.say(f"Made {described(accounts, values)}. It is shown only now; keep it safe.")

    def warn(self, accounts: list[Account], values: dict[str, Any]) -> None:
        for account in accounts:
            if not account.enable:
                self.say(f"Note: the account {account.code} is disabled; the key opens it once it is enabled.")


def account_of_exhibit(public_id: str, accounts: list[Account]) -> Account:
    """Raises CommandError unless it is there, in the account that was named, if one was."""
    with every_tenant(reason="a key for an exhibit is one for the account of the exhibit"):
        exhibits = registry["event_exhibit"].model.objects.select_related("account")
        exhibit = exhibits.filter(id_random=public_id).first() if is_id(public_id) else None
    if exhibit is None or (accounts and accounts != [exhibit.account]):
        raise CommandError("There is no such exhibit in that account; --exhibit takes its id.")
    account: Account = exhibit.account
    return account


def key_values(accounts: list[Account], options: dict[str, Any]) -> dict[str, Any]:
    """The columns of the key. Raises CommandError for what does not go together."""
    publishable = options["kind"] == ApiKey.KeyKind.PUBLISHABLE
    all_accounts = options["all_accounts"] or (options["allow_bypass"] and not accounts)
    if not options["name"].strip():
        raise CommandError("Give the key a name: --name 'Badge printer'.")
    if options["all_accounts"] and accounts:
        raise CommandError("--account and --all-accounts exclude each other.")
    if not accounts and not all_accounts:
        raise CommandError("Say for which accounts: --account ID, or --all-accounts.")
    if publishable and options["allow_bypass"]:
        raise CommandError("A publishable key is known to everybody; it can never bypass.")
    if publishable and options["role"] not in (None, ApiKey.KeyRole.GUEST):
        raise CommandError("A publishable key reads what a guest reads; a role above that needs a secret key.")
    if options["role"] == ApiKey.KeyRole.SUPER and not all_accounts:
        raise CommandError("The role super is for all accounts: --all-accounts instead of --account.")
    if accounts and options["allow_bypass"]:
        raise CommandError("A key that is held to some accounts can't bypass: that opens all of them.")
    if bool(options["exhibit"]) != (options["role"] == ApiKey.KeyRole.EXHIBITOR):
        raise CommandError("--role exhibitor and --exhibit ID go together.")
    return {
        "name": options["name"].strip(),
        "kind": options["kind"],
        "role": options["role"] or (ApiKey.KeyRole.GUEST if publishable else ApiKey.KeyRole.USER),
        "subject_id": options["exhibit"],
        "all_accounts": all_accounts,
        "allow_bypass": options["allow_bypass"],
        "read_only": options["read_only"],
        "allowed_origins": [origin(text) for text in options["origin"] or []],
        "allowed_networks": [network(text) for text in options["network"] or []],
        "rate_per_minute": within(options["rate"], "--rate", HIGHEST_RATE),
        "expires_on": expiry(options["expires_in"]),
    }


def within(number: int | None, option: str, most: int) -> int | None:
    if number is not None and not 1 <= number <= most:
        raise CommandError(f"{option} is a whole number from 1 to {most}.")
    return number


def expiry(days: int | None) -> datetime | None:
    days = within(days, "--expires-in", LONGEST_LIFE_DAYS)
    return None if days is None else timezone.now() + timedelta(days=days)


def origin(text: str) -> str:
    """An origin as browsers send it: lower case, without a path."""
    text = text.lower().removesuffix("/")
    try:
        parts = urlsplit(text)
        whole = f"{parts.scheme}://{parts.netloc}" == text and parts.port != 0
    except ValueError:
        whole = False
    if not whole or parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise CommandError("--origin takes origins such as https://app.example.org, without a path.")
    return text


def network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        raise CommandError("--network takes addresses or networks such as 192.0.2.7 or 10.0.0.0/8.") from None


def check(values: dict[str, Any]) -> None:
    """What `issue` would refuse, refused without writing."""
    try:
        ApiKey(prefix="0" * 12, digest="0" * 64, **values).full_clean(validate_unique=False)
    except ValidationError as error:
        raise refused(error) from error


def issue(accounts: list[Account], values: dict[str, Any]) -> tuple[ApiKey, str]:
    try:
        return ApiKey.issue(accounts=accounts, **values)
    except ValidationError as error:
        raise refused(error) from error


def refused(error: ValidationError) -> CommandError:
    return CommandError(" ".join(error.messages))


def described(accounts: list[Account], values: dict[str, Any]) -> str:
    where = "all accounts" if values["all_accounts"] else ", ".join(account.code for account in accounts)
    traits = [values["kind"], "read-only"] if values["read_only"] else [values["kind"]]
    until = f", until {values['expires_on']:%Y-%m-%d %H:%M} UTC" if values["expires_on"] else ""
    bypass = ", with bypass" if values["allow_bypass"] else ""
    return f"the {' '.join(traits)} key {values['name']!r} for {where} with the role {values['role']}{bypass}{until}"


def as_dict(key: str | None, accounts: list[Account], values: dict[str, Any]) -> dict[str, Any]:
    expires_on = values["expires_on"]
    return {
        "key": key,
        "prefix": key.split("_")[1] if key else None,
        "accounts": [account.id_random for account in accounts],
        **{name: str(value) if name in ("kind", "role") else value for name, value in values.items()},
        "expires_on": expires_on.isoformat().replace("+00:00", "Z") if expires_on else None,
    }
