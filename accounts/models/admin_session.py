from __future__ import annotations

from django.db import models
from django.utils import timezone

from kernel.model_fields import ExactCharField, TextCharField


class AdminSession(models.Model):
    """Somebody's sign-in to the admin, so that it can be listed and ended; Django's session holds its id."""

    public_id = ExactCharField(max_length=32, unique=True)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    password = ExactCharField(max_length=16)
    """A fingerprint of the user's password: Django ends what was begun with another."""
    device = TextCharField(max_length=200)
    address = ExactCharField(max_length=45)
    created_on = models.DateTimeField(default=timezone.now)
    last_used_on = models.DateTimeField(default=timezone.now)
    ended_on = models.DateTimeField(null=True)

    class Meta:
        db_table = "admin_session"

    def __str__(self) -> str:
        return str(self.public_id)
