from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from crud import ObjectType, register
from crud.declare.rules import Mask, RowRule
from crud.models import TenantObject
from kernel.model_fields import HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey


def validate_responses(value: Any) -> None:
    if isinstance(value, dict) or (isinstance(value, list) and all(isinstance(answer, dict) for answer in value)):
        return
    raise ValidationError("Give an object {code: answer}, or a list of objects with one answer each.")


class EventExhibitTracking(TenantObject):
    """A lead: one exhibit has met the holder of one badge."""

    event_exhibit = TenantForeignKey("events.EventExhibit", models.PROTECT, related_name="+")
    event_badge = TenantForeignKey("events.EventBadge", models.PROTECT, null=True, blank=True, related_name="+")
    captured_on = models.DateTimeField(null=True, blank=True)
    captured_by = TextCharField(max_length=200, null=True, blank=True)
    rating = models.IntegerField(null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(100)])
    exhibitor_notes = HtmlField(null=True, blank=True)
    responses_json = models.JSONField(null=True, blank=True, validators=[validate_responses])

    class Meta(TenantObject.Meta):
        db_table = "event_exhibit_tracking"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "event_exhibit", "captured_on"], name="exhibit_tracking_acct_captured"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event_exhibit", "event_badge"], name="exhibit_tracking_badge_once"),
        ]

    def __str__(self) -> str:
        return self.id_random


@register
class EventExhibitTrackingType(ObjectType):
    model = EventExhibitTracking
    parents = ["event_exhibit", "event_badge"]
    alias = "tracking"
    search_text = ["captured_by", "exhibitor_notes"]
    views = {
        "enriched": [
            *("account.name", "event_exhibit.name", "event_exhibit.code"),
            *("event_badge.full_name", "event_badge.affiliations", "event_badge.professional_title"),
        ]
    }
    roles = {"create": "user", "update": "user"}
    # Leads belong to the exhibitor; who runs the event sees them where the exhibitor agreed (contract section 8).
    row_rules = [RowRule(below="manager", relation="event_exhibit", field="leads_api_access")]
    masks = [Mask("event_badge", ("email", "phone", "location"), unless="allow_tracking")]
