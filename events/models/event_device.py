from __future__ import annotations

from django.db import models

from accounts.validators import validate_object
from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import TextCharField
from tenancy.foreign_key import TenantForeignKey


class EventDevice(TenantObject):
    """A room machine or a kiosk. Enrolled with a one-time code it has a token of its own (`events.devices`); what it
    reports of itself is bookkeeping, which the change log does not hold."""

    class Profile(models.TextChoices):
        LAUNCHER = "launcher"
        SIGNAGE = "signage"
        SCANNER = "scanner"
        KIOSK = "kiosk"

    event = TenantForeignKey("events.Event", models.PROTECT, related_name="+")
    event_location = TenantForeignKey("events.EventLocation", models.PROTECT, null=True, blank=True, related_name="+")
    code = TextCharField(max_length=100, null=True, blank=True)
    name = TextCharField(max_length=255)
    type_code = TextCharField(max_length=100, null=True, blank=True)
    cfg_json = models.JSONField(null=True, blank=True, validators=[validate_object])
    status_json = models.JSONField(null=True, blank=True, validators=[validate_object])
    last_seen_on = models.DateTimeField(null=True, blank=True)
    profile = TextCharField(max_length=16, null=True, blank=True, choices=Profile.choices)
    platform = TextCharField(max_length=200, null=True, blank=True)
    version = TextCharField(max_length=100, null=True, blank=True)
    provisioned_by = TextCharField(max_length=200, null=True, blank=True)
    enrolled_on = models.DateTimeField(null=True, blank=True)
    revoked_on = models.DateTimeField(null=True, blank=True)
    last_report_on = models.DateTimeField(null=True, blank=True)
    clock_error_seconds = models.FloatField(null=True, blank=True)

    class Meta(TenantObject.Meta):
        db_table = "event_device"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event", "code"], name="event_device_acct_code"),
            models.Index(fields=["account", "event_location"], name="event_device_acct_location"),
        ]


@register
class EventDeviceType(ObjectType):
    model = EventDevice
    parents = ["event", "event_location"]
    alias = "device"
    sorted_by = ["code"]
    search_text = ["code", "name", "type_code"]
    read_only = [
        *("profile", "platform", "version", "provisioned_by", "enrolled_on", "revoked_on"),
        *("last_report_on", "clock_error_seconds"),
    ]
    views = {"enriched": ["account.name", "event.name", "event_location.name"]}
