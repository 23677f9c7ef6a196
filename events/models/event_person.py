from __future__ import annotations

from django.db import models

from accounts.full_name import keep_full_name
from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import EmailField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class EventPerson(TenantObject):
    """Who is registered for an event."""

    event = TenantForeignKey("events.Event", models.PROTECT, related_name="+")
    person = TenantForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    registration_type_code = TextCharField(max_length=100, null=True, blank=True)
    external_id = TextCharField(max_length=100, null=True, blank=True)
    given_name = TextCharField(max_length=100, null=True, blank=True)
    family_name = TextCharField(max_length=100, null=True, blank=True)
    full_name = TextCharField(max_length=410, null=True, blank=True)
    professional_title = TextCharField(max_length=255, null=True, blank=True)
    affiliations = TextCharField(max_length=1000, null=True, blank=True)
    email = EmailField(null=True, blank=True)
    phone = TextCharField(max_length=50, null=True, blank=True)

    class Meta(TenantObject.Meta):
        db_table = "event_person"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event", "family_name"], name="event_person_acct_name"),
            models.Index(fields=["account", "external_id"], name="event_person_acct_external"),
        ]

    def derive(self) -> None:
        keep_full_name(self)
        super().derive()


@register
class EventPersonType(ObjectType):
    model = EventPerson
    parents = ["event", "person"]
    alias = "person"
    read_only = ["full_name"]
    sorted_by = ["family_name"]
    personal = [
        *("given_name", "family_name", "full_name", "professional_title", "affiliations"),
        *("email", "phone", "external_id", "notes"),
    ]
    same_person = ["person"]
    search_text = ["full_name", "given_name", "family_name", "affiliations", "email", "external_id"]
    views = {"enriched": ["account.name", "event.name", "person.full_name"]}
    counts = ["event_badge"]
