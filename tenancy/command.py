"""The management commands' door to an account, and the manners that all commands share."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import InterfaceError, OperationalError, ProgrammingError
from tqdm import tqdm  # type: ignore[import-untyped]

from tenancy.context import every_tenant, tenant
from tenancy.principal import SYSTEM, acting_as


class HelpWithExample(RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Django's order of options; line breaks stay as they are."""


class AetherCommand(BaseCommand):
    """Results go to standard output, words to standard error, so that a script can take the one without the other."""

    example = ""
    """One or more command lines, shown by --help."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        kwargs.setdefault("formatter_class", HelpWithExample)
        if self.example:
            kwargs.setdefault("epilog", f"example:\n  {self.example}")
        return super().create_parser(prog_name, subcommand, **kwargs)

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except (OperationalError, ProgrammingError, InterfaceError) as error:
            hint = "Is it up, and has `manage.py migrate` been run?"
            raise CommandError(f"The database does not play along: {error}. {hint}") from error

    def say(self, words: str) -> None:
        """Tell the person at the terminal; not part of the result."""
        self.stderr.write(words, style_func=str)

    @contextmanager
    def in_account(self, name: str) -> Iterator[Any]:
        """Act for the system inside the account with this public id or code. Yields its row; raises CommandError."""
        account = find_account(name)
        with acting_as(SYSTEM), tenant(account.pk):
            yield account

    @contextmanager
    def progress(self, total: int) -> Iterator[Callable[[str, int], None]]:
        """Yields a function (of what, how many more are done): a bar on a terminal, lines in a log."""
        if not self.stderr.isatty():
            yield lambda what, count: self.say(f"{what}: {count}")
            return
        with tqdm(total=total, leave=False, unit="") as bar:

            def advance(what: str, count: int) -> None:
                bar.set_description(what)
                bar.update(count)

            yield advance


def find_account(name: str) -> Any:
    """The account with this public id, or else this code. Raises CommandError."""
    accounts = apps.get_model("accounts", "Account").objects  # by name: this layer knows no domain
    with every_tenant(reason="a command names its account by id or code, before one is entered"):
        account = accounts.filter(id_random=name).first() or accounts.filter(code=name).first()
    if account is None:
        raise CommandError(f"There is no account {name!r}. Give the id or the code of one.")
    return account
