"""What the database says → what the client reads. Both databases' words end in the same answers (MariaDB's codes)."""

from __future__ import annotations

import logging
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError

from kernel.errors import ApiError, BadReference, DatabaseAway, Duplicate, Invalid, StillReferred, StorageFull
from tenancy.context import CrossTenantError

log = logging.getLogger("crud.database")

LOST = frozenset({2002, 2003, 2006, 2013, 2055, 1040, 1047, 1053, 1180, 1927, 4031})
"""The connection is of no more use. 1047, 1180: nor is its node of a cluster, as it has lost sight of the majority."""
RETRIED = frozenset({1020, 1205, 1213})
"""Deadlock, lock wait, changed row: the whole transaction may be run again."""
TIMED_OUT = frozenset({1317, 1969, 3024})
FULL = frozenset({1021, 1114, 28})
TRANSLATED = (DatabaseError, InterfaceError, ProtectedError, RestrictedError, CrossTenantError, ValidationError)


def error_number(error: BaseException) -> int:
    """MariaDB's number, or the one that its words in SQLite come closest to; 0 for others."""
    first = error.args[0] if error.args else None
    if isinstance(first, int):
        return first
    text = str(error)
    for words, number in (
        ("UNIQUE constraint failed", 1062),
        ("FOREIGN KEY constraint failed", 1452),
        ("NOT NULL constraint failed", 1048),
        ("CHECK constraint failed", 4025),
        ("database is locked", 1205),
        ("database table is locked", 1205),
        ("disk is full", 1021),
        ("unable to open database", 2002),
        ("interrupted", 1969),
    ):
        if words in text:
            return number
    return 0


def translate(error: Exception, model: Any = None) -> ApiError | None:
    """The ApiError for an exception from below; None for one that is a defect."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, ProtectedError | RestrictedError):
        return StillReferred()
    if isinstance(error, CrossTenantError):
        log.warning("refused: %s", error)
        return BadReference("account_id")
    if isinstance(error, ValidationError):
        return from_validation_error(error)
    if not isinstance(error, DatabaseError | InterfaceError):
        return None
    number = error_number(error)
    match number:
        case 1062:
            return Duplicate(_unique_names(str(error), model))
        case 1452 | 1216:
            return BadReference("a reference")
        case 1451 | 1217:
            return StillReferred()
        case 1048 | 1364 | 1406 | 1264 | 1366 | 1292 | 1265 | 4025 | 3819 | 1153:
            return Invalid("A value does not fit its field.")
    if number in FULL:
        return StorageFull()
    if number in LOST or number in RETRIED or isinstance(error, InterfaceError):
        return DatabaseAway(number or 2006)
    if number in TIMED_OUT:
        return DatabaseAway(number)
    return Invalid("A value does not fit its field.") if isinstance(error, DataError | IntegrityError) else None


def from_validation_error(error: ValidationError) -> Invalid:
    if not hasattr(error, "error_dict"):
        return Invalid(error.messages[0])
    fields = {("" if name == "__all__" else name): messages for name, messages in error.message_dict.items()}
    name, messages = next(iter(fields.items()))
    return Invalid(f"{name}: {messages[0]}" if name else messages[0], fields=fields)


def is_lost(error: BaseException) -> bool:
    return isinstance(error, OperationalError | InterfaceError) and (
        error_number(error) in LOST or isinstance(error, InterfaceError)
    )


def _unique_names(text: str, model: Any) -> list[str]:
    """The client's names of the fields behind a unique index. `text` is never passed on: it holds the value."""
    if model is None:
        return []
    if match := re.search(r"UNIQUE constraint failed: (.+)", text):
        columns = [part.strip().split(".")[-1] for part in match[1].split(",")]
    elif match := re.search(r".*for key '([^']+)'", text, re.DOTALL):
        key = match[1].split(".")[-1]
        by_name = {c.name: list(getattr(c, "fields", ())) for c in model._meta.constraints}
        columns = by_name.get(key, [key])
    else:
        return []
    names = []
    for column in columns:
        names += [
            "id" if model_field.name == "id_random" else model_field.attname
            for model_field in model._meta.concrete_fields
            if column in (model_field.name, model_field.column) and model_field.name != "account"
        ]
    return names
