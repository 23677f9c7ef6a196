from __future__ import annotations

from django.db import models

from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import LongTextField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class EventDeviceCommand(TenantObject):
    """What a device was told to do, and what came of it: written by `events.device_commands` and by nobody else."""

    class Command(models.TextChoices):
        OPEN = "open"
        BLANK = "blank"
        MESSAGE = "message"
        RELOAD = "reload"
        IDENTIFY = "identify"

    class Status(models.TextChoices):
        QUEUED = "queued"
        SENT = "sent"
        ACKNOWLEDGED = "acknowledged"
        FAILED = "failed"
        EXPIRED = "expired"

    event_device = TenantForeignKey("events.EventDevice", models.PROTECT, related_name="+")
    command = TextCharField(max_length=16, choices=Command.choices)
    payload_json = models.JSONField(null=True, blank=True)
    status = TextCharField(max_length=16, choices=Status.choices, default=Status.QUEUED)
    sent_on = models.DateTimeField(null=True, blank=True)
    answered_on = models.DateTimeField(null=True, blank=True)
    message = LongTextField(null=True, blank=True)

    class Meta(TenantObject.Meta):
        db_table = "event_device_command"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["event_device", "status"], name="device_command_device_status"),
            models.Index(fields=["status", "created_on"], name="device_command_status"),
        ]

    def __str__(self) -> str:
        return f"{self.command} ({self.status})"


@register
class EventDeviceCommandType(ObjectType):
    model = EventDeviceCommand
    parents = ["event_device"]
    alias = "command"
    views = {"enriched": ["account.name", "event_device.name"]}
    roles = {"create": "nobody", "update": "nobody", "delete": "nobody", "hard_delete": "nobody"}
