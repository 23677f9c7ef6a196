from __future__ import annotations

from django.db import models

from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class PostComment(TenantObject):
    post = TenantForeignKey("content.Post", models.PROTECT, related_name="+")
    person = TenantForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    name = TextCharField(max_length=255, null=True, blank=True)
    content = HtmlField(null=True, blank=True)

    class Meta(TenantObject.Meta):
        db_table = "post_comment"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "post", "created_on"], name="post_comment_acct_post"),
        ]


@register
class PostCommentType(ObjectType):
    model = PostComment
    parents = ["post", "person"]
    alias = "comment"
    guests = True
    public = ["name", "content", "post_id"]
    public_parents = ["post"]
    search_text = ["name", "content"]
    views = {"enriched": ["account.name", "post.title", "post.name", "person.full_name"]}
    roles = {"create": "user", "update": "user"}
