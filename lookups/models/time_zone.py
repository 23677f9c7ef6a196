from __future__ import annotations

from django.db import models

from lookups.models.lookup_row import LookupRow


class TimeZone(LookupRow):
    """IANA; `code` and `group` are its name."""

    utc_offset_minutes = models.IntegerField(
        null=True,
        blank=True,
        help_text="Without daylight saving time; the offset of the moment is worked out when asked.",
    )

    class Meta(LookupRow.Meta):
        db_table = "time_zone"
