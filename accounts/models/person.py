from __future__ import annotations

from django.db import models

from accounts.full_name import keep_full_name
from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import EmailField, HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class Person(TenantObject):
    organization = TenantForeignKey("accounts.Organization", models.PROTECT, null=True, blank=True, related_name="+")
    prefix = TextCharField(max_length=50, null=True, blank=True)
    given_name = TextCharField(max_length=100, null=True, blank=True)
    middle_name = TextCharField(max_length=100, null=True, blank=True)
    family_name = TextCharField(max_length=100, null=True, blank=True)
    suffix = TextCharField(max_length=50, null=True, blank=True)
    full_name = TextCharField(max_length=410, null=True, blank=True)
    display_name = TextCharField(max_length=200, null=True, blank=True)
    professional_title = TextCharField(max_length=255, null=True, blank=True)
    affiliations = TextCharField(max_length=1000, null=True, blank=True)
    email = EmailField(null=True, blank=True)
    phone = TextCharField(max_length=50, null=True, blank=True)
    external_id = TextCharField(max_length=100, null=True, blank=True)
    biography = HtmlField(null=True, blank=True)
    tagline = TextCharField(max_length=255, null=True, blank=True)
    image_hosted_file = TenantForeignKey("files.HostedFile", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(TenantObject.Meta):
        db_table = "person"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "family_name", "given_name"], name="person_acct_name"),
            models.Index(fields=["account", "external_id"], name="person_acct_external"),
        ]

    def derive(self) -> None:
        keep_full_name(self)
        super().derive()


@register
class PersonType(ObjectType):
    model = Person
    parents = ["account", "organization"]
    read_only = ["full_name"]
    personal = [
        *("prefix", "given_name", "middle_name", "family_name", "suffix", "full_name", "display_name", "notes"),
        *("professional_title", "affiliations", "email", "phone", "external_id", "biography", "tagline"),
        "image_hosted_file_id",
    ]
    sorted_by = ["family_name"]
    search_text = ["full_name", "display_name", "professional_title", "affiliations", "email", "external_id"]
    views = {"enriched": ["account.name", "organization.name", "image_hosted_file.filename"]}
    counts = ["contact"]
