"""Django's backend for MariaDB, which can also run a ready reading statement by the driver alone.

Left out, of Django 5.2's `CursorWrapper` and mysqlclient's `Cursor`: wrappers and the query log (where there are any,
Django's cursor is taken), converting each parameter by its type twice, and describing columns that a plan knows.
Named by `DATABASES`, as any backend.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.mysql import base
from django.db.backends.utils import debug_transaction

Rows = list[tuple[Any, ...]]


class DatabaseWrapper(base.DatabaseWrapper):
    def _start_transaction_under_autocommit(self) -> None:
        """Django's hook for backends that leave autocommit on: two statements about a transaction, and not three."""
        with debug_transaction(self, "BEGIN"), self.wrap_database_errors:
            self.connection.query(b"START TRANSACTION")

    def _set_autocommit(self, autocommit: bool) -> None:
        with self.wrap_database_errors:
            if bool(self.connection.get_autocommit()) != autocommit:
                self.connection.autocommit(autocommit)

    def fetch_rows(self, sql: str, params: list[Any]) -> Rows:
        """As its cursor would."""
        if self.queries_logged or self.execute_wrappers:
            with self.cursor() as cursor:
                cursor.execute(sql, params)
                watched: Rows = cursor.fetchall()
                return watched
        if self.connection is None:
            self.ensure_connection()
        self.validate_no_broken_transaction()
        driver = self.connection
        literals = (b"%d" % value if type(value) is int else driver.literal(value) for value in params)
        try:
            driver.query(sql.encode() % tuple(literals))
            rows: Rows = driver.store_result().fetch_row(0)
            return rows
        except self.Database.Error:
            with self.wrap_database_errors:
                raise
