"""How many rows of a type an account has, as far as a plan's choice depends on it."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import Final

from django.db import connection

from crud.declare.object_type import ObjectType, registry
from kernel.statement import execute
from tenancy.context import EVERY_TENANT, current_scope

MOST: Final = 250_000
"""No more are counted: an index is read that far in some hundredths of a second."""
REMEMBERED: Final = 300
"""Seconds."""
SMALL: Final = 20_000
"""Rows of an account that are looked through for words in some hundredths of a second."""
LARGE: Final = 50_000
"""Rows of a table whose index of words may take longer than that: it knows no accounts."""


def rows_of_account(object_type: ObjectType) -> int:
    """Of the active account, or of all where all are open; MOST + 1 for more than MOST. Not exact: it is remembered."""
    scope = current_scope()
    return _counted(object_type.name, None if scope is EVERY_TENANT else scope, int(time.monotonic() // REMEMBERED))


def is_searched_by_index(object_type: ObjectType) -> bool:
    """Whether `q` asks the index of words, which all accounts share. Of an account that has a small part of a large
    table its own rows are looked through instead: a word that is frequent with others would cost what theirs do."""
    if connection.vendor != "mysql":
        return False
    of_all = rows_of_table(object_type)
    if of_all < LARGE:
        return True
    own = rows_of_account(object_type)
    return own > SMALL or own * 10 > of_all


def rows_of_table(object_type: ObjectType) -> int:
    """Of all accounts, as MariaDB estimates it."""
    return _estimated(object_type.name, int(time.monotonic() // REMEMBERED))


def forget_sizes() -> None:
    _counted.cache_clear()
    _estimated.cache_clear()


@lru_cache(maxsize=16_384)
def _counted(type_name: str, account: int | None, period: int) -> int:
    model = registry[type_name].model
    table, column = map(connection.ops.quote_name, (model._meta.db_table, model.tenant_column))
    where, params = ("", []) if account is None else (f" WHERE {column} = %s", [account])
    sql = f"SELECT COUNT(*) FROM (SELECT 1 FROM {table}{where} LIMIT {MOST + 1}) counted"  # noqa: S608  (own names)
    return int(execute(sql, params)[0][0])


@lru_cache(maxsize=256)
def _estimated(type_name: str, period: int) -> int:
    sql = "SELECT table_rows FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = %s"
    rows = execute(sql, [type_name])
    return int(rows[0][0] or 0) if rows else 0
