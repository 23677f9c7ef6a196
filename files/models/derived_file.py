from __future__ import annotations

from django.db import models

from kernel.model_fields import ExactCharField
from tenancy.foreign_key import TenantOneToOneField
from tenancy.models import TenantRow


class DerivedFile(TenantRow):
    """How a hosted file is made of another one: what the worker reads, and what makes a repeated request find it."""

    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+")
    digest = ExactCharField(max_length=64)
    """Of the source's bytes, the kind of work, its parameters and the link: the same request again is the same row."""
    hosted_file = TenantOneToOneField("files.HostedFile", models.CASCADE, related_name="+")
    source_hash = ExactCharField(max_length=64)
    kind = models.CharField(max_length=16)
    parameters_json = models.JSONField(default=dict)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, db_index=True)
    """Somebody is at work on it until then; who dies leaves it to whoever comes after."""

    class Meta(TenantRow.Meta):
        db_table = "derived_file"
        verbose_name = "background job"
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="derived_file_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.digest[:12]}"
