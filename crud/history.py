"""The change log, and the one signal that tells the rest of the system about a committed change.

The signal hangs on the process that committed: it is never sent when that process dies, or when nobody hears the reply
to its COMMIT. So each entry also says, in the transaction that it is about, that it is not published yet: see
crud.publication.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson
from django.db import connection, models, transaction
from django.dispatch import Signal
from django.utils import timezone

from crud.declare.object_type import registry
from crud.publication import mark
from kernel.model_fields import InternalField, SecretField, SecretsByRoleField
from kernel.request_context import current_request_id
from tenancy.principal import current_principal

recorded = Signal()
"""Sent within the transaction of a change, after its entry in the log is written, with `changes`. Whoever keeps
something beside the rows writes it now; an exception undoes the change."""
objects_changed = Signal()
"""Sent after a commit with `changes`: a list of Change in the order they were made. Once a transaction, as long as no
savepoint divides it."""

INSERT = (
    "INSERT INTO change_log"
    " (account_id, obj_type, obj_id, action, changes_json, principal, request_id, created_on, unpublished)"
)
PLACES = "(%s, %s, %s, %s, %s, %s, %s, %s, %s)"
"""Every write pays for its log entry, so its SQL is not made anew; `crud.models.ChangeLog` is the table."""
OPTIONS = orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC

HIDDEN = "***"
"""What the log has of a value that nobody may read there."""
UNLOGGED = frozenset({"id", "updated_on", "created_on"})
BATCH = 100


@dataclass(slots=True)
class Change:
    obj_type: str
    obj_id: str
    pk: int
    account_id: int | None
    action: str
    columns: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """attname → (old, new), secrets masked."""
    state: dict[str, Any] = field(default_factory=dict)
    """attname → value after the change (of a deleted row: the last one), of the columns that `state_columns` names."""
    entry: int = 0
    """The key of its entry in the change log, once it is written."""

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
        values, model = row.__dict__, row._meta.concrete_model
        secrets, logged = logged_columns(model), {}
        erased = personal_columns(model) if _erasing.get() else ()
        for name, (old, new) in columns.items():
            if name in secrets and differ(old, new):
                hidden = secrets[name] or name in erased
                logged[name] = (HIDDEN if old else None, HIDDEN if new else None) if hidden else (old, new)
        state = {name: values.get(name) for name in state_columns(model)}
        return cls(row._meta.db_table, row.id_random, row.pk, getattr(row, row.tenant_column), action, logged, state)


_erasing: ContextVar[bool] = ContextVar("erasing", default=False)


@contextmanager
def personal_values_hidden() -> Iterator[None]:
    """While somebody is erased: the log says that personal fields changed, and not from what to what."""
    token = _erasing.set(True)
    try:
        yield
    finally:
        _erasing.reset(token)


@lru_cache(maxsize=256)
def personal_columns(model: type[models.Model]) -> frozenset[str]:
    object_type = registry.get(model._meta.db_table)
    if object_type is None:
        return frozenset()
    return frozenset(object_type.fields[name].model_field.attname for name in object_type.personal)


@lru_cache(maxsize=256)
def logged_columns(model: type[models.Model]) -> dict[str, bool]:
    """The columns whose changes are logged; True for those that hold a secret, of which only the change is."""
    return {
        f.attname: isinstance(f, SecretField | SecretsByRoleField) or f.name == "password"
        for f in model._meta.concrete_fields
        if f.attname not in UNLOGGED and not isinstance(f, InternalField)
    }


@lru_cache(maxsize=256)
def state_columns(model: type[models.Model]) -> tuple[str, ...]:
    """What decides where a row hangs and who may read it: its references and its flags."""
    object_type = registry.get(model._meta.db_table)
    generic = {name for pair in object_type.generic_references for name in pair} if object_type else set()
    return tuple(
        f.attname
        for f in model._meta.concrete_fields
        if isinstance(f, models.ForeignKey | models.BooleanField) or f.name in generic
    )


def differ(old: Any, new: Any) -> bool:
    """Whether two values of a column are two values in the database, too: in JSON, true is not 1."""
    if isinstance(old, dict | list) and isinstance(new, dict | list):
        return json.dumps(old, sort_keys=True) != json.dumps(new, sort_keys=True)
    return bool(old != new)


_gathered: ContextVar[list[Change] | None] = ContextVar("gathered changes", default=None)


@contextmanager
def gathered() -> Iterator[None]:
    """Write the entries of all that is changed within at the end of the block, together. In one transaction."""
    changes: list[Change] = []
    token = _gathered.set(changes)
    try:
        yield
    finally:
        _gathered.reset(token)
    if changes:
        record_many(changes)


def record_many(changes: list[Change]) -> None:
    """Write the log entries in the running transaction; announce them when it commits."""
    waiting = _gathered.get()
    if waiting is not None:
        waiting += changes
        return
    principal = current_principal().label
    request_id = current_request_id()
    now = timezone.now().replace(tzinfo=None).isoformat(" ")
    unpublished = mark()
    entries = [
        (
            *(change.account_id, change.obj_type, change.obj_id, change.action),
            orjson.dumps(change.columns, default=str, option=OPTIONS).decode(),
            *(principal, request_id, now, unpublished if change.account_id is not None else None),
        )
        for change in changes
    ]
    for start in range(0, len(entries), BATCH):
        batch = entries[start : start + BATCH]
        with connection.cursor() as cursor:
            sql = f"{INSERT} VALUES {', '.join([PLACES] * len(batch))} RETURNING id"
            cursor.execute(sql, [value for entry in batch for value in entry])
            for change, (key,) in zip(changes[start : start + BATCH], cursor.fetchall(), strict=True):
                change.entry = key
    _announce_on_commit(changes)
    recorded.send(sender=Change, changes=changes)


class _Announcement:
    """What is told when the transaction commits."""

    def __init__(self, changes: list[Change]) -> None:
        self.changes = list(changes)

    def __call__(self) -> None:
        objects_changed.send_robust(sender=Change, changes=self.changes)


def _announce_on_commit(changes: list[Change]) -> None:
    waiting: list[Any] = connection.run_on_commit
    if connection.in_atomic_block and waiting:
        savepoints, last, _ = waiting[-1]
        # The same savepoints: whatever undoes one of the two undoes both.
        if isinstance(last, _Announcement) and savepoints == set(connection.savepoint_ids):
            last.changes += changes
            return
    transaction.on_commit(_Announcement(changes), robust=True)
