from __future__ import annotations

from django.db import models
from django.utils import timezone

from kernel.model_fields import ExactCharField, IdField, OwnIdField
from tenancy.models import TenantRow


class ResumableUpload(TenantRow):
    """An upload by tus that comes in parts: how much of it is on the disk, and what was made of it."""

    class State(models.TextChoices):
        UPLOADING = "uploading"
        FINISHED = "finished"
        FAILED = "failed"

    id = models.BigAutoField(primary_key=True)
    id_random = OwnIdField()
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+")
    owner = ExactCharField(max_length=64)
    """Whose it is: nobody else continues, reads or ends it."""
    length = models.BigIntegerField()
    offset = models.BigIntegerField(default=0)
    """So many bytes are synced to the disk; what lies there beyond is not counted."""
    state = models.CharField(max_length=16, choices=State.choices, default=State.UPLOADING)
    metadata_json = models.JSONField(default=dict)
    hash_sha256 = ExactCharField(max_length=64, null=True)
    """Of the whole, once it is in the store; its rows follow in a transaction that may have to be run again."""
    content_type = models.CharField(max_length=150, null=True)
    hosted_file_id_random = IdField(null=True)
    event_file_id_random = IdField(null=True)
    created_on = models.DateTimeField(default=timezone.now)
    expires_on = models.DateTimeField(db_index=True)

    class Meta(TenantRow.Meta):
        db_table = "resumable_upload"

    def __str__(self) -> str:
        return f"{self.id_random}: {self.offset} of {self.length}"
