from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q

from crud import ObjectType, register, registry
from crud.declare.rules import Scope
from crud.models import TenantObject
from files.models.hosted_file_link import HostedFileLink
from kernel.model_fields import ExactCharField, HtmlField, TextCharField
from tenancy.foreign_key import TenantForeignKey
from tenancy.principal import Access


class HostedFile(TenantObject):
    """An account's hold on bytes that are stored once under their SHA-256. Without a hash as long as it is made."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        PROCESSING = "processing"
        READY = "ready"
        FAILED = "failed"

    hash_sha256 = ExactCharField(max_length=64, null=True, blank=True, validators=[RegexValidator(r"\A[0-9a-f]{64}\Z")])
    subdirectory_path = TextCharField(max_length=255, null=True, blank=True)
    filename = TextCharField(max_length=255)
    extension = TextCharField(max_length=32, null=True, blank=True)
    content_type = TextCharField(max_length=150, null=True, blank=True)
    size = models.BigIntegerField(null=True, blank=True, validators=[MinValueValidator(0)])
    title = TextCharField(max_length=255, null=True, blank=True)
    description = HtmlField(null=True, blank=True)
    status = TextCharField(max_length=16, choices=Status.choices, default=Status.READY)
    status_message = TextCharField(max_length=500, null=True, blank=True)
    progress = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(100)])
    source_hosted_file = TenantForeignKey("files.HostedFile", models.PROTECT, null=True, blank=True, related_name="+")

    class Meta(TenantObject.Meta):
        db_table = "hosted_file"
        indexes = [
            *TenantObject.Meta.indexes,
            models.Index(fields=["account", "hash_sha256"], name="hosted_file_acct_hash"),
            models.Index(fields=["hash_sha256"], name="hosted_file_hash"),  # the sweep asks for all accounts
        ]


@register
class HostedFileType(ObjectType):
    model = HostedFile
    parents = ["account"]
    guests = True
    public = [
        *("hash_sha256", "subdirectory_path", "filename", "extension", "content_type", "size"),
        *("title", "description", "status"),
    ]
    read_only = [
        *("hash_sha256", "subdirectory_path", "size", "content_type"),
        *("status", "status_message", "progress", "source_hosted_file_id"),
    ]
    sorted_by = ["filename"]
    search_text = ["filename", "title", "description"]
    views = {"enriched": ["account.name", "source_hosted_file.filename"]}
    bytes_at = "/v3/action/hosted_file/{id}/download"
    counts = ["hosted_file_link"]
    flattened = ["hash_sha256", "subdirectory_path", "content_type", "size"]
    roles = {"create": "nobody", "update": "user", "delete": "user"}  # uploads and conversions create
    scopes = {"device": Scope(only_where={"enable": True, "hide": False})}  # of those, what its room's files hold

    def rows(self, access: Access) -> Any:
        rows = super().rows(access)
        if not access.public_only:
            return rows
        hangs_on_something_open = Q(pk__in=[])
        for condition in self._scoped_holders(access) if self.scope_of(access) else self._public_holders(access):
            hangs_on_something_open |= Q(condition)
        return rows.filter(hangs_on_something_open)

    def was_readable(self, access: Access, state: dict[str, Any]) -> bool:
        return not access.public_only  # what a file hung on is not known once it is gone

    def _scoped_holders(self, access: Access) -> Iterator[Exists]:
        """One condition for each foreign key of each type that is open to such a principal by a scope of its own."""
        for holder in registry.values():
            if holder is not self and holder.scope_of(access):
                for field in holder.model._meta.concrete_fields:
                    if field.related_model is HostedFile:
                        yield Exists(holder.rows(access).filter(**{field.name: OuterRef("pk")}))

    def _public_holders(self, access: Access) -> Iterator[Exists]:
        """One condition for each foreign key, and for all links, of each type that is open to guests."""
        links = HostedFileLink.objects.filter(hosted_file=OuterRef("pk"), enable=True, hide=False)
        for holder in registry.values():
            if holder is self or not holder.guests:
                continue
            for field in holder.model._meta.concrete_fields:
                if field.related_model is HostedFile:
                    yield Exists(holder.rows(access).filter(**{field.name: OuterRef("pk")}))
            public_ids = holder.rows(access).values("id_random")
            yield Exists(links.filter(link_to_type=holder.name, link_to_id__in=public_ids))
