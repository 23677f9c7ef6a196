from __future__ import annotations

import secrets
from typing import Any, Final, Self

from django.db import models
from django.utils import timezone

from accounts.models.api_key import key_digest
from kernel.model_fields import ExactCharField, OwnIdField, TextCharField
from tenancy.foreign_key import TenantForeignKey
from tenancy.models import TenantRow

LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without those that are taken for another when a card is read."""


class EventExhibitPasscode(TenantRow):
    """With which one of an exhibitor's people signs in. It is made here, so a keyed digest keeps it as well as a slow
    hash would."""

    id = models.BigAutoField(primary_key=True)
    id_random = OwnIdField()
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", editable=False)
    event_exhibit = TenantForeignKey("events.EventExhibit", models.CASCADE, related_name="+")
    rep_name = TextCharField(max_length=200)
    digest = ExactCharField(max_length=64, editable=False)
    created_on = models.DateTimeField(default=timezone.now, editable=False)
    created_by = TextCharField(max_length=200, null=True, blank=True)

    class Meta(TenantRow.Meta):
        db_table = "event_exhibit_passcode"
        constraints = [
            models.UniqueConstraint(fields=["event_exhibit", "digest"], name="exhibit_passcode_once"),
        ]

    def __str__(self) -> str:
        return str(self.rep_name)

    @classmethod
    def issue(cls, exhibit: Any, rep_name: str, by: str) -> tuple[Self, str]:
        """Make one. Answers its row and the passcode, which nobody can read again."""
        passcode = "".join(secrets.choice(LETTERS) for _ in range(12))
        row = cls(event_exhibit=exhibit, rep_name=rep_name, digest=key_digest(passcode), created_by=by[:200])
        row.save()
        return row, passcode
