from __future__ import annotations

from collections.abc import Iterator

from django.db import models

from crud import ObjectType, register
from crud.models import TenantObject
from kernel.internet_names import LONGEST_HOST_NAME, shown_host_name
from kernel.model_fields import HostNameField
from tenancy.foreign_key import TenantForeignKey


class SiteDomain(TenantObject):
    site = TenantForeignKey("accounts.Site", models.PROTECT, related_name="+")
    fqdn = HostNameField(max_length=LONGEST_HOST_NAME, unique=True)
    is_primary = models.BooleanField(default=False)

    class Meta(TenantObject.Meta):
        db_table = "site_domain"

    def searched_texts(self) -> Iterator[str | None]:
        yield self.fqdn
        yield shown_host_name(self.fqdn)


@register
class SiteDomainType(ObjectType):
    model = SiteDomain
    parents = ["site"]
    alias = "domain"
    guests = True
    guest_lookup = "fqdn"
    public = ["fqdn", "is_primary", "site_id"]
    search_text = ["fqdn"]
    views = {
        "enriched": [
            "account.name",
            "account.code",
            "site.name",
            "site.code",
            "site.title",
            "site.tagline",
            "site.cfg_json",
        ]
    }
    roles = {"create": "manager", "update": "manager"}
