from __future__ import annotations

from django.db import models
from django.utils import timezone

from kernel.model_fields import ExactCharField


class SecondFactor(models.Model):
    """What a user shows besides the password: codes of an app (RFC 6238), or one of the recovery codes. See
    accounts.second_factor."""

    user = models.OneToOneField("accounts.User", models.CASCADE, related_name="+")
    secret = ExactCharField(max_length=255)
    """Encrypted."""
    recovery_codes = models.JSONField(default=list)
    """Hashes of those that are not used yet."""
    last_step = models.BigIntegerField(default=0)
    """The step of time whose code was used last: none before it is good any more."""
    created_on = models.DateTimeField(default=timezone.now)
    confirmed_on = models.DateTimeField(null=True)
    """When the app showed its first code; before that nobody is asked for one."""

    class Meta:
        db_table = "second_factor"

    def __str__(self) -> str:
        return f"second factor {self.pk}"
