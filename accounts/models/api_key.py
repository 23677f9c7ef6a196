from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from ipaddress import ip_network
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from kernel.model_fields import ExactCharField, IdField, TextCharField

PREFIX_OF_KIND = {"secret": "aes", "publishable": "aep"}


def key_digest(key: str) -> str:
    return hmac.digest(settings.AETHER_KEY_PEPPER.encode(), key.encode("utf-8", "replace"), "sha256").hex()


def split_key(key: str) -> str | None:
    """The public prefix of a key, by which its row is found; None for what is no key of ours."""
    kind, _, rest = key.partition("_")
    prefix, _, secret = rest.partition("_")
    return prefix if kind in PREFIX_OF_KIND.values() and len(prefix) == 12 and secret else None


class ApiKey(models.Model):
    """A machine client's entry ticket (contract section 2.1). The key itself is shown once and never stored."""

    class KeyKind(models.TextChoices):
        SECRET = "secret"  # noqa: S105  (the kind's name)
        PUBLISHABLE = "publishable"

    class KeyRole(models.TextChoices):
        GUEST = "guest"
        EXHIBITOR = "exhibitor"
        USER = "user"
        ADMINISTRATOR = "administrator"
        MANAGER = "manager"
        SUPER = "super"

    name = TextCharField(max_length=100)
    kind = models.CharField(max_length=16, choices=KeyKind.choices, default=KeyKind.SECRET)
    prefix = ExactCharField(max_length=16, unique=True, editable=False)
    digest = ExactCharField(max_length=64, editable=False)
    accounts = models.ManyToManyField("accounts.Account", through="accounts.ApiKeyAccount", related_name="+")
    all_accounts = models.BooleanField(default=False)
    role = models.CharField(max_length=16, choices=KeyRole.choices, default=KeyRole.USER)
    subject_id = IdField(
        null=True,
        blank=True,
        verbose_name="exhibit",
        help_text="The id of the one exhibit that a key with the role exhibitor acts for",
    )
    allow_bypass = models.BooleanField(default=False)
    read_only = models.BooleanField(default=False)
    allowed_origins = models.JSONField(default=list, blank=True)
    allowed_networks = models.JSONField(default=list, blank=True)
    rate_per_minute = models.PositiveIntegerField(null=True, blank=True)
    enable = models.BooleanField(default=True)
    expires_on = models.DateTimeField(null=True, blank=True)
    last_used_on = models.DateTimeField(null=True, blank=True, editable=False)
    created_on = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        db_table = "api_key"

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix})"

    def clean(self) -> None:
        if self.kind == self.KeyKind.PUBLISHABLE and self.allow_bypass:
            raise ValidationError("A publishable key is known to everybody; it can never bypass.")
        if self.role == self.KeyRole.SUPER and not self.all_accounts:
            raise ValidationError({"role": "The role super is for keys of all accounts only."})
        if (self.role == self.KeyRole.EXHIBITOR) != bool(self.subject_id):
            raise ValidationError("The role exhibitor and the exhibit go together.")
        if self.subject_id and (self.kind == self.KeyKind.PUBLISHABLE or self.allow_bypass or self.all_accounts):
            raise ValidationError("A key for an exhibit is secret, for one account, and never bypasses.")
        for name in ("allowed_origins", "allowed_networks"):
            listed = getattr(self, name)
            if not isinstance(listed, list) or not all(isinstance(text, str) for text in listed):
                raise ValidationError({name: "Give a list of texts."})
        for text in self.allowed_networks:
            try:
                ip_network(text)
            except ValueError:
                raise ValidationError({"allowed_networks": f"{text} is no network."}) from None

    @classmethod
    def issue(cls, *, key: str | None = None, accounts: list[Any] | None = None, **values: Any) -> tuple[Self, str]:
        """Make a key. Answers its row and the key itself, which nobody can read again.

        `key`: use this very text (the demo's keys are the same at every start).
        """
        kind = values.get("kind", cls.KeyKind.SECRET)
        key = key or f"{PREFIX_OF_KIND[kind]}_{secrets.token_hex(6)}_{secrets.token_urlsafe(24)}"
        row = cls(prefix=split_key(key), digest=key_digest(key), **values)
        row.full_clean()
        row.save()
        ApiKeyAccount.objects.bulk_create(ApiKeyAccount(api_key=row, account=account) for account in accounts or [])
        return row, key

    def verify(self, key: str) -> bool:
        return hmac.compare_digest(self.digest, key_digest(key))

    def expired(self, now: datetime) -> bool:
        return self.expires_on is not None and self.expires_on <= now


class ApiKeyAccount(models.Model):
    """An account that a key may act for."""

    api_key = models.ForeignKey(ApiKey, models.CASCADE, related_name="+")
    account = models.ForeignKey("accounts.Account", models.CASCADE, related_name="+")

    class Meta:
        db_table = "api_key_account"
        constraints = [models.UniqueConstraint(fields=["api_key", "account"], name="api_key_account_once")]

    def __str__(self) -> str:
        return f"{self.api_key_id}: {self.account_id}"
