"""`manage.py setup`: from an empty database to a signed-in admin; again, it does what an update needs."""

from __future__ import annotations

import getpass
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser

from kernel.preparation import preparing
from operations.installation import Installed, SetupRefused, SetupValues, install, lacking
from operations.places import database
from tenancy.command import AetherCommand

FLAGS = {
    "super_username": ("--super-username", "Name of the first super user"),
    "super_password": ("--super-password-env or --super-password-file", "Their password"),
    "account_code": ("--account-code", "Short code of the first account, as nsc"),
    "account_name": ("--account-name", "Its name"),
    "fqdn": ("--fqdn", "The host name under which its site is reached"),
}


class Command(AetherCommand):
    help = (
        "Prepares the database, the look-ups and the static files, and makes what is missing of: a super user, an\n"
        "account, its site and domain, and its first key, which goes to standard output, this once. Asks at a\n"
        "terminal. Again it changes nothing, and makes no other key."
    )
    example = (
        "manage.py setup --no-input --super-username ada --super-password-file /root/password --account-code nsc \\\n"
        "      --account-name 'North Sea Congress' --fqdn www.example.org --time-zone Europe/Berlin"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--no-input", "--noinput", action="store_true", help="ask nothing; what is missing ends it")
        parser.add_argument("--super-username", default="", metavar="NAME")
        parser.add_argument("--super-email", default="", metavar="ADDRESS")
        password = parser.add_mutually_exclusive_group()
        password.add_argument("--super-password-env", metavar="VARIABLE", help="the variable that holds the password")
        password.add_argument("--super-password-file", type=Path, metavar="FILE", help="its first line is it")
        parser.add_argument("--account-code", default="", metavar="CODE")
        parser.add_argument("--account-name", default="", metavar="NAME")
        parser.add_argument("--fqdn", default="", metavar="HOST", help="under which clients find the account's site")
        parser.add_argument("--time-zone", default="UTC", metavar="ZONE", help="default: %(default)s")
        parser.add_argument("--prepare-only", action="store_true", help="database, look-ups, static files; no users")
        parser.add_argument("--json", action="store_true", dest="as_json", help="ids and key as JSON")

    def handle(self, *, no_input: bool, prepare_only: bool, as_json: bool, **options: Any) -> None:
        values = SetupValues(
            super_password=password_of(options["super_password_env"], options["super_password_file"]),
            **{name: options[name].strip() for name in SetupValues.__slots__ if name != "super_password"},
        )
        self.say(f"Database: {database()}")
        with preparing(self.say):
            call_command("migrate", verbosity=0, interactive=False)
            call_command("load_lookups", stdout=self.stderr, stderr=self.stderr)
            call_command("collectstatic", verbosity=0, interactive=False)
            if prepare_only:
                self.say("Prepared.")
                return
            self.complete(values, ask=not no_input and sys.stdin.isatty())
            try:
                installed = install(values)
            except SetupRefused as error:
                raise CommandError(f"{error} Nothing was made.") from error
        self.tell(installed, as_json=as_json)

    def complete(self, values: SetupValues, *, ask: bool) -> None:
        """Ask for what is missing. Raises CommandError, with the code 2, where nobody can be asked."""
        missing = lacking(values)
        if missing and not ask:
            flags = ", ".join(FLAGS[name][0] for name in missing)
            raise CommandError(f"Missing: {flags}. Without them nobody could come in.", returncode=2)
        for name in missing:
            while not getattr(values, name):
                question = f"{FLAGS[name][1]}: "
                setattr(values, name, getpass.getpass(question) if name == "super_password" else self.ask(question))

    def ask(self, question: str) -> str:
        self.stderr.write(question, ending="", style_func=str)
        self.stderr.flush()
        return input().strip()

    def tell(self, installed: Installed, *, as_json: bool) -> None:
        told = asdict(installed)
        created = told.pop("made")
        if as_json:
            self.stdout.write(json.dumps(told))
        elif installed.api_key:
            self.stdout.write(installed.api_key)
        if not created:
            self.say("Nothing to do: everything is there.")
            return
        self.say(f"Made: {', '.join(created)}.")
        if installed.api_key:
            self.say("The key is shown only now; keep it safe.")
        self.say(f"Account {installed.account_id}. {installed.super_username} signs in at /admin/.")


def password_of(variable: str | None, file: Path | None) -> str:
    """Raises CommandError."""
    if variable:
        if not os.environ.get(variable):
            raise CommandError(f"The variable {variable} is empty.")
        return os.environ[variable]
    if file:
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"Cannot read {file}: {getattr(error, 'strerror', None) or 'no text'}.") from error
        if not lines or not lines[0]:
            raise CommandError(f"The first line of {file} is empty.")
        return lines[0]
    return ""
