"""`manage.py revoke_api_key`: shuts the door behind a key, on every process within five seconds."""

from __future__ import annotations

import logging
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts import standing
from accounts.models import ApiKey
from accounts.models.api_key import PREFIX_OF_KIND
from tenancy.command import AetherCommand

log = logging.getLogger("accounts.keys")


class Command(AetherCommand):
    help = "Revokes an API key: within five seconds it opens nothing, nor does any token that was made under it."
    example = "manage.py revoke_api_key 3f9c01ab72de"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prefix", help="the key's 12 public characters, as list_api_keys shows them")
        parser.add_argument("--dry-run", action="store_true", help="say which key it is, change nothing")

    def handle(self, *, prefix: str, dry_run: bool, **options: Any) -> None:
        row = ApiKey.objects.filter(prefix=bare(prefix)).first()
        if row is None:
            raise CommandError("There is no API key with that prefix. See list_api_keys.")
        if not row.enable:
            self.say(f"{row} was revoked before.")
        elif dry_run:
            self.say(f"Would revoke {row}. Nothing was written.")
        else:
            ApiKey.objects.filter(pk=row.pk).update(enable=False)
            standing.forget()
            log.info("API key %s revoked: %r", row.prefix, row.name)
            self.say(f"Revoked {row}.")


def bare(text: str) -> str:
    """The prefix of what people have at hand: the prefix itself, with `aes_` before it, or a whole key."""
    kind, _, rest = text.partition("_")
    return rest.partition("_")[0] if kind in PREFIX_OF_KIND.values() else text
