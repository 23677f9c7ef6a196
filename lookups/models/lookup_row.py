from __future__ import annotations

from django.db import models
from django.utils import timezone

from crud.model_fields import IdField, OwnIdField, TextCharField


class LookupRow(models.Model):
    """A row for everybody (`account_id` null), an account's override of it, or an override for one object.

    No TenantRow: every account reads the global rows. Which rows are one's own is decided in lookups alone.
    """

    id = models.BigAutoField(primary_key=True)
    id_random = OwnIdField()
    account_id = models.BigIntegerField(null=True, blank=True)
    for_type = TextCharField(max_length=64, null=True, blank=True)
    for_id = IdField(null=True, blank=True)
    code = TextCharField(max_length=64)
    group = TextCharField(max_length=64, help_text="The identity that a row and its overrides share: US, US-CO.")
    name = TextCharField(max_length=200)
    enable = models.BooleanField(default=True)
    hide = models.BooleanField(default=False)
    priority = models.BooleanField(default=False)
    sort = models.IntegerField(null=True, blank=True)
    created_on = models.DateTimeField(default=timezone.now, editable=False)
    updated_on = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True
        indexes = [models.Index(fields=["account_id", "group"], name="%(class)s_group")]

    def __str__(self) -> str:
        return self.name
