from __future__ import annotations

from django.db import models

from accounts.validators import WEB_ADDRESS
from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class ArchiveContent(TenantObject):
    archive = TenantForeignKey("content.Archive", models.PROTECT, related_name="+")
    hosted_file = TenantForeignKey("files.HostedFile", models.PROTECT, null=True, blank=True, related_name="+")
    name = TextCharField(max_length=255)
    description = HtmlField(null=True, blank=True)
    type_code = TextCharField(max_length=100, null=True, blank=True)
    url = TextCharField(max_length=500, null=True, blank=True, validators=WEB_ADDRESS)
    original_datetime = models.DateTimeField(null=True, blank=True)
    credit = TextCharField(max_length=500, null=True, blank=True)

    class Meta(TenantObject.Meta):
        db_table = "archive_content"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "archive", "original_datetime"], name="archive_content_acct_original"),
        ]


@register
class ArchiveContentType(ObjectType):
    model = ArchiveContent
    parents = ["archive", "hosted_file"]
    alias = "content"
    guests = True
    public = [
        *("name", "description", "type_code", "url", "original_datetime", "credit"),
        *("archive_id", "hosted_file_id"),
    ]
    public_parents = ["archive"]
    sorted_by = ["original_datetime"]
    search_text = ["name", "description", "type_code", "credit"]
    views = {"enriched": ["account.name", "archive.name", "hosted_file.filename"]}
