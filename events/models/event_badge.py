from __future__ import annotations

import secrets
from typing import Any

from django.core.validators import MaxValueValidator
from django.db import models, transaction

from accounts.full_name import keep_full_name
from crud import ObjectType, register
from crud.models import ObjectManager, ObjectQuerySet, TenantObject
from events import consent
from kernel.model_fields import EmailField, ExactCharField, TextCharField
from tenancy.foreign_key import TenantForeignKey


def new_token() -> str:
    return secrets.token_urlsafe(18)


class EventBadgeQuerySet(ObjectQuerySet):
    def bulk_create(self, objs: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """Badges that begin with consent have it in the ledger."""
        with transaction.atomic(savepoint=False):
            created = super().bulk_create(objs, *args, **kwargs)
            sharing = [badge for badge in created if badge.allow_tracking and not consent.comes_along()]
            begun = [consent.decision(badge, None, True, "created") for badge in sharing]
            consent.model("EventBadgeConsent").objects.bulk_create(begun)
        return created


class EventBadgeManager(ObjectManager.from_queryset(EventBadgeQuerySet)):  # type: ignore[misc]
    pass


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
    badge_token = ExactCharField(
        max_length=32, unique=True, default=new_token, editable=False, help_text="What the badge's QR code holds"
    )
    consent_token = ExactCharField(
        max_length=32, unique=True, default=new_token, editable=False, help_text="For the attendee alone"
    )

    objects = EventBadgeManager()  # type: ignore[misc]

    class Meta(TenantObject.Meta):
        db_table = "event_badge"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event", "family_name"], name="event_badge_acct_name"),
            models.Index(fields=["account", "external_id"], name="event_badge_acct_external"),
        ]

    @property
    def printed_name(self) -> str:
        return self.full_name_override or self.full_name or ""

    def __str__(self) -> str:
        return self.printed_name or "Badge without a name"

    def derive(self) -> None:
        keep_full_name(self)
        super().derive()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Each change of `allow_tracking` is a decision for all exhibits, and stands in the ledger."""
        adding, before = self._state.adding, self.stored("allow_tracking")
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)
            if consent.comes_along():
                return
            if adding and self.allow_tracking:
                consent.decision(self, None, True, "created").save()
            elif not adding and before != self.allow_tracking:
                consent.decide(self, None, self.allow_tracking, consent.by_whom())


@register
class EventBadgeType(ObjectType):
    model = EventBadge
    parents = ["event", "event_person", "event_badge_template"]
    alias = "badge"
    read_only = ["badge_token", "consent_token"]
    restricted = {"consent_token": "administrator"}
    own_only = ["badge_token", "consent_token"]
    sorted_by = ["family_name"]
    personal = [
        *("given_name", "family_name", "full_name", "full_name_override", "professional_title", "affiliations"),
        *("location", "email", "phone", "external_id", "notes"),
    ]
    same_person = ["event_person"]
    search_text = [
        *("full_name", "full_name_override", "given_name", "family_name", "professional_title"),
        *("affiliations", "location", "email", "external_id"),
    ]
    views = {"enriched": ["account.name", "event.name", "event_person.full_name", "event_badge_template.name"]}
    counts = ["event_exhibit_tracking"]
