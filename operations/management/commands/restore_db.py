"""`manage.py restore_db`: a backup in place of everything that is in the database."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from operations.archive import ArchiveReader, opened
from operations.backup import check_backup, make_backup, restore_backup, table_names
from operations.management.commands.backup_db import FAILURES
from operations.places import Busy
from tenancy.command import AetherCommand


class Command(AetherCommand):
    help = (
        "Verifies a backup, restores it beside the live tables, counts its rows, and then puts it in their place: all\n"
        "or nothing. What is there is saved first. The service may go on running."
    )
    example = "manage.py restore_db var/backups/aether-20270630T021500Z.backup.zip --yes"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="as backup_db has made it")
        parser.add_argument("--yes", action="store_true", help="don't ask whether what is there may go")
        parser.add_argument("--no-safety-backup", action="store_true", help="don't save what is there first")
        parser.add_argument("--dry-run", action="store_true", help="verify the file, write nothing")

    def handle(self, *, file: Path, yes: bool, no_safety_backup: bool, dry_run: bool, **options: Any) -> None:
        try:
            with opened(file) as archive:
                check_backup(archive)
                self.describe(archive)
                if dry_run:
                    self.say("It is whole and fits. Nothing was written.")
                    return
                if table_names():
                    self.ask(yes)
                    if not no_safety_backup:
                        self.save()
                done = restore_backup(archive)
        except Busy:
            raise CommandError("Nothing was restored: a backup is being made now.") from None
        except OSError as error:
            raise CommandError(f"Nothing was restored: {error.strerror or error}.") from error
        except FAILURES as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        self.say(f"Restored and counted: {done.tables} tables, {done.rows:,} rows, {done.files:,} files.")
        if done.pending_migrations:
            number = done.pending_migrations
            to_go = f"{number} migration{'s' if number > 1 else ''} to go"
            self.say(f"It is of an older version: {to_go}. Run: manage.py migrate")

    def describe(self, archive: ArchiveReader) -> None:
        told = archive.manifest
        rows = sum(told["tables"].values())
        self.say(
            f"Backup of {told['created_on']}, version {told['aether']}: {len(told['tables'])} tables, {rows:,} rows."
        )

    def save(self) -> None:
        """Raises CommandError where what is there can't be saved: who restores may be in need of just that."""
        try:
            self.say(f"What was there is in {make_backup(label='before-restore', prune=False).path}")
        except (OSError, *FAILURES) as error:
            hint = "With --no-safety-backup it is given up."
            raise CommandError(f"Nothing was restored: what is there can't be saved first. {error} {hint}") from error

    def ask(self, yes: bool) -> None:
        """Raises CommandError unless what is there may go."""
        if yes:
            return
        if not sys.stdin.isatty():
            raise CommandError("The database is not empty. Nothing was restored; give --yes if all in it may go.")
        self.stderr.write("All that is in the database now goes. Type yes to go on: ", ending="")
        if input().strip().lower() != "yes":
            raise CommandError("Nothing was restored.")
