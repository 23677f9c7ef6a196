from __future__ import annotations

from django.db import models

from accounts.validators import validate_object
from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import TextCharField
from tenancy.foreign_key import TenantForeignKey


class EventDevice(TenantObject):
    """A room machine or a kiosk."""

    event = TenantForeignKey("events.Event", models.PROTECT, related_name="+")
    event_location = TenantForeignKey("events.EventLocation", models.PROTECT, null=True, blank=True, related_name="+")
    code = TextCharField(max_length=100, null=True, blank=True)
    name = TextCharField(max_length=255)
    type_code = TextCharField(max_length=100, null=True, blank=True)
    cfg_json = models.JSONField(null=True, blank=True, validators=[validate_object])
    status_json = models.JSONField(null=True, blank=True, validators=[validate_object])
    last_seen_on = models.DateTimeField(null=True, blank=True)

    class Meta(TenantObject.Meta):
        db_table = "event_device"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event", "code"], name="event_device_acct_code"),
        ]


@register
class EventDeviceType(ObjectType):
    model = EventDevice
    parents = ["event", "event_location"]
    alias = "device"
    search_text = ["code", "name", "type_code"]
    views = {"enriched": ["account.name", "event.name", "event_location.name"]}
