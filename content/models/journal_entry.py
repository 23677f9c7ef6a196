from __future__ import annotations

from django.db import models

from accounts.validators import LATITUDE, LONGITUDE, WEB_ADDRESS, require_order, validate_texts, validate_time_zone
from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import LongTextField, LookupField, TextCharField
from tenancy.foreign_key import TenantForeignKey
from tenancy.principal import Principal


class JournalEntry(TenantObject):
    journal = TenantForeignKey("content.Journal", models.PROTECT, related_name="+")
    person = TenantForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    name = TextCharField(max_length=255, null=True, blank=True)
    category_code = TextCharField(max_length=100, null=True, blank=True)
    content = LongTextField(null=True, blank=True, help_text="Markdown")
    tags_json = models.JSONField(null=True, blank=True, validators=[validate_texts])
    start_datetime = models.DateTimeField(null=True, blank=True)
    end_datetime = models.DateTimeField(null=True, blank=True)
    start_time_zone = LookupField("time_zone", null=True, blank=True, validators=[validate_time_zone])
    latitude = models.FloatField(null=True, blank=True, validators=LATITUDE)
    longitude = models.FloatField(null=True, blank=True, validators=LONGITUDE)
    url = TextCharField(max_length=500, null=True, blank=True, validators=WEB_ADDRESS)

    class Meta(TenantObject.Meta):
        db_table = "journal_entry"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "journal", "start_datetime"], name="journal_entry_acct_start"),
            models.Index(fields=["account", "start_datetime"], name="journal_entry_start"),
            models.Index(fields=["account", "category_code"], name="journal_entry_category"),
        ]


@register
class JournalEntryType(ObjectType):
    model = JournalEntry
    parents = ["journal", "person"]
    alias = "entry"
    search_text = ["name", "category_code", "content", "url"]
    views = {"enriched": ["account.name", "journal.name", "person.full_name"]}
    roles = {"create": "user", "update": "user"}

    def validate(self, row: JournalEntry, principal: Principal) -> None:
        require_order(row)
