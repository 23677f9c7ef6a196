"""Running a ready reading statement."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from kernel.sqlite import time_limit

Rows = list[tuple[Any, ...]]
LOST_CONNECTION = (2006, 2013)


def execute(sql: str, params: list[Any]) -> Rows:
    """Its rows. A connection that the server closed while idle is opened anew, once."""
    connection = connections[DEFAULT_DB_ALIAS]  # looked up once: it belongs to a thread, and finding it is not free
    try:
        return _fetch(connection, sql, params)
    except OperationalError as error:
        if connection.in_atomic_block or not error.args or error.args[0] not in LOST_CONNECTION:
            raise
        connection.close()
        return _fetch(connection, sql, params)


def _fetch(connection: Any, sql: str, params: list[Any]) -> Rows:
    if hasattr(connection, "fetch_rows"):  # a backend of ours: aether.fast.mysql
        found: Rows = connection.fetch_rows(sql, params)
        return found
    with time_limit(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: Rows = cursor.fetchall()
        return rows
