"""Commands as an operator gives them, and what a whole installation holds."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from content.models import Journal, JournalEntry
from tenancy.context import every_tenant, tenant


def command(name: str, *arguments: Any) -> tuple[str, str]:
    out, words = io.StringIO(), io.StringIO()
    call_command(name, *map(str, arguments), stdout=out, stderr=words)
    return out.getvalue().strip(), words.getvalue()


def refusal(name: str, *arguments: Any) -> str:
    with pytest.raises(CommandError) as caught:
        command(name, *arguments)
    assert caught.value.returncode != 0
    return str(caught.value)


def everything() -> dict[str, list[Any]]:
    """Every row of every table; not which changes the publisher has told meanwhile: it works beside the command."""
    with connection.cursor() as cursor:
        rows: dict[str, list[Any]] = {}
        for name in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)}")
            columns = [column[0] for column in cursor.description]
            kept = [place for place, column in enumerate(columns) if (name, column) != ("change_log", "unpublished")]
            rows[name] = sorted(repr(tuple(row[place] for place in kept)) for row in cursor.fetchall())
    return rows


def add_rows(count: int = 3) -> None:
    with every_tenant(reason="tests look from outside"):
        journal = Journal.objects.get()
    with tenant(journal.account_id):
        for number in range(count):
            JournalEntry(journal=journal, name=f"Later {number}").save()


def scratch_databases() -> set[str]:
    """Those that a restore or a hostile dump has left on the server."""
    if connection.vendor == "sqlite":
        return set()
    beside = f"{connection.settings_dict['NAME']}_"
    with connection.cursor() as cursor:
        cursor.execute("SHOW DATABASES")
        return {name for (name,) in cursor.fetchall() if name == "evil" or name.startswith(beside)}
