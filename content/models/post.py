from __future__ import annotations

from django.db import models

from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class Post(TenantObject):
    site = TenantForeignKey("accounts.Site", models.PROTECT, null=True, blank=True, related_name="+")
    person = TenantForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    title = TextCharField(max_length=255, null=True, blank=True)
    name = TextCharField(max_length=255, null=True, blank=True)
    content = HtmlField(null=True, blank=True)
    topic_code = TextCharField(max_length=100, null=True, blank=True)
    published_on = models.DateTimeField(null=True, blank=True)
    external_id = TextCharField(max_length=100, null=True, blank=True)

    class Meta(TenantObject.Meta):
        db_table = "post"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "site", "published_on"], name="post_acct_site_published"),
            models.Index(fields=["account", "external_id"], name="post_acct_external"),
        ]


@register
class PostType(ObjectType):
    model = Post
    parents = ["account", "site", "person"]
    guests = True
    public = ["title", "name", "content", "topic_code", "published_on", "site_id"]
    sorted_by = ["published_on"]
    search_text = ["title", "name", "content", "topic_code"]
    views = {"enriched": ["account.name", "site.name", "person.full_name"]}
    counts = ["post_comment"]
