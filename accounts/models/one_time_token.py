from __future__ import annotations

from django.db import models
from django.utils import timezone

from kernel.model_fields import EmailField, ExactCharField, OwnIdField, TextCharField
from tenancy.foreign_key import TenantForeignKey
from tenancy.models import TenantRow


class OneTimeToken(TenantRow):
    """A token that goes out by mail, and the store of its use. The token itself is made when the mail is sent, and is
    not stored; see accounts.one_time."""

    class Purpose(models.TextChoices):
        PASSWORD_RESET = "password_reset"  # noqa: S105  (a name)
        FIRST_PASSWORD = "first_password"  # noqa: S105
        MAGIC_LINK = "magic_link"
        INVITATION = "invitation"

    id_random = OwnIdField()
    account = models.ForeignKey("accounts.Account", models.CASCADE, null=True, related_name="+")
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    user = TenantForeignKey("accounts.User", models.CASCADE, null=True, related_name="+")
    """Whom it lets in; None for an invitation."""
    site = TenantForeignKey("accounts.Site", models.CASCADE, null=True, related_name="+")
    fqdn = TextCharField(max_length=253, null=True)
    admin_origin = TextCharField(max_length=300, null=True)
    """Where the admin is, if the link leads there: https://aether.example.org"""
    password = ExactCharField(max_length=16, null=True)
    """A fingerprint of the user's password: another one ends it."""
    email = EmailField(null=True)
    role = models.CharField(max_length=16, null=True)
    name = TextCharField(max_length=200, null=True)
    inviter = TenantForeignKey("accounts.User", models.CASCADE, null=True, related_name="+")
    key_prefix = ExactCharField(max_length=16, null=True)
    """Of the key that invited, where no user did."""
    created_on = models.DateTimeField(default=timezone.now)
    expires_on = models.DateTimeField(db_index=True)
    used_on = models.DateTimeField(null=True)

    class Meta(TenantRow.Meta):
        db_table = "one_time_token"
        indexes = [models.Index(fields=["user", "purpose", "created_on"], name="one_time_token_of_user")]

    def __str__(self) -> str:
        return self.purpose
