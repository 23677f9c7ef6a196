"""`manage.py check_ids`: finds public ids that are none, and mends them."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management.base import CommandError, CommandParser

from kernel.errors import shorten
from operations.ids import bad_ids, dangling, mend
from tenancy.command import AetherCommand
from tenancy.principal import SYSTEM, acting_as

log = logging.getLogger("operations.ids")


class Command(AetherCommand):
    help = (
        "Looks at the public id of every object: numbers, empty ones and words that paths need are none. With --fix,\n"
        "such an object gets a new one, and what names it by the old one follows. Also tells what names nothing."
    )
    example = "manage.py check_ids --fix"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--fix", action="store_true", help="give new ids")
        parser.add_argument("--dry-run", action="store_true", help="look only, as without --fix")

    def handle(self, *, fix: bool, dry_run: bool, **options: Any) -> None:
        with acting_as(SYSTEM):
            bad = bad_ids()
            for reference in bad:
                told = f"{reference.obj_type} {shorten(reference.public_id)!r}"
                if fix and not dry_run:
                    new = mend(reference)
                    log.info("check_ids: %s is %s now", told, new)
                    self.say(f"{told} is {new} now.")
                else:
                    self.say(f"{told} is no id.")
            loose = dangling()
        for pair in loose:
            self.say(f"{pair.obj_type} {pair.public_id} names {shorten(pair.names)}, which is not there.")
        if bad and (dry_run or not fix):
            raise CommandError(f"{len(bad)} ids are none. With --fix they get new ones.")
        self.say(f"All ids are good{f'; {len(bad)} were mended' if bad else ''}.")
        if loose:
            raise CommandError(f"{len(loose)} objects name others that are not there; somebody has to say which.")
