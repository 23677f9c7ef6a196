from __future__ import annotations

from django.db import models
from django.utils import timezone

from kernel.model_fields import TextCharField


class AccessRequest(models.Model):
    """Somebody asked for a mail that lets them in. Whose address it is, is looked up in the background only, so that
    the answer takes as long for an address that nobody has. The row is gone once it is answered."""

    class Wanted(models.TextChoices):
        PASSWORD_RESET = "password_reset"  # noqa: S105  (a name)
        MAGIC_LINK = "magic_link"
        STAFF_PASSWORD = "staff_password"  # noqa: S105

    wanted = models.CharField(max_length=20, choices=Wanted.choices)
    email = TextCharField(max_length=254)
    site = models.ForeignKey("accounts.Site", models.CASCADE, null=True, related_name="+")
    fqdn = TextCharField(max_length=253, null=True)
    """The domain name that was asked at, where the link leads."""
    origin = TextCharField(max_length=300, null=True)
    """Of the admin, for staff."""
    created_on = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "access_request"

    def __str__(self) -> str:
        return self.wanted
