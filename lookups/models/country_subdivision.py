from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from kernel.model_fields import TextCharField
from lookups.models.country import Country
from lookups.models.lookup_row import LookupRow


class CountrySubdivision(LookupRow):
    """ISO 3166-2."""

    country_group = TextCharField(
        max_length=64, null=True, blank=True, help_text="The group of its country; an override may leave it out."
    )
    type = TextCharField(max_length=100, null=True, blank=True, help_text="State, Province, Canton…")
    parent_group = TextCharField(
        max_length=64, null=True, blank=True, help_text="The group of the subdivision that it is a part of."
    )

    facts = ("country_group", "type", "parent_group")

    class Meta(LookupRow.Meta):
        db_table = "country_subdivision"
        indexes = [
            *LookupRow.Meta.indexes,
            models.Index(fields=["country_group", "account_id"], name="countrysubdivision_country"),
        ]

    def clean(self) -> None:
        super().clean()
        if self.country_group:
            self._must_exist(Country.objects, "country_group", "There is no such country.")
        elif self.default_row() is None or self.account_id is None:
            raise ValidationError({"country_group": "A new subdivision needs its country."})
        if self.parent_group:
            self._must_exist(CountrySubdivision.objects, "parent_group", "There is no such subdivision.")

    def _must_exist(self, rows: Any, name: str, complaint: str) -> None:
        mine = models.Q(account_id=None) | models.Q(account_id=self.account_id)
        if not rows.filter(mine, group=getattr(self, name)).exists():
            raise ValidationError({name: complaint})
