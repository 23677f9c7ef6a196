from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey

MOST_FONTS = 5_000


def validate_fonts(value: Any) -> None:
    is_list = isinstance(value, list) and len(value) <= MOST_FONTS
    if not is_list or not all(isinstance(name, str) and 0 < len(name) <= 200 for name in value):
        raise ValidationError("Give a list of names, at most 5,000, each of 1 to 200 characters.")


class EventLocation(TenantObject):
    event = TenantForeignKey("events.Event", models.PROTECT, related_name="+")
    code = TextCharField(max_length=100, null=True, blank=True)
    name = TextCharField(max_length=255)
    description = HtmlField(null=True, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True, validators=[MaxValueValidator(10_000_000)])
    screen_width = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    screen_height = models.PositiveIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100_000)]
    )
    fonts_json = models.JSONField(null=True, blank=True, validators=[validate_fonts])
    """Names of the fonts that its machines have."""

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
