"""`manage.py trust_server`: whose bundles are taken in here."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from operations.importing import account_named
from operations.server_keys import MAX_CARD, NAME, NoCard, Server, distrust, own, read_card, trust, trusted
from tenancy.command import AetherCommand


class Command(AetherCommand):
    help = (
        "Servers that exchange bundles exchange their cards first: each prints its own, and is told of the other's.\n"
        "A card holds no secret. What it names may then bring any account here, or those of --account only. Again for\n"
        "the same server: the new word holds."
    )
    example = (
        "manage.py trust_server --own > home.server.json\n"
        "  manage.py trust_server laptop.server.json --account 7Qx2b9TfLm0\n"
        "  manage.py trust_server --list"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("file", metavar="FILE", nargs="?", help="the other server's card; - for standard input")
        what.add_argument("--own", action="store_true", help="print this server's card")
        what.add_argument("--list", action="store_true", dest="known", help="print who is trusted: name, key, accounts")
        what.add_argument("--remove", metavar="NAME", help="trust the server of this name, or key, no longer")
        parser.add_argument("--name", help="what the server is called here, or on the card; default: its host's name")
        parser.add_argument(
            "--account", action="append", metavar="ID", help="it may bring this account only (again for more)"
        )
        parser.add_argument("--dry-run", action="store_true", help="look at the card, write nothing")

    def handle(self, *, file: str | None, own: bool, known: bool, remove: str | None, **options: Any) -> None:
        if own:
            self.print_own(options["name"])
        elif known:
            for server in trusted():
                self.stdout.write(f"{server.fingerprint}  {server.name}  {' '.join(server.accounts) or 'any account'}")
        elif remove:
            gone = distrust(remove)
            if not gone:
                raise CommandError(f"No server {remove!r} is trusted here; --list names them.")
            self.say(f"No longer trusted: {', '.join(server.name for server in gone)}.")
        elif file:
            self.take(file, **options)

    def print_own(self, name: str | None) -> None:
        self.stdout.write(named(own(), name).card())

    def take(self, file: str, *, name: str | None, account: list[str] | None, dry_run: bool, **options: Any) -> None:
        try:
            data = sys.stdin.buffer.read(MAX_CARD) if file == "-" else Path(file).read_bytes()[: MAX_CARD + 1]
            server = named(read_card(data), name)
        except OSError as error:
            raise CommandError(f"Cannot read {file}: {error.strerror}.") from error
        except NoCard as error:
            raise CommandError(str(error)) from error
        if server.public_key == own().public_key:
            raise CommandError("It is this server's own card. Its own bundles are taken in anyway.")
        server = replace(server, accounts=[account_named(one) for one in account or []])
        whose = f"the account {' '.join(server.accounts)}" if server.accounts else "any account"
        if dry_run:
            self.say(
                f"Would take bundles of {whose} from {server.name}, key {server.fingerprint}. Nothing was written."
            )
            return
        trust(server)
        self.say(f"Bundles of {whose} are taken from {server.name}, key {server.fingerprint}.")


def named(server: Server, name: str | None) -> Server:
    if name is None:
        return server
    if not NAME.fullmatch(name):
        raise CommandError("A name has up to 100 letters, digits, blanks and . ( ) - _")
    return replace(server, name=name)
