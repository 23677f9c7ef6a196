"""`manage.py load_demo`: two accounts with everything in them, to try the API with."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser

from demo.associations import ASSOCIATIONS, BLOCKS
from demo.load import LoadOutcome, count_missing, load, summary
from demo.loader import Taken
from kernel.preparation import preparing
from lookups.models import Country
from tenancy.command import AetherCommand


class Command(AetherCommand):
    help = (
        "Loads two demo accounts and tells their ids and credentials as JSON. What is there already stays as it is:\n"
        "a second run changes nothing. Credentials belong to this installation, and open it to whoever reads them."
    )
    example = "manage.py load_demo --json var/demo.json --size small"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", dest="json_file", metavar="FILE", help="where to; default: standard output")
        parser.add_argument("--size", choices=list(BLOCKS), default="small", help="default: %(default)s; large: 100 ×")
        parser.add_argument("--force", action="store_true", help="load it into a production service too")
        parser.add_argument("--dry-run", action="store_true", help="say what is missing, write nothing")

    def handle(self, *, json_file: str | None, size: str, force: bool, dry_run: bool, **options: Any) -> None:
        if settings.AETHER_ENV == "production" and not force and not dry_run:
            raise CommandError("This is a production service. The demo's keys would open it; --force if you mean it.")
        if size not in BLOCKS:
            raise CommandError(f"--size is one of: {', '.join(BLOCKS)}.")
        try:
            missing = count_missing(BLOCKS[size])
            if dry_run:
                self.foretell(missing)
                return
            with preparing(self.say):
                if not Country.objects.exists():
                    call_command("load_lookups", stdout=self.stderr, stderr=self.stderr)
                with self.progress(sum(missing.values())) as advance:
                    outcome = load(BLOCKS[size], advance)
        except Taken as error:
            raise CommandError(str(error)) from error
        self.tell(outcome)
        self.hand_out(json.dumps(summary(), ensure_ascii=False, indent=2), json_file)

    def foretell(self, missing: dict[str, int]) -> None:
        for name, count in sorted(missing.items()):
            self.say(f"{name}: {count}")
        self.say(f"Would make {sum(missing.values()):,} rows. Nothing was written.")

    def tell(self, outcome: LoadOutcome) -> None:
        if outcome.made:
            self.say(f"Demo: {outcome.made:,} rows made in {len(ASSOCIATIONS)} accounts.")
        else:
            self.say("Demo: everything is there.")
        if outcome.left_out:
            why = "a value that they need is taken, or there is no ffmpeg for the video"
            self.say(f"Demo: {outcome.left_out} rows left out: {why}.")
        if outcome.restored:
            self.say(f"Demo: the bytes of {outcome.restored} files were missing and were written again.")
        if outcome.renewed:
            self.say("Demo: the installation's secret key is another one now; all demo credentials are new.")

    def hand_out(self, text: str, json_file: str | None) -> None:
        if json_file is None:
            self.stdout.write(text)
            return
        try:
            write_private(Path(json_file), text + "\n")
        except OSError as error:
            raise CommandError(f"Cannot write {json_file}: {error.strerror}.") from error


def write_private(file: Path, text: str) -> None:
    """Whole or not at all, and for the owner's eyes only: it holds credentials."""
    descriptor, draft = tempfile.mkstemp(dir=file.absolute().parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
        os.replace(draft, file)
    except BaseException:
        os.unlink(draft)
        raise
