from __future__ import annotations

from django.db import models
from django.utils import timezone

from kernel.model_fields import ExactCharField, TextCharField


class RefreshToken(models.Model):
    """One link in a chain of rotated refresh tokens, a family: the session of a user. The link that is not used yet
    stands for it; see accounts.families."""

    jti = ExactCharField(max_length=32, unique=True)
    family = ExactCharField(max_length=32, db_index=True)
    user = models.ForeignKey("accounts.User", models.CASCADE, related_name="+")
    key_prefix = ExactCharField(max_length=16)
    password = ExactCharField(max_length=16, null=True)
    """A fingerprint of the password that it was minted from."""
    created_on = models.DateTimeField(default=timezone.now)
    expires_on = models.DateTimeField(db_index=True)
    used_on = models.DateTimeField(null=True)
    revoked_on = models.DateTimeField(null=True)
    began_on = models.DateTimeField(null=True)
    last_used_on = models.DateTimeField(null=True)
    device = TextCharField(max_length=200, null=True)
    address = ExactCharField(max_length=45, null=True)

    class Meta:
        db_table = "refresh_token"

    def __str__(self) -> str:
        return str(self.family)
