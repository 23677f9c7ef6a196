from __future__ import annotations

from django.db import models

from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class Page(TenantObject):
    site = TenantForeignKey("accounts.Site", models.PROTECT, related_name="+")
    name = TextCharField(max_length=255)
    path = TextCharField(max_length=400)
    title = TextCharField(max_length=255, null=True, blank=True)
    description = HtmlField(null=True, blank=True)
    content = HtmlField(null=True, blank=True)
    template_code = TextCharField(max_length=100, null=True, blank=True)

    class Meta(TenantObject.Meta):
        db_table = "page"
        constraints = [models.UniqueConstraint(fields=["site", "path"], name="page_path_once_a_site")]


@register
class PageType(ObjectType):
    model = Page
    parents = ["site"]
    search_text = ["name", "path", "title", "description", "content"]
    views = {"enriched": ["account.name", "site.name"]}
