"""`manage.py check_and_import`: takes in what was dropped into backups/import/."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from kernel.errors import ApiError
from operations.bundle_origin import Terms
from operations.drop_folder import SETTLED, foretold, on_their_way, waiting, work_off
from operations.importing import account_named
from operations.places import Busy, dropped
from tenancy.command import AetherCommand


class Command(AetherCommand):
    help = (
        "Takes in what lies in $AETHER_HOME/backups/import/: bundles of export_db, spreadsheets named\n"
        "<type>.<account id>[.<anything>].csv or .xlsx, and, into an installation without accounts, backups. Each\n"
        "file is then in done/ or failed/, with a report. May run twice at once, and every minute. Bundles are taken\n"
        "from this server and from those that trust_server has named."
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
        parser.add_argument(
            "--trust", action="store_true", help="bundles of unknown servers and unsigned ones too, this once"
        )
        parser.add_argument("--account", metavar="ID", help="id or code of the one account that may be written")
        parser.add_argument("--dry-run", action="store_true", help="say what waits, take nothing in")

    def handle(self, *, settled: float, trust: bool, account: str | None, dry_run: bool, **options: Any) -> None:
        terms = Terms(
            anybody=trust or settings.AETHER_BUNDLE_TRUST == "any",
            account=account_named(account) if account else "",
        )
        if dry_run:
            for path in waiting(settled):
                self.say(f"{path.name}: {foretold(path, terms)}")
            self.tell_of_the_unfinished(settled)
            self.say("Nothing was written.")
            return
        try:
            reports = work_off(settled, terms)
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
