from __future__ import annotations

from django.db import models

from accounts.validators import validate_object
from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import HtmlField, LongTextField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class Journal(TenantObject):
    person = TenantForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    name = TextCharField(max_length=255)
    type_code = TextCharField(max_length=100, null=True, blank=True)
    summary = LongTextField(null=True, blank=True)
    description = HtmlField(null=True, blank=True)
    cfg_json = models.JSONField(null=True, blank=True, validators=[validate_object])

    class Meta(TenantObject.Meta):
        db_table = "journal"


@register
class JournalType(ObjectType):
    model = Journal
    parents = ["account", "person"]
    search_text = ["name", "type_code", "summary", "description"]
    views = {"enriched": ["account.name", "person.full_name"]}
    counts = ["journal_entry"]
    roles = {"create": "user", "update": "user"}
