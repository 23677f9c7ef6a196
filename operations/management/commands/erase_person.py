"""`manage.py erase_person`: blanks what an account holds of one person, and certifies it."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management.base import CommandParser

from operations.erasure import NOT_COVERED, certificate, erase
from operations.person_command import PersonCommand

log = logging.getLogger("operations.erasure")


class Command(PersonCommand):
    help = (
        "Blanks what an account holds of one person: names, addresses and notes of person, contact, registration,\n"
        "badge, lead and user, what presenters keep private, and all that in history, search, kept answers and mails;\n"
        "ends the person's tokens. Rows and the ledger of consent stay, without names. Prints a certificate. It can't\n"
        "be undone."
    )
    example = "manage.py erase_person --account demo --email ada@example.org --dry-run"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dry-run", action="store_true", help="say which rows it would be, change nothing")
        parser.add_argument("--json", action="store_true", help="the certificate as JSON")

    def handle(self, **options: Any) -> None:
        with self.in_account(options["account"]) as account:
            known = self.dossier_of(options)
            done = certificate(known, {}, None) if options["dry_run"] else erase(known)
            done = {"account_id": account.id_random} | done
        if not options["dry_run"]:
            log.info("erase_person: %s rows of the account %s", len(known.rows), account.id_random)
        if options["json"]:
            self.print_json(done)
            return
        verb = "Would be erased" if options["dry_run"] else f"Erased on {done['erased_on']:%Y-%m-%d %H:%M} UTC"
        self.stdout.write(f"{verb}, in the account {account.code} ({account.id_random}):")
        for name, ids in done["rows"].items():
            self.stdout.write(f"  {name}: {', '.join(ids)}")
        for name in ("scans", "history_entries", "kept_answers", "mails"):
            if name in done:
                self.stdout.write(f"  {name.replace('_', ' ')}: {done[name]}")
        if done["files_to_look_at"]:
            self.stdout.write(f"Pictures to delete by hand: {', '.join(done['files_to_look_at'])}")
        self.stdout.write(f"Not covered: {'; '.join(NOT_COVERED)}.")
