from __future__ import annotations

from kernel.model_fields import TextCharField
from lookups.models.lookup_row import LookupRow


class Country(LookupRow):
    """ISO 3166-1; `code` is alpha-2."""

    alpha_3 = TextCharField(max_length=3, null=True, blank=True)
    numeric = TextCharField(max_length=3, null=True, blank=True, help_text="Three digits, as text.")

    facts = ("alpha_3", "numeric")

    class Meta(LookupRow.Meta):
        db_table = "country"
