from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from kernel.internet_names import normal_host_name
from kernel.model_fields import EmailField, TextCharField
from tenancy.models import TenantRow


def validate_server(value: str) -> None:
    try:
        normal_host_name(value)
    except ValidationError:
        raise ValidationError("Give the name of a mail server, such as smtp.example.org.") from None


def validate_one_line(value: str) -> None:
    if not value.isprintable():
        raise ValidationError("Give one line of text.")


class MailSender(TenantRow):
    """Who the mails of an account are from. Without a row: the account's name, and the server's address.

    It is no object type, so no API reads it. The password is stored as it is, as it has to be sent so.
    """

    class Security(models.TextChoices):
        STARTTLS = "starttls", "STARTTLS"
        TLS = "tls", "TLS from the start"
        NONE = "none", "None"

    account = models.OneToOneField("accounts.Account", models.CASCADE, related_name="+")
    name = TextCharField(
        max_length=100,
        null=True,
        blank=True,
        validators=[validate_one_line],
        help_text="Who mails are from. Empty: the account's name.",
    )
    reply_to = EmailField(null=True, blank=True, help_text="Where answers go.")
    logo = models.BinaryField(null=True, blank=True, editable=False)
    logo_type = models.CharField(max_length=20, null=True, blank=True, editable=False)
    host = TextCharField(
        "mail server",
        max_length=253,
        null=True,
        blank=True,
        validators=[validate_server],
        help_text="One of the account's own. The server's environment outranks it.",
    )
    port = models.PositiveIntegerField(default=587)
    security = models.CharField(max_length=10, choices=Security.choices, default=Security.STARTTLS)
    user = models.CharField(max_length=200, null=True, blank=True)
    password = models.CharField(max_length=500, null=True, blank=True)
    from_address = EmailField(null=True, blank=True, help_text="Used with the account's own mail server only.")
    updated_on = models.DateTimeField(auto_now=True)

    class Meta(TenantRow.Meta):
        db_table = "mail_sender"
        verbose_name = "mail sender"

    def __str__(self) -> str:
        return self.name or str(self.account)

    def clean(self) -> None:
        if not 1 <= (self.port or 0) <= 65_535:
            raise ValidationError({"port": "It is a number from 1 to 65535."})
        if self.host and not self.from_address:
            raise ValidationError({"from_address": "A mail server of one's own needs the address that it sends as."})

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name, self.host = (self.name or "").strip() or None, (self.host or "").strip().lower() or None
        super().save(*args, **kwargs)
