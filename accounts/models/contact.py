from __future__ import annotations

from django.db import models

from accounts.validators import validate_time_zone
from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import EmailField, LookupField, TextCharField
from tenancy.foreign_key import TenantForeignKey


class Contact(TenantObject):
    """A way to reach a person or an organization. Country, subdivision and time zone are codes of lookups."""

    person = TenantForeignKey("accounts.Person", models.PROTECT, null=True, blank=True, related_name="+")
    organization = TenantForeignKey("accounts.Organization", models.PROTECT, null=True, blank=True, related_name="+")
    type = TextCharField(max_length=50, null=True, blank=True)
    email = EmailField(null=True, blank=True)
    phone = TextCharField(max_length=50, null=True, blank=True)
    mobile = TextCharField(max_length=50, null=True, blank=True)
    address_line_1 = TextCharField(max_length=255, null=True, blank=True)
    address_line_2 = TextCharField(max_length=255, null=True, blank=True)
    address_line_3 = TextCharField(max_length=255, null=True, blank=True)
    city = TextCharField(max_length=150, null=True, blank=True)
    country_subdivision = LookupField("country_subdivision", within="country", null=True, blank=True)
    postal_code = TextCharField(max_length=30, null=True, blank=True)
    country = LookupField("country", null=True, blank=True)
    time_zone = LookupField("time_zone", null=True, blank=True, validators=[validate_time_zone])

    class Meta(TenantObject.Meta):
        db_table = "contact"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "person"], name="contact_acct_person"),
            models.Index(fields=["account", "organization"], name="contact_acct_organization"),
        ]


@register
class ContactType(ObjectType):
    model = Contact
    parents = ["account", "person", "organization"]
    sorted_by = ["email"]
    personal = [
        *("email", "phone", "mobile", "address_line_1", "address_line_2", "address_line_3", "city", "notes"),
        *("country_subdivision", "postal_code", "country", "time_zone"),
    ]
    same_person = ["person"]
    search_text = ["type", "email", "phone", "mobile", "address_line_1", "address_line_2", "city", "postal_code"]
    views = {"enriched": ["account.name", "person.full_name", "organization.name"]}
    roles = {"create": "user", "update": "user"}
