from __future__ import annotations

from django.db import models
from django.utils import timezone

from kernel.model_fields import ExactCharField, TextCharField
from tenancy.foreign_key import TenantForeignKey
from tenancy.models import TenantRow


class EventExhibitScan(TenantRow):
    """One accepted scan, or one change made to a lead by hand: what the lead is folded from (`events.scan_merge`)."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", editable=False)
    event_exhibit = TenantForeignKey("events.EventExhibit", models.CASCADE, related_name="+")
    event_exhibit_tracking = TenantForeignKey("events.EventExhibitTracking", models.CASCADE, related_name="+")
    client_ref = ExactCharField(max_length=100)
    captured_on = models.DateTimeField()
    """By the true clock."""
    device_captured_on = models.DateTimeField(null=True)
    received_on = models.DateTimeField(default=timezone.now)
    captured_by = TextCharField(max_length=200, null=True)
    by_hand = models.BooleanField(default=False)
    """Its values replace what was there at its moment."""
    values_json = models.JSONField(default=dict)
    """Of rating, exhibitor_notes, responses_json, tags_json those that it gives."""

    class Meta(TenantRow.Meta):
        db_table = "event_exhibit_scan"
        constraints = [models.UniqueConstraint(fields=["event_exhibit", "client_ref"], name="exhibit_scan_once")]

    def __str__(self) -> str:
        return str(self.client_ref)
