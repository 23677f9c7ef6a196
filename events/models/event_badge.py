from __future__ import annotations

from django.core.validators import MaxValueValidator
from django.db import models

from accounts.full_name import keep_full_name
from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import EmailField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class EventBadge(TenantObject):
    """What is printed, and what exhibitors scan. `full_name_override` is printed in place of `full_name`."""

    event = TenantForeignKey("events.Event", models.PROTECT, related_name="+")
    event_person = TenantForeignKey("events.EventPerson", models.PROTECT, null=True, blank=True, related_name="+")
    event_badge_template = TenantForeignKey(
        "events.EventBadgeTemplate", models.PROTECT, null=True, blank=True, related_name="+"
    )
    given_name = TextCharField(max_length=100, null=True, blank=True)
    family_name = TextCharField(max_length=100, null=True, blank=True)
    full_name = TextCharField(max_length=410, null=True, blank=True)
    full_name_override = TextCharField(max_length=410, null=True, blank=True)
    professional_title = TextCharField(max_length=255, null=True, blank=True)
    affiliations = TextCharField(max_length=1000, null=True, blank=True)
    location = TextCharField(max_length=255, null=True, blank=True)
    email = EmailField(null=True, blank=True)
    phone = TextCharField(max_length=50, null=True, blank=True)
    badge_type_code = TextCharField(max_length=100, null=True, blank=True)
    allow_tracking = models.BooleanField(default=False)
    print_count = models.PositiveIntegerField(default=0, validators=[MaxValueValidator(1_000_000)])
    first_printed_on = models.DateTimeField(null=True, blank=True)
    last_printed_on = models.DateTimeField(null=True, blank=True)
    external_id = TextCharField(max_length=100, null=True, blank=True)

    class Meta(TenantObject.Meta):
        db_table = "event_badge"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event", "family_name"], name="event_badge_acct_name"),
            models.Index(fields=["account", "external_id"], name="event_badge_acct_external"),
        ]

    def derive(self) -> None:
        keep_full_name(self)
        super().derive()


@register
class EventBadgeType(ObjectType):
    model = EventBadge
    parents = ["event", "event_person", "event_badge_template"]
    alias = "badge"
    search_text = [
        *("full_name", "full_name_override", "given_name", "family_name", "professional_title"),
        *("affiliations", "location", "email", "external_id"),
    ]
    views = {"enriched": ["account.name", "event.name", "event_person.full_name", "event_badge_template.name"]}
    counts = ["event_exhibit_tracking"]
