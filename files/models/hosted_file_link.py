from __future__ import annotations

from django.db import models

from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import IdField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class HostedFileLink(TenantObject):
    """What a hosted file hangs on: an object of any type, by its public id."""

    hosted_file = TenantForeignKey("files.HostedFile", models.PROTECT, related_name="+")
    link_to_type = TextCharField(max_length=64)
    link_to_id = IdField()
    role_code = TextCharField(max_length=100, null=True, blank=True)

    class Meta(TenantObject.Meta):
        db_table = "hosted_file_link"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "link_to_type", "link_to_id"], name="hosted_file_link_target"),
        ]


@register
class HostedFileLinkType(ObjectType):
    model = HostedFileLink
    parents = ["hosted_file"]
    alias = "link"
    generic_references = [("link_to_type", "link_to_id")]
    search_text = ["link_to_type", "role_code"]
    views = {"enriched": ["account.name", "hosted_file.filename"]}
    roles = {"create": "user", "update": "user"}
