from __future__ import annotations

from django.db import models

from kernel.model_fields import ExactCharField
from tenancy.foreign_key import TenantForeignKey
from tenancy.models import TenantRow


class EventDeviceReport(TenantRow):
    """What a device said last of itself. Bookkeeping: written over and over, and only where it changed."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", editable=False)
    event_device = TenantForeignKey("events.EventDevice", models.CASCADE, related_name="+")
    have = models.TextField(default="", blank=True)
    """The SHA-256 of each file that it has, with blanks between."""
    playing = ExactCharField(max_length=64, null=True, blank=True)
    opened = ExactCharField(max_length=64, null=True, blank=True)
    disk_free = models.BigIntegerField(null=True, blank=True)
    battery = models.FloatField(null=True, blank=True)

    class Meta(TenantRow.Meta):
        db_table = "event_device_report"
        constraints = [models.UniqueConstraint(fields=["event_device"], name="device_report_once")]

    def __str__(self) -> str:
        return f"report of device {self.event_device_id}"
