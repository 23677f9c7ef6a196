from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from kernel.model_fields import EmailField, ExactCharField, OwnIdField, TextCharField
from tenancy.models import TenantRow

LONGEST_ERROR = 500


class MailMessage(TenantRow):
    """One mail of the outbox. What it says is made when it is sent: links that open something are not stored here."""

    id_random = OwnIdField()
    account = models.ForeignKey("accounts.Account", models.CASCADE, null=True, blank=True, related_name="+")
    kind = ExactCharField(max_length=40)
    to = EmailField()
    subject = TextCharField(max_length=255)
    cause = TextCharField(max_length=200)
    cause_digest = ExactCharField(max_length=64, unique=True, editable=False)
    """Of account and cause: nobody is told twice of one thing."""
    values_json = models.JSONField(default=dict, blank=True)
    """What its kind needs to word it: ids and names, no secrets."""
    is_bulk = models.BooleanField(default=False)
    """One of many: it waits for those that somebody waits for."""
    created_on = models.DateTimeField(default=timezone.now)
    queued_on = models.DateTimeField(default=timezone.now)
    due_on = models.DateTimeField(default=timezone.now, null=True)
    """When it is tried next; None for what is sent or given up."""
    tries = models.PositiveIntegerField(default=0)
    last_error = TextCharField(max_length=LONGEST_ERROR, null=True, blank=True)
    sent_on = models.DateTimeField(null=True, blank=True)
    given_up_on = models.DateTimeField(null=True, blank=True)

    class Meta(TenantRow.Meta):
        db_table = "mail_message"
        indexes = [models.Index(fields=["due_on", "account"], name="mail_message_due")]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    @property
    def state(self) -> str:
        return "sent" if self.sent_on else "given up" if self.given_up_on else "waiting"

    def value(self, name: str) -> Any:
        return self.values_json.get(name)
