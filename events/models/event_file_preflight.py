from __future__ import annotations

from typing import Final

from django.db import models
from django.utils import timezone

from kernel.model_fields import ExactCharField
from tenancy.foreign_key import TenantForeignKey
from tenancy.models import TenantRow

UNSUPPORTED: Final = "unsupported"
PREFLIGHT_LEVELS: Final = ("clean", "info", "warning", "error", UNSUPPORTED)
"""What a file's findings come to: the worst of them, if there are any; or that its kind is not looked into."""


class EventFilePreflight(TenantRow):
    """What was seen in the bytes of a file when it arrived, and what was said of it then; see `events.preflight`."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", editable=False)
    event_file = TenantForeignKey("events.EventFile", models.CASCADE, related_name="+")
    hash_sha256 = ExactCharField(max_length=64)
    """Of the bytes. Other ones are looked into anew."""
    seen_json = models.JSONField(null=True)
    """What `files.read_slides` tells of them."""
    unread = ExactCharField(max_length=32, default="")
    """Where nothing was seen: the word for why."""
    findings_json = models.JSONField(default=list)
    looked_on = models.DateTimeField(default=timezone.now)

    class Meta(TenantRow.Meta):
        db_table = "event_file_preflight"
        constraints = [models.UniqueConstraint(fields=["event_file"], name="file_preflight_once")]

    def __str__(self) -> str:
        return f"preflight of file {self.event_file_id}"
