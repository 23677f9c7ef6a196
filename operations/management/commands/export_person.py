"""`manage.py export_person`: all that an account holds of one person, as JSON."""

from __future__ import annotations

from typing import Any

from operations.erasure import exported
from operations.person_command import PersonCommand


class Command(PersonCommand):
    help = (
        "Prints as JSON what an account holds of one person: every row that is found by link and address, its\n"
        "history, the ledger of consent, the mails. Look at it before you hand it out: two people may share an address."
    )
    example = "manage.py export_person --account demo --email ada@example.org > ada.json"

    def handle(self, **options: Any) -> None:
        with self.in_account(options["account"]):
            self.print_json(exported(self.dossier_of(options)))
