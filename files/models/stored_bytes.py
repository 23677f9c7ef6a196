from __future__ import annotations

from django.db import models
from django.utils import timezone

from kernel.model_fields import ExactCharField


class StoredBytes(models.Model):
    """Bytes that the store holds, or is about to: one row a content, whoever refers to it. No account's, no object.

    `touched_on` is written before bytes are put in their place. The sweep removes nothing that was touched lately, and
    holds the row while it removes; so it can't take what an upload is just relying on.
    """

    hash_sha256 = ExactCharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    touched_on = models.DateTimeField(default=timezone.now, db_index=True)
    seal = models.CharField(max_length=100, blank=True)
    """How the file looked from outside (size, times) when its bytes were last known to be right."""

    class Meta:
        db_table = "stored_bytes"

    def __str__(self) -> str:
        return str(self.hash_sha256)
