from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models

from accounts.service_address import is_key, is_service_address
from kernel.model_fields import TextCharField
from tenancy.models import TenantRow


def validate_address(value: str) -> None:
    if not is_service_address(value):
        raise ValidationError("Give an address such as https://www.example.org/api, without a user, ? or #.")


def validate_key(value: str) -> None:
    if not is_key(value):
        raise ValidationError("Give the key as the service shows it, without blanks.")


class AccountService(TenantRow):
    """Where an account has an outside service of its own, and our key for it. Without a row, the settings hold.

    It is no object type, so no API reads it. The key is stored as it is, as it has to be sent so.
    """

    class Name(models.TextChoices):
        NOVI = "novi", "Novi AMS"

    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="+")
    name = models.CharField(max_length=16, choices=Name.choices)
    base = TextCharField(max_length=255, validators=[validate_address], help_text="https://www.example.org/api")
    key = models.CharField(max_length=500, validators=[validate_key])
    updated_on = models.DateTimeField(auto_now=True)

    class Meta(TenantRow.Meta):
        db_table = "account_service"
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="account_service_once")]

    def __str__(self) -> str:
        return self.get_name_display()
