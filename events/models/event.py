from __future__ import annotations

from django.db import models

from accounts.validators import require_order, validate_object, validate_time_zone
from crud import ObjectType, register
from crud.models import TenantObject
from events.slots import validate_configuration
from kernel.model_fields import HtmlField, LongTextField, LookupField, TextCharField
from tenancy.foreign_key import TenantForeignKey
from tenancy.principal import Principal


class Event(TenantObject):
    site = TenantForeignKey("accounts.Site", models.PROTECT, null=True, blank=True, related_name="+")
    code = TextCharField(max_length=100, null=True, blank=True)
    name = TextCharField(max_length=255)
    summary = LongTextField(null=True, blank=True)
    description = HtmlField(null=True, blank=True)
    type_code = TextCharField(max_length=100, null=True, blank=True)
    start_datetime = models.DateTimeField(null=True, blank=True)
    end_datetime = models.DateTimeField(null=True, blank=True)
    time_zone = LookupField("time_zone", null=True, blank=True, validators=[validate_time_zone])
    location_text = TextCharField(max_length=500, null=True, blank=True)
    external_id = TextCharField(max_length=100, null=True, blank=True)
    cfg_json = models.JSONField(null=True, blank=True, validators=[validate_object])

    class Meta(TenantObject.Meta):
        db_table = "event"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "start_datetime"], name="event_acct_start"),
            models.Index(fields=["account", "external_id"], name="event_acct_external"),
        ]


@register
class EventType(ObjectType):
    model = Event
    parents = ["account", "site"]
    guests = True
    public = [
        *("code", "name", "summary", "description", "type_code"),
        *("start_datetime", "end_datetime", "time_zone", "location_text", "site_id"),
    ]
    sorted_by = ["code"]
    search_text = ["code", "name", "summary", "description", "location_text"]
    views = {"enriched": ["account.name", "site.name"]}
    counts = ["event_session", "event_exhibit"]

    def validate(self, row: Event, principal: Principal) -> None:
        require_order(row)
        validate_configuration(row.cfg_json)
