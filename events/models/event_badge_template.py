from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from crud.model_fields import TextCharField
from crud.models import TenantObject
from crud.object_type import ObjectType, register

ELEMENT_TYPES: Final = ("text", "field", "qr", "image", "box")
MAX_ELEMENTS: Final = 200
MAX_LENGTH: Final = 1000
MILLIMETRES: Final = [MinValueValidator(10.0), MaxValueValidator(float(MAX_LENGTH))]


def validate_layout(value: Any) -> None:
    """`{"elements": [...]}`, or the list alone; places and sizes in millimetres from the upper left corner."""
    elements = value.get("elements") if isinstance(value, dict) else value
    if not isinstance(elements, list) or len(elements) > MAX_ELEMENTS:
        raise ValidationError(f"Give a list of at most {MAX_ELEMENTS} elements.")
    for number, element in enumerate(elements, start=1):
        if not isinstance(element, dict) or element.get("type") not in ELEMENT_TYPES:
            raise ValidationError(f"Element {number}: type is one of {', '.join(ELEMENT_TYPES)}.")
        if any(not _is_length(element.get(side)) for side in ("x", "y")):
            raise ValidationError(f"Element {number}: x and y are numbers from 0 to {MAX_LENGTH}.")
        if any(side in element and not _is_length(element[side]) for side in ("w", "h")):
            raise ValidationError(f"Element {number}: w and h are numbers from 0 to {MAX_LENGTH}.")


def _is_length(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_LENGTH


class EventBadgeTemplate(TenantObject):
    event = models.ForeignKey("events.Event", models.PROTECT, related_name="+")
    name = TextCharField(max_length=255)
    width_mm = models.FloatField(default=86.0, validators=MILLIMETRES)
    height_mm = models.FloatField(default=54.0, validators=MILLIMETRES)
    layout_json = models.JSONField(null=True, blank=True, validators=[validate_layout])
    background_hosted_file = models.ForeignKey(
        "files.HostedFile", models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta(TenantObject.Meta):
        db_table = "event_badge_template"


@register
class EventBadgeTemplateType(ObjectType):
    model = EventBadgeTemplate
    parents = ["event"]
    alias = "badge_template"
    search_text = ["name"]
    views = {"enriched": ["account.name", "event.name", "background_hosted_file.filename"]}
    counts = ["event_badge"]
