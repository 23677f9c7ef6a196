from __future__ import annotations

from django.db import models

from accounts.validators import WEB_ADDRESS
from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import EmailField, HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class Organization(TenantObject):
    name = TextCharField(max_length=255)
    description = HtmlField(null=True, blank=True)
    website = TextCharField(max_length=500, null=True, blank=True, validators=WEB_ADDRESS)
    email = EmailField(null=True, blank=True)
    phone = TextCharField(max_length=50, null=True, blank=True)
    logo_hosted_file = TenantForeignKey("files.HostedFile", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(TenantObject.Meta):
        db_table = "organization"
        indexes = [*TenantObject.Meta.indexes, models.Index(fields=["account", "name"], name="organization_acct_name")]


@register
class OrganizationType(ObjectType):
    model = Organization
    parents = ["account"]
    search_text = ["name", "description", "website", "email"]
    views = {"enriched": ["account.name", "logo_hosted_file.filename"]}
    counts = ["person", "contact"]
