"""`manage.py migrate`: Django's own, which also says what is to be done where an earlier one was killed half-way."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import DatabaseError, connections

from kernel.database_errors import error_number
from kernel.preparation import preparing
from operations.places import database
from operations.time_limit import without_time_limit

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
