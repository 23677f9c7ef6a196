"""`manage.py send_test_mail`: does mail get out?"""

from __future__ import annotations

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from kernel.internet_names import InternationalEmailValidator, normal_email
from mail.delivery import deliver_due
from mail.models import MailMessage
from mail.outbox import Mail, put
from mail.trial import TRIAL
from tenancy.command import AetherCommand


class Command(AetherCommand):
    help = "Sends a test mail by the outbox, as the account's mails are sent, and says what became of it."
    example = "manage.py send_test_mail --account 7Qx2b9TfLm0 --to ada@example.org"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", required=True, metavar="ID", help="id or code of the account")
        parser.add_argument("--to", required=True, metavar="ADDRESS", help="who gets it")

    def handle(self, *, account: str, to: str, **options: Any) -> None:
        address = normal_email(to)
        try:
            InternationalEmailValidator()(address)
        except ValidationError:
            raise CommandError("--to takes one e-mail address.") from None
        cause = f"trial:{secrets.token_hex(8)}"
        with self.in_account(account) as row, transaction.atomic():
            put(TRIAL, row, [Mail(address, cause)])
        deliver_due()
        with self.in_account(account):
            message = MailMessage.objects.get(cause=cause)
        if message.sent_on is None:
            raise CommandError(f"It was not sent: {message.last_error or 'a worker is about to'}")
        self.say(f"Sent to {address}.")
