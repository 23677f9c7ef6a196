"""Running a ready reading statement."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from kernel.deadline import RECONNECT_SECONDS, time_left
from kernel.sqlite import time_limit

T = TypeVar("T")
Rows = list[tuple[Any, ...]]
LOST_CONNECTION = (2006, 2013)


def execute(sql: str, params: list[Any]) -> Rows:
    """Its rows; see `with_new_connection`."""
    connection = connections[DEFAULT_DB_ALIAS]  # looked up once: it belongs to a thread, and finding it is not free
    try:
        return _fetch(connection, sql, params)
    except OperationalError as error:
        return with_new_connection(error, lambda: _fetch(connection, sql, params))


def with_new_connection(error: OperationalError, read: Callable[[], T]) -> T:
    """What `read` answers, after it failed with `error`: a connection that the server closed while idle is opened anew,
    once, if the request's deadline leaves time for it. Raises `error` if it was another one."""
    connection = connections[DEFAULT_DB_ALIAS]
    is_lost = error.args and error.args[0] in LOST_CONNECTION
    if connection.in_atomic_block or not is_lost or time_left() < RECONNECT_SECONDS:
        raise error
    connection.close()
    return read()


def _fetch(connection: Any, sql: str, params: list[Any]) -> Rows:
    if hasattr(connection, "fetch_rows"):  # a backend of ours: aether.fast.mysql
        fetched: Rows = connection.fetch_rows(sql, params)
        return fetched
    with time_limit(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: Rows = cursor.fetchall()
        return rows
