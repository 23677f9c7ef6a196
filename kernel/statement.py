"""Running a ready reading statement: what the driver does, and no more of the layers above it than it takes."""

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
    if connection.vendor == "mysql" and not connection.queries_logged and not connection.execute_wrappers:
        return _fetch_from_driver(connection, sql, params)
    with time_limit(), connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: Rows = cursor.fetchall()
        return rows


def _fetch_from_driver(connection: Any, sql: str, params: list[Any]) -> Rows:
    """As its cursor would, but without describing columns that a plan knows."""
    if connection.connection is None:
        connection.ensure_connection()
    connection.validate_no_broken_transaction()
    driver = connection.connection
    literals = (b"%d" % value if type(value) is int else driver.literal(value) for value in params)
    try:
        driver.query(sql.encode() % tuple(literals))
        rows: Rows = driver.store_result().fetch_row(0)
        return rows
    except connection.Database.Error:
        with connection.wrap_database_errors:
            raise
