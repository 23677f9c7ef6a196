"""`manage.py migrate`: Django's own, which also says what is to be done where an earlier one was killed half-way."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as Migrate
from django.db import DatabaseError, connections

from kernel.database_errors import error_number

HALF_DONE = {1050, 1051, 1054, 1060, 1061, 1091, 1146, 1826}
"""MariaDB's numbers for what a migration would make being there, and what it builds on or takes away not."""


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            super().handle(*args, **options)
        except DatabaseError as error:
            whole = connections[options["database"]].features.can_rollback_ddl
            if whole or error_number(error) not in HALF_DONE:
                raise
            raise CommandError(
                f"{error.args[1]}. A migration was broken off half-way, and MariaDB can't take back what it has done. "
                'Restore the backup from before it, then migrate again: docs/backup_and_restore.md, "An update".'
            ) from error
