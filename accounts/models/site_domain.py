from __future__ import annotations

import re
from typing import Final

import idna
from django.core.exceptions import ValidationError
from django.db import models

from crud import ObjectType, register
from crud.models import TenantObject
from kernel.model_fields import TextCharField

MAX_LENGTH: Final = 253
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def normal_fqdn(text: str) -> str:
    """A host name as it is stored: lower case, ASCII (IDNA), no dot at the end. Raises ValidationError."""
    name = text.strip().lower().removesuffix(".")
    try:
        if not name.isascii():
            name = idna.encode(name, uts46=True, std3_rules=True).decode()
        labels = name.split(".")
        for label in labels:
            if label.startswith("xn--"):
                idna.decode(label)
    except idna.IDNAError:
        labels = []
    if not labels or len(name) > MAX_LENGTH or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValidationError("Give a host name, such as www.example.org, without scheme, port or path.")
    return name


class SiteDomain(TenantObject):
    site = models.ForeignKey("accounts.Site", models.PROTECT, related_name="+")
    fqdn = TextCharField(max_length=MAX_LENGTH, unique=True)
    is_primary = models.BooleanField(default=False)

    class Meta(TenantObject.Meta):
        db_table = "site_domain"

    def derive(self) -> None:
        try:
            self.fqdn = normal_fqdn(self.fqdn or "")
        except ValidationError as error:
            raise ValidationError({"fqdn": error.messages}) from None
        super().derive()


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
