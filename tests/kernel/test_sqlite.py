"""One rule for text on both databases: case does not count, accents do, blanks at the end do.

`kernel.sqlite` teaches it to SQLite; these tests hold it, and whichever database serves, to one table.
"""

from __future__ import annotations

import re
import time
from itertools import product

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from kernel.model_fields import TEXT_COLLATION_SQLITE
from kernel.sqlite import compare, like
from tests.conftest import Party
from tests.crud.reading import prop

EQUAL = [
    ("abc", "ABC"),
    ("É", "é"),
    ("é", "e\u0301"),
    ("ΣΑΣ", "σας"),
    ("Ё", "ё"),
    ("ＡＢＣ", "abc"),
    ("straße", "STRAßE"),
    ("straße", "STRAẞE"),
    ("٢٠٢٦", "2026"),
    ("२०", "20"),
    ("שלום", "שלומ"),
    ("🅰", "a"),
    ("スシ", "すし"),
    ("ｶﾞｯﾂ", "がつつ"),
    ("ǅ", "ǆ"),
    ("ΐ", "Ϊ́"),
    ("ﬁ", "fi"),
    ("a\u200db", "ab"),
    ("a\u200bb", "ab"),
    ("\u202eab", "ab"),
    ("❤\ufe0f", "❤"),
    ("\u0643\u062a\u0640\u0627\u0628", "\u0643\u062a\u0627\u0628"),
    ("", ""),
]
DIFFERENT = [
    ("straße", "strasse"),
    ("STRAẞE", "STRASSE"),
    ("ſ", "s"),
    ("ガ", "カ"),
    ("김", "금"),
    ("abc", "abc "),
    (" abc", "abc"),
    ("resume", "résumé"),
    ("😀", "🍣"),
    ("a-b", "ab"),
    ("a_b", "a b"),
    ("a'b", "ab"),
    ("1", "2"),
    ("o", "ø"),
    ("", " "),
]
ORDERED = ["", " ", "_", "-", "–", ",", ";", ":", "!", "?", ".", "'", '"', "“", "(", ")", "[", "]", "{", "}", "「", "@"]
ORDERED += [
    "*",
    "/",
    "\\",
    "&",
    "#",
    "%",
    "†",
    "`",
    "^",
    "+",
    "<",
    "=",
    ">",
    "|",
    "~",
    "☀",
    "🍣",
    "😀",
    "😀a",
    "$",
    "€",
]
ORDERED += ["0", "1", "10", "2", "9", "a", "á", "a😀", "aa", "ab"]
ORDERED += [
    "áb",
    "ae",
    "æ",
    "aez",
    "b",
    "d",
    "đ",
    "da",
    "e",
    "é",
    "ea",
    "ə",
    "i",
    "iz",
    "ı",
    "ıa",
    "l",
    "ł",
    "la",
    "łb",
]
ORDERED += ["n", "nz", "ŋ", "o", "ø", "oa", "oe", "œ", "oez", "ss", "ß", "ssa", "z", "þ"]


def by_database(pairs: list[tuple[str, str]], operator: str) -> list[bool]:
    if connection.vendor == "sqlite":
        left = f"(%s COLLATE {TEXT_COLLATION_SQLITE})"
    else:
        left = "(%s COLLATE utf8mb4_uca1400_nopad_as_ci)"
    found = []
    with connection.cursor() as cursor:
        for start in range(0, len(pairs), 100):
            part = pairs[start : start + 100]
            sql = ", ".join(f"{left} {operator} %s" for _ in part)
            cursor.execute(f"SELECT {sql}", [text for pair in part for text in pair])
            found += [bool(value) for value in cursor.fetchone()]
    return found


@pytest.mark.django_db
@pytest.mark.parametrize(("a", "b"), EQUAL)
def test_equal(a: str, b: str) -> None:
    assert compare(a, b) == compare(b, a) == 0
    assert by_database([(a, b)], "=") == [True]


@pytest.mark.django_db
@pytest.mark.parametrize(("a", "b"), DIFFERENT)
def test_different(a: str, b: str) -> None:
    assert compare(a, b) == -compare(b, a) != 0
    assert by_database([(a, b)], "=") == [False]


@pytest.mark.django_db
def test_the_order_of_texts() -> None:
    """As the Unicode Collation Algorithm has it: punctuation, symbols, digits, letters; accents after bases."""
    pairs = list(product(ORDERED, ORDERED))
    wanted = [ORDERED.index(a) < ORDERED.index(b) for a, b in pairs]
    assert [compare(a, b) < 0 for a, b in pairs] == wanted
    assert by_database(pairs, "<") == wanted


TEXTS = st.text(alphabet="aAbBzZ019 _-.éÉ'%", max_size=6)


@pytest.mark.django_db
@prop(30)
@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=50, max_size=50))
def test_the_database_compares_as_python_does(pairs: list[tuple[str, str]]) -> None:
    assert by_database(pairs, "<") == [compare(a, b) < 0 for a, b in pairs]
    assert by_database(pairs, "=") == [compare(a, b) == 0 for a, b in pairs]


@prop(100)
@given(TEXTS, TEXTS, TEXTS)
def test_comparing_is_an_order(a: str, b: str, c: str) -> None:
    assert compare(a, a) == 0
    assert compare(a, b) == -compare(b, a)
    if compare(a, b) <= 0 and compare(b, c) <= 0:
        assert compare(a, c) <= 0


# --- LIKE

PATTERNS = st.text(alphabet="aAb%_!é ", max_size=7)


def slow_like(pattern: str, text: str) -> bool:
    """By its definition, one character after the other."""
    if not pattern:
        return not text
    if pattern[0] == "!" and len(pattern) > 1:
        return bool(text) and text[0].lower() == pattern[1].lower() and slow_like(pattern[2:], text[1:])
    if pattern[0] == "%":
        return any(slow_like(pattern[1:], text[i:]) for i in range(len(text) + 1))
    return (
        bool(text)
        and (pattern[0] in ("_", text[0]) or pattern[0].lower() == text[0].lower())
        and slow_like(pattern[1:], text[1:])
    )


@pytest.mark.django_db
@prop(30)
@given(st.lists(st.tuples(TEXTS, PATTERNS), min_size=50, max_size=50))
def test_like_finds_what_its_definition_says(pairs: list[tuple[str, str]]) -> None:
    pairs = [
        (text, pattern if (pattern.count("!") % 2 == 0 or pattern[-1:] != "!") else pattern + "a")
        for text, pattern in pairs
    ]
    wanted = [slow_like(pattern, text) for text, pattern in pairs]
    assert [bool(like(pattern, text, "!")) for text, pattern in pairs] == wanted
    with connection.cursor() as cursor:
        places = ", ".join("%s LIKE %s ESCAPE '!'" for _ in pairs)
        cursor.execute(f"SELECT {places}", [text for pair in pairs for text in pair])
        assert [bool(value) for value in cursor.fetchone()] == wanted


def test_like_of_nothing_is_unknown() -> None:
    assert like(None, "a") is None
    assert like("a", None) is None
    assert like("%", 5) is True


@given(st.text("ab_", max_size=6), st.text("ab", max_size=12))
def test_like_finds_pieces_with_gaps_where_they_are(piece: str, text: str) -> None:
    assert like(f"%{piece}%", text, "!") == bool(re.search(piece.replace("_", "."), text))


def test_like_is_linear() -> None:
    assert like("%" + "_" * 20_000 + "a%", "b" * 20_000 + "a") is True
    assert like("%" + "a_" * 500 + "b%", "a" * 500_000) is False
    started = time.process_time()
    like("%a" * 100 + "%b", "a" * 100_000)
    like("%_" * 60, "x" * 200)
    assert time.process_time() - started < 1


# --- and so in the API

UNIQUE = EQUAL + DIFFERENT


@pytest.mark.parametrize(("a", "b"), [pair for pair in UNIQUE if all(pair)])
def test_a_unique_text_is_taken_by_what_is_equal_to_it(a: str, b: str, north: Party) -> None:
    caller, site = north.administrator, north.site.id_random
    caller.create("page", site_id=site, name="x", path=a)
    second = caller.post("/v3/crud/page/", {"site_id": site, "name": "x", "path": b})
    found = caller.search("page", {"and": [{"field": "path", "op": "eq", "value": b}]}).data
    if (a, b) in EQUAL:
        assert second.error == ("database_duplicate", 1062)
        assert [row["path"] for row in found] == [a]
    else:
        assert (second.status, second.data["path"]) == (201, b)
        assert [row["path"] for row in found] == [b]
