from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models

from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class EventLocation(TenantObject):
    event = TenantForeignKey("events.Event", models.PROTECT, related_name="+")
    code = TextCharField(max_length=100, null=True, blank=True)
    name = TextCharField(max_length=255)
    description = HtmlField(null=True, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True, validators=[MaxValueValidator(10_000_000)])

    class Meta(TenantObject.Meta):
        db_table = "event_location"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event", "code"], name="event_location_acct_code"),
        ]


@register
class EventLocationType(ObjectType):
    model = EventLocation
    public = ["code", "name"]  # a public programme names its rooms
    parents = ["event"]
    alias = "location"
    sorted_by = ["code"]
    search_text = ["code", "name", "description"]
    views = {"enriched": ["account.name", "event.name"]}
    counts = ["event_session"]
