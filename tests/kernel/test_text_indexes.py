"""An older home whose unique texts have become equal: the upgrade says which, and changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from types import SimpleNamespace

import pytest

from kernel.model_fields import TEXT_COLLATION_SQLITE
from kernel.sqlite import compare
from kernel.text_indexes import EqualTexts, rebuild_text_indexes


class Home:
    """Stands for a schema editor on a database of an older version, whose collation knew less."""

    def __init__(self, *rows: tuple[str, int | None, str | None]) -> None:
        self.raw = sqlite3.connect(":memory:")
        self.raw.create_collation(TEXT_COLLATION_SQLITE, lambda a, b: (a > b) - (a < b))
        text = f"TEXT COLLATE {TEXT_COLLATION_SQLITE}"
        self.raw.execute(f"CREATE TABLE room (id INTEGER PRIMARY KEY, id_random TEXT, event_id INTEGER, code {text})")
        self.raw.execute("CREATE UNIQUE INDEX code_once ON room (event_id, code)")
        self.raw.execute("CREATE INDEX by_code ON room (code)")
        self.raw.executemany("INSERT INTO room (id_random, event_id, code) VALUES (?, ?, ?)", rows)
        self.raw.commit()
        self.raw.create_collation(TEXT_COLLATION_SQLITE, compare)
        self.connection = SimpleNamespace(vendor="sqlite", cursor=lambda: closing(self.raw.cursor()))

    def execute(self, sql: str) -> None:
        self.raw.execute(sql)

    def rows_of(self, code: str) -> list[str]:
        found = self.raw.execute("SELECT id_random FROM room INDEXED BY by_code WHERE code = ?", [code])
        return [name for (name,) in found]


def test_rows_that_became_equal_are_named_and_nothing_is_changed() -> None:
    home = Home(("aaa", 1, "straße"), ("bbb", 1, "STRAẞE"), ("ccc", 2, "Straße"), ("ddd", 1, "B١"), ("eee", 1, "b1"))
    with pytest.raises(EqualTexts) as told:
        rebuild_text_indexes(home)
    lines = str(told.value).splitlines()
    assert sorted(lines[1:3]) == ["  room, code: aaa (straße), bbb (STRAẞE)", "  room, code: ddd (B١), eee (b1)"]
    assert "rename or remove all but one of each" in lines[-1]
    assert home.raw.execute("SELECT COUNT(*) FROM room").fetchone() == (5,)


def test_others_are_built_anew_and_found() -> None:
    home = Home(("aaa", 1, "STRAẞE"), ("bbb", 2, "straße"), ("ccc", None, "x"), ("ddd", None, "X"), ("eee", 1, None))
    rebuild_text_indexes(home)
    assert sorted(home.rows_of("straße")) == ["aaa", "bbb"]
