"""`manage.py check_and_import`: takes in what was dropped into backups/import/."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from kernel.errors import ApiError
from operations.drop_folder import SETTLED, Unwanted, kind_of, on_their_way, waiting, work_off
from operations.places import Busy, dropped
from tenancy.command import AetherCommand


class Command(AetherCommand):
    help = (
        "Takes in what lies in $AETHER_HOME/backups/import/: bundles of export_db, spreadsheets named\n"
        "<type>.<account id>[.<anything>].csv or .xlsx, and, into an installation without accounts, backups. Each\n"
        "file is then in done/ or failed/, with a report. May run twice at once, and every minute."
    )
    example = "manage.py check_and_import"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--settled",
            type=float,
            default=SETTLED,
            metavar="SECONDS",
            help="how long a file must have rested, as it may still be copied; default: %(default)s",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what waits, take nothing in")

    def handle(self, *, settled: float, dry_run: bool, **options: Any) -> None:
        if dry_run:
            for path in waiting(settled):
                self.say(f"{path.name}: {foretold(path)}")
            self.tell_of_the_unfinished(settled)
            self.say("Nothing was written.")
            return
        try:
            reports = work_off(settled)
        except Busy:
            self.say("Another process is taking them in.")
            return
        except OSError as error:
            raise CommandError(f"Cannot work in {dropped()}: {error.strerror or error}.") from error
        except ApiError as error:
            raise CommandError(f"{error.message} What is left stays there.") from error
        for report in reports:
            for words in report.said:
                self.say(f"{report.file}: {report.state}: {words}")
        if not self.tell_of_the_unfinished(settled) and not reports:
            self.say("Nothing waits.")
        if failed := [report.file for report in reports if report.state == "failed"]:
            raise CommandError(f"Not taken in: {', '.join(failed)}. See {dropped() / 'failed'}.")

    def tell_of_the_unfinished(self, settled: float) -> bool:
        """Answers whether there are some."""
        left = on_their_way(settled)
        for path in left:
            self.say(f"{path.name}: left alone for now, as it may still be copied (--settled).")
        return bool(left)


def foretold(path: Any) -> str:
    try:
        kind_of(path)
    except Unwanted as error:
        return error.said[0]
    return "would be taken in"
