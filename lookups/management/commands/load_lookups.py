"""`manage.py load_lookups`: countries, their subdivisions and time zones, from their maintained sources."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from typing import Any

from django.core.management.base import CommandError, CommandParser

from kernel.preparation import preparing
from lookups.load import Differences, SourceTooSmall, compare, load
from lookups.lookup_types import TYPES
from lookups.sources import SOURCES
from tenancy.command import AetherCommand
from tenancy.principal import SYSTEM, acting_as

log = logging.getLogger("lookups")


class Command(AetherCommand):
    help = (
        "Loads the countries and subdivisions of ISO 3166 and the zones of the tz database, for every account.\n"
        "A second run writes nothing. After an update of the sources it adds and renames rows, and disables those\n"
        "that are gone. What staff have set stays: enable, hide, priority, sort."
    )
    example = "manage.py load_lookups --dry-run"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what differs, write nothing")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        total = 0
        with acting_as(SYSTEM), nullcontext() if dry_run else preparing(self.say):
            for name, source in SOURCES.items():
                try:
                    differences = (compare if dry_run else load)(TYPES[name], source())
                except SourceTooSmall as error:
                    raise CommandError(f"{error}. Nothing of it was written: is the package whole?") from error
                self.tell(name, differences, dry_run=dry_run)
                total += count(differences)
        if not total:
            self.say("Lookups: everything is there.")
        elif dry_run:
            self.say(f"Would write {total:,} rows. Nothing was written.")

    def tell(self, name: str, differences: Differences, *, dry_run: bool) -> None:
        if not differences:
            return
        words = (
            f"{name}: {len(differences.made):,} made, {len(differences.changed):,} changed, "
            f"{len(differences.removed):,} disabled, {len(differences.returned):,} enabled again"
        )
        self.say(words)
        for what in ("changed", "removed", "returned"):
            if rows := getattr(differences, what):
                self.say(f"  {what}: {', '.join(sorted(row.code for row in rows))}")
        if not dry_run:
            log.info("load_lookups: %s", words)


def count(differences: Differences) -> int:
    return sum(map(len, (differences.made, differences.changed, differences.removed, differences.returned)))
