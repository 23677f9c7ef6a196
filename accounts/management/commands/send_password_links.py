"""`manage.py send_password_links`: users who have no password, as those of a bundle, get a mail to choose one."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.management.base import CommandError, CommandParser

from accounts.access_requests import mail_first_password
from accounts.mailed_links import admin_of
from accounts.models import User
from kernel.transactions import in_transaction
from tenancy.command import AetherCommand
from tenancy.principal import Role


class Command(AetherCommand):
    help = "Mails users of an account a link to choose their password: those without one, or those named."
    example = "manage.py send_password_links --account 7Qx2b9TfLm0 --dry-run"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True, metavar="ID", help="id or code of the account")
        parser.add_argument(
            "--username",
            nargs="+",
            action="extend",
            help="only these, with a password or without",
        )
        parser.add_argument("--dry-run", action="store_true", help="name them, and mail nobody")

    def handle(self, *, account: str, username: list[str] | None, dry_run: bool, **options: Any) -> None:
        with self.in_account(account):
            users = list(User.objects.select_related("account").filter(enable=True, hide=False).order_by("username"))
            if username is None:
                users = [user for user in users if not user.has_usable_password()]
            else:
                users = [user for user in users if user.username in username]
                if missing := set(username) - {user.username for user in users}:
                    raise CommandError(f"There is no such user in the account: {', '.join(sorted(missing))}.")
            sent = [user for user in users if dry_run or self.mail(user)]
        for user in sent:
            self.stdout.write(user.username)
        self.say(f"{'Would mail' if dry_run else 'Queued'}: {len(sent)} of {len(users)}.")

    def mail(self, user: User) -> bool:
        is_queued = in_transaction(partial(mail_first_password, user, Role.MANAGER, admin_of(None)))
        if not is_queued:
            self.say(f"{user.username}: no address, or asked for too often.")
        return is_queued
