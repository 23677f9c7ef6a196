"""The text that `q` looks in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.search_text import MAX_LENGTH, search_text_of, words_of
from tests.conftest import Party
from tests.crud.reading import prop


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Annual Meeting 2026", ["annual", "meeting", "2026"]),
        ("Zoë O'Brien-Smith", ["zoe", "o", "brien", "smith"]),
        ("re\u0301sume\u0301 résumé", ["resume", "resume"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("snake_case, a/b; c@d.e", ["snake", "case", "a", "b", "c", "d", "e"]),
        ("Ｆｕｌｌ ﬁne ²", ["full", "fine", "2"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("Ёлка", ["елка"]),
        ("%_\\'\"*+-()<>~@ 😀", []),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@prop(200)
@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = words_of(text)
    assert words_of(" ".join(once)) == once


@prop(100)
@given(st.lists(st.none() | st.text(max_size=30), max_size=4))
def test_every_word_stands_between_blanks(texts: list[str | None]) -> None:
    found = search_text_of(texts)
    words = [word for text in texts if text for word in words_of(text)]
    assert found == (f" {' '.join(words)} " if words else "")


def test_it_is_cut_at_its_limit() -> None:
    assert len(search_text_of(["word " * 20_000])) == MAX_LENGTH


def test_it_follows_every_write_and_is_never_shown(north: Party) -> None:
    journal = north.member.create("journal", name="x")
    entry = north.member.create("journal_entry", journal_id=journal["id"], name="Gala", content="champagne")
    assert "default_qry_str" not in entry
    path = f"/v3/crud/journal_entry/{entry['id']}"
    north.member.patch(path, {"name": "Picnic"})
    for field in ("default_qry_str", "journal.default_qry_str"):
        refused = north.member.search("journal_entry", {"and": [{"field": field, "op": "like", "value": "%"}]})
        assert refused.error == ("database_schema", 1054)
    assert north.member.get("/v3/crud/journal_entry/?order_by=default_qry_str").error == ("database_schema", 1054)
    assert north.member.patch(path, {"default_qry_str": "x"}).error == ("database_schema", 1054)
    changes = north.administrator.get(f"{path}/history").data[0]["changes"]
    assert changes == {"name": ["Gala", "Picnic"]}
