"""The change log, and the one signal that tells the rest of the system about a committed change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.dispatch import Signal

from crud.model_fields import SearchTextField, SecretField, SecretsByRoleField
from crud.request_context import current_request_id
from tenancy.context import every_tenant
from tenancy.principal import current_principal

objects_changed = Signal()
"""Sent once a transaction, after its commit, with `changes`: a list of Change in the order they were made."""

UNLOGGED = frozenset({"id", "updated_on", "created_on"})
BATCH = 500


@dataclass(frozen=True)
class Change:
    obj_type: str
    obj_id: str
    pk: int
    account_id: int | None
    action: str
    columns: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """attname → (old, new), secrets masked."""

    @classmethod
    def created(cls, row: Any) -> Change:
        return cls._of(row, "created", {f.attname: (None, getattr(row, f.attname)) for f in row._meta.concrete_fields})

    @classmethod
    def updated(cls, row: Any, columns: dict[str, tuple[Any, Any]]) -> Change:
        return cls._of(row, "updated", columns)

    @classmethod
    def deleted(cls, row: Any) -> Change:
        return cls._of(row, "deleted", {f.attname: (getattr(row, f.attname), None) for f in row._meta.concrete_fields})

    @classmethod
    def _of(cls, row: Any, action: str, columns: dict[str, tuple[Any, Any]]) -> Change:
        logged = {}
        for name, (old, new) in columns.items():
            model_field = row._meta.get_field(name)
            if name in UNLOGGED or isinstance(model_field, SearchTextField) or old == new:
                continue
            secret = isinstance(model_field, SecretField | SecretsByRoleField) or name == "password"
            logged[name] = ("***" if old else None, "***" if new else None) if secret else (old, new)
        return cls(row._meta.db_table, row.id_random, row.pk, getattr(row, row.tenant_column), action, logged)


def record_many(changes: list[Change]) -> None:
    """Write the log entries in the running transaction; announce them when it commits."""
    from crud.models import ChangeLog  # crud.models saves through this module

    principal = current_principal().label
    request_id = current_request_id()
    entries = [
        ChangeLog(
            account_id=change.account_id,
            obj_type=change.obj_type,
            obj_id=change.obj_id,
            action=change.action,
            changes_json={name: [_plain(old), _plain(new)] for name, (old, new) in change.columns.items()},
            principal=principal,
            request_id=request_id,
        )
        for change in changes
    ]
    with every_tenant(reason="the log carries the account of the row that changed"):
        ChangeLog.objects.bulk_create(entries, batch_size=BATCH)
    transaction.on_commit(lambda: objects_changed.send_robust(sender=Change, changes=changes), robust=True)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
