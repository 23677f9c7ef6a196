from __future__ import annotations

from django.core.exceptions import ValidationError

from kernel.model_fields import TextCharField
from lookups.models.lookup_row import LookupRow
from lookups.zones import zone_named


class TimeZone(LookupRow):
    """IANA; `code` and `group` are its name. Its offset is worked out when it is asked for."""

    link_to = TextCharField(
        max_length=64, null=True, blank=True, help_text="The zone that this name is another name of."
    )

    facts = ("link_to",)

    class Meta(LookupRow.Meta):
        db_table = "time_zone"

    def clean(self) -> None:
        super().clean()
        for name in ("code", "link_to"):
            if (text := getattr(self, name)) and zone_named(text) is None:
                raise ValidationError({name: "The tz database has no such zone."})
