"""From one version to the next: an old backup, and a migration that is killed."""

from __future__ import annotations

import re
import signal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_migrate

from tests.operations.conftest import Installation
from tests.operations.saving import add_rows, command, everything, refusal

pytestmark = pytest.mark.timeout(300)


def shape() -> dict[str, list[Any]]:
    """Columns, indexes and constraints of every table."""
    with connection.cursor() as cursor:
        found: dict[str, list[Any]] = {}
        for name in connection.introspection.table_names(cursor):
            columns = connection.introspection.get_table_description(cursor, name)
            found[name] = [(c.name, c.type_code, c.internal_size, c.null_ok, c.default, c.collation) for c in columns]
            found[name] += sorted(connection.introspection.get_constraints(cursor, name).items())
    return found


def test_a_backup_of_an_older_version_is_brought_up_to_date(full: Installation) -> None:
    """The version before is one without the last table of the engine."""
    call_command("migrate", verbosity=0)  # the permissions, which it looks after
    with connection.cursor() as cursor:  # the older version does not know what is yet to be told
        cursor.execute("UPDATE change_log SET unpublished = NULL")
    rows, tables = everything(), shape()
    call_command("migrate", "crud", "0002", verbosity=0)
    assert "lease" not in shape()
    path, _ = command("backup_db")
    call_command("migrate", verbosity=0)
    add_rows()
    _, words = command("restore_db", path, "--yes")
    told = r"It is of an older version: \d migrations? to go\. Run: manage\.py migrate"
    assert re.fullmatch(told, words.splitlines()[-1])
    assert "lease" not in shape()
    call_command("migrate", verbosity=0)
    assert shape() == tables
    found = everything()
    assert {name: found[name] for name in rows if name != "django_migrations"} == {
        name: kept for name, kept in rows.items() if name != "django_migrations"
    }
    again, _ = command("migrate")
    assert "No migrations to apply." in again


@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite's statements have a limit in requests only")
@pytest.mark.django_db(transaction=True)
def test_a_migration_takes_its_time() -> None:
    def limit() -> float:
        with connection.cursor() as cursor:
            cursor.execute("SELECT @@SESSION.max_statement_time")
            return float(cursor.fetchone()[0])

    seen = []
    before = limit()
    look = lambda **_: seen.append(limit())  # noqa: E731
    pre_migrate.connect(look)
    try:
        call_command("migrate", verbosity=0)
    finally:
        pre_migrate.disconnect(look)
    assert set(seen) == {0.0}
    assert limit() == before > 0


DEATH = """
import os, signal
from django.db.backends.base.schema import BaseDatabaseSchemaEditor as Editor
real, seen = Editor.execute, []
def execute(*arguments, **options):
    seen.append(1)
    if len(seen) == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(*arguments, **options)
Editor.execute = execute
"""


def test_a_migration_that_is_killed_half_way_leaves_a_way_on(inhabited: Any) -> None:
    """SQLite takes it back, and the next run does it. MariaDB can't: the next run says so, and what to do; with the
    backup from before, nothing is lost."""
    installation: Installation = inhabited[0]
    call_command("migrate", verbosity=0)
    tables, rows = shape(), everything()
    call_command("migrate", "content", "zero", verbosity=0)  # the version before
    path, _ = command("backup_db")
    before = everything()
    assert installation.run("migrate", before=DEATH).returncode == -signal.SIGKILL
    left = everything()
    assert {name: left[name] for name in before} == before
    if connection.vendor == "mysql":
        assert left.keys() > before.keys()
        said = refusal("migrate")
        assert re.match(r"Table '\w+' already exists\. A migration was broken off half-way.*\"An update\"\.$", said)
        command("restore_db", path, "--yes")
        assert everything() == before
    else:
        assert left == before
    call_command("migrate", verbosity=0)
    assert shape() == tables
    found = everything()
    assert {name: found[name] for name in rows if name != "django_migrations"} == {
        name: kept for name, kept in rows.items() if name != "django_migrations"
    }
