from __future__ import annotations

from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from crud import ObjectType, register
from crud.models import TenantObject
from events.badges.layout import MAX_LENGTH, problem_of
from kernel.model_fields import TextCharField
from tenancy.foreign_key import TenantForeignKey

MILLIMETRES: Final = [MinValueValidator(10.0), MaxValueValidator(float(MAX_LENGTH))]


def validate_layout(value: Any) -> None:
    if problem := problem_of(value):
        raise ValidationError(problem)


class EventBadgeTemplate(TenantObject):
    event = TenantForeignKey("events.Event", models.PROTECT, related_name="+")
    name = TextCharField(max_length=255)
    width_mm = models.FloatField(default=86.0, validators=MILLIMETRES)
    height_mm = models.FloatField(default=54.0, validators=MILLIMETRES)
    layout_json = models.JSONField(null=True, blank=True, validators=[validate_layout])
    background_hosted_file = TenantForeignKey(
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
