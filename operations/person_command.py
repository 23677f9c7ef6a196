"""What `erase_person` and `export_person` have in common: whom they are about."""

from __future__ import annotations

import json
from typing import Any, Final

from django.core.management.base import CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from crud import registry
from operations.erasure import MAX_ROWS, Dossier, TooManyRows, dossier
from tenancy.command import AetherCommand

WAYS: Final = {"person": "person", "event_person": "event_person", "badge": "event_badge"}


class PersonCommand(AetherCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True, metavar="ID", help="id or code of the account")
        whom = parser.add_mutually_exclusive_group(required=True)
        whom.add_argument("--email", help="an address: all rows that have it, and what they link to")
        whom.add_argument("--person", metavar="ID")
        whom.add_argument("--event-person", metavar="ID")
        whom.add_argument("--badge", metavar="ID")

    def dossier_of(self, options: dict[str, Any]) -> Dossier:
        """In the account. Raises CommandError where nobody is found."""
        email = (options["email"] or "").strip()
        row = None
        for option, name in WAYS.items():
            if options[option]:
                row = registry[name].model.objects.filter(id_random=options[option]).first()
                if row is None:
                    raise CommandError(f"The account has no {name} {options[option]!r}.")
        try:
            known = dossier(email=email or None, row=row)
        except TooManyRows:
            raise CommandError(f"More than {MAX_ROWS:,} rows: that is no one person. Begin with --badge.") from None
        if not known.rows:
            raise CommandError(f"Nobody in the account has the address {email!r}.")
        return known

    def print_json(self, value: Any) -> None:
        self.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, cls=DjangoJSONEncoder))
