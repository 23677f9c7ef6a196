"""SQLite: copied by its online backup, out of the live file and into it; both are one transaction."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

from django.db import connection

from kernel.model_fields import TEXT_COLLATION_SQLITE
from kernel.sqlite import compare

BUSY_SECONDS: Final = 60
FOREIGN: Final = "SELECT 1 FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql LIKE 'CREATE VIRTUAL%'"
OWN: Final = "sqlite_"
"""How the names of SQLite's own tables begin."""


class NotOurDatabase(Exception):
    """A file that is no sound database of this service."""


def copy(target: Path) -> dict[str, int]:
    """The live database, as of one moment, while others write. Answers the rows of each table."""
    with closing(_connect(_live())) as source, closing(_connect(target)) as copied:
        source.backup(copied)
        copied.execute("PRAGMA journal_mode=DELETE")  # one file, not three
    return counts(target)


def counts(path: Path) -> dict[str, int]:
    """The rows of each table of a sound database. Raises NotOurDatabase."""
    with closing(_connect(path)) as database:
        try:
            if database.execute(FOREIGN).fetchone():
                raise NotOurDatabase(
                    "The database in it has triggers, views or virtual tables; this service makes none."
                )
            rows = {name: _count(database, name) for name in _tables(database)}
            problems = [problem for (problem,) in database.execute("PRAGMA quick_check(1)") if problem != "ok"]
            loose = database.execute("PRAGMA foreign_key_check").fetchone()
        except sqlite3.DatabaseError as error:
            raise NotOurDatabase(f"The database in it is damaged: {error}.") from None
    if problems or loose:
        raise NotOurDatabase(f"The database in it is damaged: {(problems or ['a reference leads nowhere'])[0]}.")
    return rows


def restore(source: Path) -> None:
    """Put the tables of this file in place of the live ones, in one transaction."""
    with closing(_connect(source)) as restored, closing(_connect(_live())) as live:
        live.execute("PRAGMA journal_mode=WAL")  # so that readers go on meanwhile, and a death leaves the old state
        restored.backup(live)


def table_names() -> list[str]:
    if not _live().exists():
        return []
    with closing(_connect(_live())) as database:
        return list(_tables(database))


def _live() -> Path:
    return Path(connection.settings_dict["NAME"])


def _connect(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
    database.create_collation(TEXT_COLLATION_SQLITE, compare)
    return database


def _tables(database: sqlite3.Connection) -> Iterator[str]:
    for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
        if not name.startswith(OWN):
            yield name


def _count(database: sqlite3.Connection, name: str) -> int:
    quoted = name.replace('"', '""')
    count: int = database.execute(f'SELECT COUNT(*) FROM "{quoted}"').fetchone()[0]  # noqa: S608  (a name, quoted)
    return count
