"""SQLite's indexes of texts are kept by `kernel.sqlite.compare`. When that learns something, they are built anew; and
what was two values may have become one, which a unique index refuses."""

from __future__ import annotations

from typing import Any, Final

from django.core.management import CommandError

from kernel.model_fields import TEXT_COLLATION_SQLITE

MOST_SHOWN: Final = 20


class EqualTexts(CommandError):
    """Which rows no unique index takes any more, and what to do. Nothing was changed."""

    def __init__(self, clashes: list[str]) -> None:
        shown = [f"  {clash}" for clash in clashes[:MOST_SHOWN]]
        more = len(clashes) - MOST_SHOWN
        super().__init__(
            "This version takes these texts for equal, as MariaDB does, and they have to be unique:\n"
            + "\n".join([*shown, f"  and {more} more"] if more > 0 else shown)
            + "\nNothing was changed. With the version that ran before, rename or remove all but one of each; then run "
            "migrate again."
        )


def rebuild_text_indexes(schema_editor: Any) -> None:
    """For a migration. Raises EqualTexts."""
    connection = schema_editor.connection
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        if clashes := equal_texts(cursor):
            raise EqualTexts(clashes)
    schema_editor.execute(f"REINDEX {TEXT_COLLATION_SQLITE}")


def equal_texts(cursor: Any) -> list[str]:
    """One line for each group of rows that a unique index over texts does not take."""
    cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'index' ORDER BY tbl_name, name")
    lines: dict[str, None] = {}
    for index, table in cursor.fetchall():
        columns = _unique_texts(cursor, table, index)
        if columns:
            lines |= dict.fromkeys(_groups(cursor, table, columns))
    return list(lines)


def _unique_texts(cursor: Any, table: str, index: str) -> list[tuple[str, str]]:
    """Columns and collations of an index that is unique and compares texts by ours, else nothing."""
    cursor.execute(f'PRAGMA index_list("{table}")')
    if not any(row[1] == index and row[2] and not row[4] for row in cursor.fetchall()):  # unique, not partial
        return []
    cursor.execute(f'PRAGMA index_xinfo("{index}")')
    columns = [(row[2], row[4]) for row in cursor.fetchall() if row[5]]
    is_ours = all(name for name, _ in columns) and any(how == TEXT_COLLATION_SQLITE for _, how in columns)
    return columns if is_ours else []


def _groups(cursor: Any, table: str, columns: list[tuple[str, str]]) -> list[str]:
    names = [name for name, _ in columns]
    # Not by the index, which is in the order of before: that of an expression is made anew.
    keys = ", ".join(f'(+"{name}") COLLATE {how}' for name, how in columns)
    present = " AND ".join(f'"{name}" IS NOT NULL' for name in names)
    shown = [name for name, how in columns if how == TEXT_COLLATION_SQLITE]
    cursor.execute(f'PRAGMA table_info("{table}")')
    key = next((row[1] for row in cursor.fetchall() if row[1] == "id_random"), "rowid")
    values = "||' '||".join(f'"{name}"' for name in shown)
    cursor.execute(
        f"SELECT group_concat({key} || ' (' || {values} || ')', ', ') "  # noqa: S608  (names of our own tables)
        f'FROM "{table}" WHERE {present} GROUP BY {keys} HAVING COUNT(*) > 1'
    )
    return [f"{table}, {' and '.join(shown)}: {rows}" for (rows,) in cursor.fetchall()]
