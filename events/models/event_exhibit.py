from __future__ import annotations

from django.db import models

from crud import ObjectType, register
from crud.declare.rules import Scope
from crud.models import TenantObject
from events.questions import validate_questions
from kernel.model_fields import HtmlField, SecretField, TextCharField, validate_passcode
from tenancy.foreign_key import TenantForeignKey


class EventExhibit(TenantObject):
    event = TenantForeignKey("events.Event", models.PROTECT, related_name="+")
    organization = TenantForeignKey("accounts.Organization", models.PROTECT, null=True, blank=True, related_name="+")
    event_location = TenantForeignKey("events.EventLocation", models.PROTECT, null=True, blank=True, related_name="+")
    code = TextCharField(max_length=100, null=True, blank=True, help_text="The booth")
    name = TextCharField(max_length=255)
    description = HtmlField(null=True, blank=True)
    leads_api_access = models.BooleanField(default=False)
    leads_questions_json = models.JSONField(null=True, blank=True, validators=[validate_questions])
    passcode = SecretField(null=True, blank=True, validators=[validate_passcode])

    class Meta(TenantObject.Meta):
        db_table = "event_exhibit"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event", "code"], name="event_exhibit_acct_code"),
        ]


@register
class EventExhibitType(ObjectType):
    model = EventExhibit
    parents = ["event", "organization", "event_location"]
    alias = "exhibit"
    sorted_by = ["code"]
    search_text = ["code", "name", "description"]
    views = {"enriched": ["account.name", "event.name", "organization.name", "event_location.name"]}
    counts = ["event_exhibit_tracking"]
    scopes = {"exhibitor": Scope("id")}
