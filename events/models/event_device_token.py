from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any, Final, Self

from django.db import models
from django.utils import timezone

from accounts.models.api_key import key_digest
from events.models.event_device import EventDevice
from kernel.model_fields import ExactCharField, TextCharField
from tenancy.foreign_key import TenantForeignKey
from tenancy.models import TenantRow

PREFIXES: Final = {"device": "aed_", "display": "aev_", "enrolment": "aee_"}
"""How tokens begin, so that whoever finds one knows what it is, and logs leave it out."""


def new_secret(kind: str) -> str:
    return PREFIXES[kind] + secrets.token_urlsafe(24)


class EventDeviceToken(TenantRow):
    """What a device comes with, or the pages that it shows. Told once; kept as a keyed digest."""

    class Kind(models.TextChoices):
        DEVICE = "device"
        DISPLAY = "display"

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", editable=False)
    event_device = TenantForeignKey("events.EventDevice", models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    digest = ExactCharField(max_length=64, unique=True, editable=False)
    expires_on = models.DateTimeField(null=True, blank=True)
    """Of one that another has followed."""
    created_on = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantRow.Meta):
        db_table = "event_device_token"

    def __str__(self) -> str:
        return f"{self.kind} token of device {self.event_device_id}"

    @classmethod
    def issue(cls, device: EventDevice, kind: str) -> tuple[Self, str]:
        """Make one. Answers its row and the token, which nobody can read again."""
        token = new_secret(kind)
        row = cls(event_device=device, kind=kind, digest=key_digest(token))
        row.save()
        return row, token


class EventDeviceProvision(TenantRow):
    """A one-time token with which a machine enrols for a room."""

    id = models.BigAutoField(primary_key=True)
    account = models.ForeignKey("accounts.Account", models.PROTECT, related_name="+", editable=False)
    event_location = TenantForeignKey("events.EventLocation", models.CASCADE, related_name="+")
    profile = TextCharField(max_length=16, choices=EventDevice.Profile.choices)
    digest = ExactCharField(max_length=64, unique=True, editable=False)
    expires_on = models.DateTimeField()
    used_on = models.DateTimeField(null=True, blank=True)
    created_by = TextCharField(max_length=200, null=True, blank=True)
    created_on = models.DateTimeField(default=timezone.now, editable=False)

    class Meta(TenantRow.Meta):
        db_table = "event_device_provision"

    def __str__(self) -> str:
        return f"{self.profile} for room {self.event_location_id}"

    @classmethod
    def issue(cls, location: Any, profile: str, expires_on: datetime, by: str) -> tuple[Self, str]:
        token = new_secret("enrolment")
        row = cls(
            event_location=location,
            profile=profile,
            digest=key_digest(token),
            expires_on=expires_on,
            created_by=by[:200],
        )
        row.save()
        return row, token
