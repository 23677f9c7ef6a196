from __future__ import annotations

from django.db import models

from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class Archive(TenantObject):
    site = TenantForeignKey("accounts.Site", models.PROTECT, null=True, blank=True, related_name="+")
    name = TextCharField(max_length=255)
    description = HtmlField(null=True, blank=True)
    code = TextCharField(max_length=100, null=True, blank=True)

    class Meta(TenantObject.Meta):
        db_table = "archive"


@register
class ArchiveType(ObjectType):
    model = Archive
    parents = ["account", "site"]
    guests = True
    public = ["name", "description", "code", "site_id"]
    sorted_by = ["code"]
    search_text = ["name", "description", "code"]
    views = {"enriched": ["account.name", "site.name"]}
    counts = ["archive_content"]
