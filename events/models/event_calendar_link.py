from __future__ import annotations

import secrets
from typing import Any, Final, Self

from django.db import models
from django.utils import timezone

from accounts.models.api_key import key_digest
from kernel.model_fields import ExactCharField, IdField, TextCharField
from tenancy.models import TenantRow

PREFIX: Final = "aec_"


class EventCalendarLink(TenantRow):
    """An address at which a calendar program finds one calendar, without a key. Told once; kept as a keyed digest."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", editable=False)
    obj_type = models.CharField(max_length=64)
    obj_id = IdField()
    digest = ExactCharField(max_length=64, unique=True, editable=False)
    created_by = TextCharField(max_length=200, null=True, blank=True)
    created_on = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantRow.Meta):
        db_table = "event_calendar_link"
        indexes = [models.Index(fields=["account", "obj_type", "obj_id"], name="calendar_link_object")]

    def __str__(self) -> str:
        return f"calendar of {self.obj_type} {self.obj_id}"

    @classmethod
    def issue(cls, obj_type: str, obj_id: str, by: str) -> tuple[Self, str]:
        token = PREFIX + secrets.token_urlsafe(24)
        row: Any = cls(obj_type=obj_type, obj_id=obj_id, digest=key_digest(token), created_by=by[:200])
        row.save()
        return row, token
