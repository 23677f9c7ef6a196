"""`manage.py export_db`: one account, or one event, with its files, for a server without internet."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError

from crud import registry
from operations.archive import ArchiveError
from operations.bundle import BundleError
from operations.bundle_export import make_bundle
from operations.places import Busy
from tenancy.command import AetherCommand, find_account
from tenancy.context import every_tenant, tenant
from tenancy.principal import SYSTEM, acting_as


class Command(AetherCommand):
    help = (
        "Writes a bundle of one account, or of one event and what it refers to: rows under their ids, and files. No\n"
        "password, passcode or key is in it, and nothing of other accounts. Prints its path. The other server takes\n"
        "it in from its folder backups/import/, by check_and_import."
    )
    example = "manage.py export_db --account 7Qx2b9TfLm0\n  manage.py export_db --event q3VbT6sWmZk"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", metavar="ID", help="id or code of the account")
        parser.add_argument("--event", metavar="ID", help="id of the event")
        parser.add_argument("--allow-missing", action="store_true", help="go on where bytes of a file are missing")
        parser.add_argument("--dry-run", action="store_true", help="say what is asked for, write nothing")

    def handle(
        self, *, account: str | None, event: str | None, allow_missing: bool, dry_run: bool, **options: Any
    ) -> None:
        chosen_event = find_event(event) if event else None
        owner = find_account(account) if account else account_of(chosen_event)
        if chosen_event is not None and chosen_event.account_id != owner.pk:
            raise CommandError(f"The event {event!r} is none of that account's.")
        with acting_as(SYSTEM), tenant(owner.pk):
            if dry_run:
                rows = sum(object_type.model.objects.count() for object_type in registry.values())
                what = f"the event {chosen_event} of the account {owner.code}, and what it refers to"
                self.say(f"Would export {what if chosen_event else f'the account {owner.code}: {rows:,} rows'}.")
                self.say("Nothing was written.")
                return
            try:
                with self.progress(0) as advance:
                    bundle = make_bundle(owner, chosen_event, may_lack=allow_missing, advance=advance)
            except Busy:
                raise CommandError("Nothing was exported: a backup or bundle is being made now.") from None
            except OSError as error:
                raise CommandError(f"Nothing was exported: {error.strerror or error}.") from error
            except BundleError as error:
                raise CommandError(f"Nothing was exported. {error} With --allow-missing they are left out.") from error
            except (ArchiveError, DatabaseError) as error:
                raise CommandError(f"Nothing was exported. {error}") from error
        self.stdout.write(str(bundle.path))
        self.say(f"Bundled and verified: {bundle.rows:,} rows, {bundle.files:,} files. It holds no secrets.")
        for missing in bundle.missing:
            self.say(f"No bytes, or damaged ones: {missing}")


def find_event(public_id: str) -> Any:
    with every_tenant(reason="the command names an event by its id, before an account is entered"):
        event = registry["event"].model.objects.filter(id_random=public_id).first()
    if event is None:
        raise CommandError(f"There is no event {public_id!r}.")
    return event


def account_of(event: Any) -> Any:
    if event is None:
        raise CommandError("Say what: --account ID, or --event ID.")
    with every_tenant(reason="the account of an event that the command has named"):
        return registry["account"].model.objects.get(pk=event.account_id)
