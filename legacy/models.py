from __future__ import annotations

from django.db import models

from kernel.model_fields import ExactCharField


class LegacyHit(models.Model):
    """How often a key called an old route on a day (UTC). Without a valid key its prefix and name are empty."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    route = ExactCharField(max_length=64)
    method = ExactCharField(max_length=8)
    key_prefix = ExactCharField(max_length=16, blank=True)
    key_name = models.CharField(max_length=100, blank=True)
    hits = models.BigIntegerField(default=0)

    class Meta:
        db_table = "legacy_hit"
        constraints = [
            models.UniqueConstraint(fields=["day", "route", "method", "key_prefix"], name="legacy_hit_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.method} {self.route} {self.key_prefix or '-'}: {self.hits}"
