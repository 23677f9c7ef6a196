"""Statements of commands that take the time they take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_time_limit(connection: Any) -> Iterator[None]:
    """An index of some million rows takes longer than a statement of a request may, and one that is ended at the limit
    leaves a migration half done."""
    if connection.vendor != "mysql":
        yield
        return
    before, was_open = connection.settings_dict["OPTIONS"], connection.connection is not None
    patient = {name: value for name, value in before.items() if name not in ("read_timeout", "write_timeout")}
    patient["init_command"] = re.sub(r"max_statement_time=\d+", "max_statement_time=0", before["init_command"])
    connection.settings_dict["OPTIONS"] = patient
    try:
        if was_open:
            _set_limit(connection, patient)
        yield
    finally:
        connection.settings_dict["OPTIONS"] = before
        if was_open and connection.is_usable():
            _set_limit(connection, before)
        elif not connection.in_atomic_block:
            connection.close()


def _set_limit(connection: Any, options: dict[str, Any]) -> None:
    found = re.search(r"max_statement_time=\d+", options["init_command"])
    if found:
        with connection.cursor() as cursor:
            cursor.execute(f"SET SESSION {found[0]}")
