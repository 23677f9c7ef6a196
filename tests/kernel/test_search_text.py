"""The text that `q` looks in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.search_text import (
    IN_ORDER,
    is_plain,
    needle,
    search_text_of,
    terms_of,
    with_terms,
    words_of,
    words_or_signs,
)
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
        ("%_\\'\"*+-()<>~@ 😀", ["😀"]),
        ("%_\\'\"*+-()<>~@", []),
        ("김철수", ["김철수"]),
        ("Anna Großmann", ["anna", "grossmann"]),
        ("Сергей", ["сергеи"]),
        ("أَحْمَد", ["احمد"]),
        ("D’Angelo D'Angelo Dʼangelo", ["d", "angelo"] * 3),
        ("ジョン・スミス ｽﾐｽ", ["ジョン", "スミス", "スミス"]),
        ("R&D+Labs AT&T #hashtag", ["r", "d", "labs", "at", "t", "hashtag"]),
        ("शर्मा", ["शर्मा"]),
        ("ന്‍ ൻ", ["ന്", "ന്"]),
        ("สุดารัตน์", ["สุดารัตน์"]),
        ("iPhone手機 2026年", ["iphone", "手機", "2026", "年"]),
        ("👩\u200d💻 🇩🇪 👍🏽 ❤️", ["👩", "💻", "🇩🇪", "👍🏽", "❤"]),
        ("soft\u00adware", ["software"]),
        ("a\u3000b\u00a0c", ["a", "b", "c"]),
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
    words = [word for text in texts if text for word in words_or_signs(text)]
    assert found == (f" {' '.join(words)} " if words else "")


def test_of_a_long_text_each_word_is_there() -> None:
    text = search_text_of(["word " * 20_000 + "last", "behind"])
    assert len(text) < IN_ORDER + 20
    assert text.endswith(" last behind ")


@prop(200)
@given(st.text(min_size=1, max_size=40))
def test_what_is_typed_as_it_is_stored_is_found(text: str) -> None:
    stored = search_text_of([text])
    for word in words_or_signs(text):
        assert needle([word]) in stored
    if words := words_or_signs(text):
        assert needle(words, whole=True) in stored


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("東京大学 開会式", "大学"),
        ("ประชุมวิชาการ", "วิชาการ"),
        ("ភាសាខ្មែរ", "ខ្មែរ"),
        ("မြန်မာစာ", "စာ"),
        ("ພາສາລາວ", "ລາວ"),
    ],
)
def test_a_word_of_a_script_without_blanks_is_found_anywhere(stored: str, asked: str) -> None:
    assert needle([asked]) in search_text_of([stored])
    assert set(terms_of(asked)) <= set(with_terms(search_text_of([stored])).split("\n")) | {terms_of(asked)[-1]}


@pytest.mark.parametrize("text", ["Annual Gala", "Łódź Ελλάδα Москва שלום احمد", "x6771"])
def test_plain_words_need_no_terms(text: str) -> None:
    assert all(map(is_plain, words_of(text)))
    assert with_terms(search_text_of([text])) == search_text_of([text])


def test_a_word_that_begins_like_a_term_finds_no_term() -> None:
    assert needle(["x67"]) not in with_terms(search_text_of(["東京"]))


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
