"""`manage.py backup_db`: the whole database in one verified file, while the service works."""

from __future__ import annotations

import sqlite3
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from kernel.errors import ApiError
from operations.archive import ArchiveError
from operations.backup import NothingToSave, file_hashes, make_backup, table_names
from operations.dump_lines import NotADump
from operations.mariadb import DatabaseToolError
from operations.places import Busy, backups, database
from operations.sqlite import NotOurDatabase
from tenancy.command import AetherCommand

FAILURES = (
    ArchiveError,
    NothingToSave,
    DatabaseToolError,
    NotADump,
    NotOurDatabase,
    DatabaseError,
    sqlite3.Error,
    ApiError,
)


class Command(AetherCommand):
    help = (
        "Saves the database into $AETHER_HOME/backups/, as of one moment, while the service works; reads it back, and\n"
        "prints the file's path. Older backups are pruned: see AETHER_BACKUP_KEEP_DAYS in .env.example."
    )
    example = "manage.py backup_db --files"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--files", action="store_true", help="the bytes of all hosted files too")
        parser.add_argument("--keep-all", action="store_true", help="prune no older backups")
        parser.add_argument("--dry-run", action="store_true", help="say what would be saved, write nothing")

    def handle(self, *, files: bool, keep_all: bool, dry_run: bool, **options: Any) -> None:
        if dry_run:
            what = f" and {len(file_hashes()):,} files" if files else ""
            self.say(f"Would save {len(table_names())} tables{what} of {database()} into {backups()}.")
            self.say("Nothing was written.")
            return
        self.say(f"Database: {database()}")
        try:
            with self.progress(len(file_hashes()) if files else 0) as advance:
                backup = make_backup(with_files=files, prune=not keep_all, advance=advance)
        except Busy:
            raise CommandError("Another backup is being made now.") from None
        except OSError as error:
            raise CommandError(f"Nothing was saved: {error.strerror or error}.") from error
        except FAILURES as error:
            raise CommandError(f"Nothing was saved. {error}") from error
        self.stdout.write(str(backup.path))
        self.say(f"Saved and verified: {backup.tables} tables, {backup.rows:,} rows, {backup.files:,} files.")
        for old in backup.pruned:
            self.say(f"Pruned {old.name}.")
        if backup.missing:
            for missing in backup.missing:
                self.say(f"No bytes, or damaged ones: {missing}")
            raise CommandError(f"{len(backup.missing)} files are not in the backup; all else is.")
