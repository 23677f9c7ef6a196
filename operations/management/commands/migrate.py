"""`manage.py migrate`: Django's own, which also says what is to be done where an earlier one was killed half-way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import DatabaseError, connections

from kernel.database_errors import error_number
from kernel.preparation import preparing
from operations.places import database

LOOKS_ONLY = ("plan", "check_unapplied")
HALF_DONE = {1050, 1051, 1054, 1060, 1061, 1091, 1146, 1826}
"""MariaDB's numbers for what a migration would make being there, and what it builds on or takes away not."""


class Command(Migrate):
    def migrate(self, *args: Any, **options: Any) -> None:
        if options["verbosity"]:
            self.stdout.write(f"Database: {database(options['database'])}")
        if any(options[name] for name in LOOKS_ONLY):
            super().handle(*args, **options)
            return
        with preparing(self.stdout.write):
            super().handle(*args, **options)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with without_time_limit(connections[options["database"]]):
                self.migrate(*args, **options)
        except DatabaseError as error:
            whole = connections[options["database"]].features.can_rollback_ddl
            if whole or error_number(error) not in HALF_DONE:
                raise
            raise CommandError(
                f"{error.args[1]}. A migration was broken off half-way, and MariaDB can't take back what it has done. "
                'Restore the backup from before it, then migrate again: docs/backup_and_restore.md, "An update".'
            ) from error


@contextmanager
def without_time_limit(connection: Any) -> Iterator[None]:
    """An index of some million rows takes longer than a statement of a request may, and one that is ended at the limit
    leaves a migration half done."""
    if connection.vendor != "mysql":
        yield
        return
    before, was_open = connection.settings_dict["OPTIONS"], connection.connection is not None
    patient = {name: value for name, value in before.items() if name not in ("read_timeout", "write_timeout")}
    patient["init_command"] = re.sub(r"max_statement_time=\d+", "max_statement_time=0", before["init_command"])
    connection.settings_dict["OPTIONS"] = patient
    try:
        if was_open:
            set_limit(connection, patient)
        yield
    finally:
        connection.settings_dict["OPTIONS"] = before
        if was_open and connection.is_usable():
            set_limit(connection, before)
        elif not connection.in_atomic_block:
            connection.close()


def set_limit(connection: Any, options: dict[str, Any]) -> None:
    found = re.search(r"max_statement_time=\d+", options["init_command"])
    if found:
        with connection.cursor() as cursor:
            cursor.execute(f"SET SESSION {found[0]}")
