"""`manage.py sweep_files`: remove bytes that no row points at."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from files.models import StoredBytes
from files.sweep import sweep
from tenancy.command import AetherCommand


class Command(AetherCommand):
    help = (
        "Removes the bytes that no hosted_file of any account has had for AETHER_FILE_GRACE_HOURS, and what broken "
        "uploads left. Beat does it every hour. With --verify, reads all bytes through and fails if some are damaged."
    )
    example = "manage.py sweep_files --dry-run\n  manage.py sweep_files --verify"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would be removed")
        parser.add_argument("--verify", action="store_true", help="read every content through")

    def handle(self, *, dry_run: bool, verify: bool, **options: Any) -> None:
        with self.progress(StoredBytes.objects.count() if verify else 0) as advance:
            last = 0

            def tell(what: str, count: int) -> None:
                nonlocal last
                last += count
                if self.stderr.isatty() or last % 1_000 == 0:
                    advance(what, count if self.stderr.isatty() else last)

            swept = sweep(dry_run=dry_run, verify=verify, tell=tell)
        self.stdout.write(str(swept))
        if swept.damaged or swept.missing:
            raise CommandError("Some bytes are damaged or missing; the log files.log names them.")
