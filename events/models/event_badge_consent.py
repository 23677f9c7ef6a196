from __future__ import annotations

from django.db import models
from django.utils import timezone

from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import TextCharField
from tenancy.foreign_key import TenantForeignKey


class EventBadgeConsent(TenantObject):
    """One decision about a badge's contact data: the ledger, written by `events.consent` and by nobody else."""

    class How(models.TextChoices):
        ATTENDEE = "attendee"
        STAFF = "staff"
        IMPORT = "import"
        CREATED = "created"

    event_badge = TenantForeignKey("events.EventBadge", models.CASCADE, related_name="+")
    event_exhibit = TenantForeignKey(
        "events.EventExhibit",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty: every exhibit, those that scan the badge later too",
    )
    share = models.BooleanField(default=False)
    decided_on = models.DateTimeField(default=timezone.now)
    decided_by = TextCharField(max_length=200, null=True, blank=True)
    how = TextCharField(max_length=16, choices=How.choices)

    class Meta(TenantObject.Meta):
        db_table = "event_badge_consent"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event_badge", "id"], name="badge_consent_acct_badge"),
        ]

    def __str__(self) -> str:
        return str(self.id_random)


@register
class EventBadgeConsentType(ObjectType):
    model = EventBadgeConsent
    parents = ["event_badge", "event_exhibit"]
    sorted_by = ["decided_on"]
    alias = "consent"
    views = {"enriched": ["account.name", "event_badge.full_name", "event_exhibit.name"]}
    roles = {
        "read": "administrator",
        "create": "nobody",
        "update": "nobody",
        "delete": "nobody",
        "hard_delete": "nobody",
    }
