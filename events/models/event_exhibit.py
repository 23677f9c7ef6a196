from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import HtmlField, SecretField, TextCharField
from tenancy.foreign_key import TenantForeignKey


def validate_questions(value: Any) -> None:
    """A list of `{code, label, type, options}`; `code` is a question's identity, the rest may be missing."""
    if not isinstance(value, list):
        raise ValidationError("Give a list of questions.")
    codes = set()
    for number, question in enumerate(value, start=1):
        code = question.get("code") if isinstance(question, dict) else None
        if not isinstance(code, str) or not code.strip() or code in codes:
            raise ValidationError(f"Question {number}: code is a text, not empty, each only once.")
        codes.add(code)
        if any(not isinstance(question.get(name, ""), str) for name in ("label", "type")):
            raise ValidationError(f"Question {number}: label and type are texts.")
        if not isinstance(question.get("options") or [], list):
            raise ValidationError(f"Question {number}: options are a list.")


class EventExhibit(TenantObject):
    event = TenantForeignKey("events.Event", models.PROTECT, related_name="+")
    organization = TenantForeignKey("accounts.Organization", models.PROTECT, null=True, blank=True, related_name="+")
    event_location = TenantForeignKey("events.EventLocation", models.PROTECT, null=True, blank=True, related_name="+")
    code = TextCharField(max_length=100, null=True, blank=True, help_text="The booth")
    name = TextCharField(max_length=255)
    description = HtmlField(null=True, blank=True)
    leads_api_access = models.BooleanField(default=False)
    leads_questions_json = models.JSONField(null=True, blank=True, validators=[validate_questions])
    passcode = SecretField(null=True, blank=True)

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
    search_text = ["code", "name", "description"]
    views = {"enriched": ["account.name", "event.name", "organization.name", "event_location.name"]}
    counts = ["event_exhibit_tracking"]
