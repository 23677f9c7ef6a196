from __future__ import annotations

from django.db import models

from crud.model_fields import TextCharField
from lookups.models.lookup_row import LookupRow


class CountrySubdivision(LookupRow):
    """ISO 3166-2."""

    country_code = TextCharField(max_length=2)
    type = TextCharField(max_length=100, null=True, blank=True)
    parent_code = TextCharField(max_length=64, null=True, blank=True)

    class Meta(LookupRow.Meta):
        db_table = "country_subdivision"
        indexes = [
            *LookupRow.Meta.indexes,
            models.Index(fields=["country_code", "account_id"], name="countrysubdivision_country"),
        ]
