"""`q`: words and phrases, the same on both databases."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from crud.read import account_size
from crud.read.search.words import STOPWORDS, Query, beginning_is_indexed, full_text, parse_q
from tests.conftest import Party
from tests.crud.examples import Examples
from tests.crud.reading import prop


@pytest.mark.parametrize(
    ("q", "beginnings", "phrases"),
    [
        ("annual meeting", ("annual", "meeting"), ()),
        ("  Annual\tMEETING\n", ("annual", "meeting"), ()),
        ('"annual meeting"', (), ("annual meeting",)),
        ('gala "annual meeting" 2026', ("gala", "2026"), ("annual meeting",)),
        ('"unclosed phrase', (), ("unclosed phrase",)),
        ('""', ('""',), ()),
        ('" "', ('"',), ()),
        ('a"b"c', ("a", "c"), ("b",)),
        ("Zoë Œuvre", ("zoe", "oeuvre"), ()),
        ("o'brien-smith@x.org", ("o", "brien", "smith", "x", "org"), ()),
        ("+must -not ~maybe (x) <y> w* @3", ("must", "not", "maybe", "x", "y", "w", "3"), ()),
        ("same same SAME", ("same",), ()),
        ("%", (), ()),
        ("_%_\\'*", ("_%_\\'*",), ()),
        ('a "&" b', ("a", "b"), ()),
        ('"&"', ('"&"',), ()),
        ("", (), ()),
        ("😀", ("😀",), ()),
        ("東京大学 gala", ("東京大学", "gala"), ()),
    ],
)
def test_words_and_phrases(q: str, beginnings: tuple[str, ...], phrases: tuple[str, ...]) -> None:
    assert parse_q(q) == Query(beginnings, phrases)


def test_there_is_an_end_to_words() -> None:
    assert len(parse_q(" ".join(f"word{n}" for n in range(300))).beginnings) == 20


@prop(200)
@given(st.text(max_size=60))
def test_nothing_of_the_boolean_language_gets_through(q: str) -> None:
    text = full_text(parse_q(q))
    for part in text.split():
        assert part.startswith("+")
        assert part[1:].removesuffix("*").isalnum()


@pytest.mark.parametrize("word", ["a", "ab", "the", "with", "wi", "wit", "th", "thi", "abou"])
def test_what_the_index_does_not_hold_is_not_asked_of_it(word: str) -> None:
    assert not beginning_is_indexed(word)
    assert full_text(parse_q(f'{word} "{word[:2]}"')) == ""


def test_a_phrase_asks_for_its_whole_words() -> None:
    assert full_text(parse_q('"the wit of fools"')) == "+wit +fools"


def test_the_list_of_stop_words_is_the_servers(db: None) -> None:
    if connection.vendor != "mysql":
        pytest.skip("MariaDB's own list")
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM information_schema.INNODB_FT_DEFAULT_STOPWORD")
        assert {row[0] for row in cursor.fetchall()} == STOPWORDS
        cursor.execute("SELECT @@innodb_ft_min_token_size, @@innodb_ft_max_token_size, @@innodb_ft_enable_stopword")
        assert cursor.fetchone() == (3, 84, 1)


TITLES = {
    "gala": "Annual Gala Dinner of the Society",
    "meeting": "Annual General Meeting 2026",
    "with": "Dancing with wolves",
    "short": "AI in OR: a B-52 story",
    "percent": "100% pure, C++ and C#",
    "accents": "Résumé of Zoë Ångström",
    "hebrew": "שלום עולם",
    "russian": "Новая Ёлка",
    "quotes": "The \"Queen's\" O'Brien",
    "html": "<p>Paragraph</p><p>Second &amp; third</p>",
    "long": "x" * 90 + "tail",
    "under": "snake_case_name",
    "emoji": "Well done 👍🏽😀",
    "japanese": "東京大学 開会式 ジョン・スミス",
    "thai": "ประชุมวิชาการ",
    "hindi": "रात्रि भोज",
    "korean": "김철수",
}
QUESTIONS: list[tuple[str, set[str]]] = [
    ("annual", {"gala", "meeting"}),
    ("ANNUAL", {"gala", "meeting"}),
    ("ann", {"gala", "meeting"}),
    ("annual gala", {"gala"}),
    ("gala annual", {"gala"}),
    ("ann gal din", {"gala"}),
    ("nnual", set()),
    ("annual nothing", set()),
    ('"annual general"', {"meeting"}),
    ('"general annual"', set()),
    ('"annual gen"', set()),
    ('"annual general" 2026', {"meeting"}),
    ('"annual meeting"', set()),
    ("2026", {"meeting"}),
    ("202", {"meeting"}),
    ("with", {"with"}),
    ("wit", {"with"}),
    ("wi", {"with"}),
    ("the", {"gala", "quotes"}),
    ("of the", {"gala"}),
    ("a", {"gala", "meeting", "short", "accents"}),
    ("ai", {"short"}),
    ("in or", {"short"}),
    ("b 52", {"short"}),
    ("b-52", {"short"}),
    ('"b 52"', {"short"}),
    ("pure", {"percent"}),
    ("c", {"percent", "under"}),
    ("c++", {"percent", "under"}),
    ("100%", {"percent"}),
    ("resume", {"accents"}),
    ("Résumé", {"accents"}),
    ("re\u0301sume\u0301", {"accents"}),
    ("zoe", {"accents"}),
    ("zoë", {"accents"}),
    ("angstrom", {"accents"}),
    ("שלום", {"hebrew"}),
    ("שלו עול", {"hebrew"}),
    ("елка", {"russian"}),
    ("Ёлка", {"russian"}),
    ("queen", {"quotes"}),
    ("queen's", {"quotes"}),
    ("o'brien", {"quotes"}),
    ("brien", {"quotes"}),
    ("paragraph", {"html"}),
    ("second third", {"html"}),
    ("amp", set()),
    ("x" * 90, {"long"}),
    ("x" * 10, {"long"}),
    ("snake", {"under"}),
    ("case_name", {"under"}),
    ("+annual -gala", {"gala"}),
    ("annual*", {"gala", "meeting"}),
    ("gala) OR (meeting", set()),
    ("' OR '1'='1", set()),
    ("@@ >< ~", set()),
    ("_", set()),
    ("\\", set()),
    ("'", set()),
    ("%_%_" * 200, set()),
    ("😀", {"emoji"}),
    ("👍", {"emoji"}),
    ("👍🏽", {"emoji"}),
    ("大学", {"japanese"}),
    ("学", {"japanese"}),
    ("京大学", {"japanese"}),
    ("学大", set()),
    ("東学", set()),
    ('"大学 開会"', {"japanese"}),
    ('"京大 開会"', set()),
    ("スミス", {"japanese"}),
    ("วิชาการ", {"thai"}),
    ("रात", {"hindi"}),
    ("ात", set()),
    ("김", {"korean"}),
    ("철수", set()),
    ("x6771", set()),
    ("*", set()),
]
ALL = set(TITLES)


@pytest.mark.django_db(transaction=True)
def test_q_finds_words(north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    """On MariaDB this is the full-text index, which holds what is committed; or, for an account with a small part of a
    large table, its own rows."""
    for code, title in TITLES.items():
        north.administrator.create("post", topic_code=None, name=code, title=None, content=title)
    assert ask(north, "post", "name") == {q: names | names_of_code(q) for q, names in QUESTIONS}
    assert everything(north, "post", "name") == [ALL] * 4
    monkeypatch.setattr(account_size, "rows_of_account", lambda object_type: 5_000)
    for of_all, by_index in ((1_000_000, False), (49_000, True)):
        monkeypatch.setattr(account_size, "rows_of_table", lambda object_type, count=of_all: count)
        with CaptureQueriesContext(connection) as queries:
            assert ask(north, "post", "name") == {q: names | names_of_code(q) for q, names in QUESTIONS}
        matched = any("AGAINST" in query["sql"] for query in queries)
        assert matched == (by_index and connection.vendor == "mysql")


def names_of_code(q: str) -> set[str]:
    """The code stands in a searched field too (so that each row can be told from others)."""
    query = parse_q(q)
    words = {code: [code] for code in TITLES}
    if not query or query.phrases:
        return set()
    text = {code: [*parse_q(strip(TITLES[code])).beginnings, *words[code]] for code in TITLES}
    return {
        code
        for code, has in text.items()
        if all(any(word.startswith(beginning) for word in has) for beginning in query.beginnings)
    }


def strip(html: str) -> str:
    return html.replace("<p>", " ").replace("</p>", " ").replace("&amp;", "&")


def ask(party: Party, type_name: str, key: str) -> dict[str, set[str]]:
    found = {}
    for q, _ in QUESTIONS:
        answer = party.member.search(type_name, {"q": q})
        assert answer.status == 200, answer.body
        found[q] = {row[key] for row in answer.data}
    return found


def everything(party: Party, type_name: str, key: str) -> list[set[str]]:
    return [{row[key] for row in party.member.search(type_name, {"q": q}).data} for q in ("", "%", "  ", " % ")]


@pytest.mark.django_db(transaction=True)
def test_q_goes_with_conditions_parameters_and_pages(north: Party) -> None:
    for number in range(5):
        north.member.create("journal", name=f"Gala {number}", sort=number, hide=number == 4)
    north.member.create("journal", name="Picnic", sort=1)
    body = {"q": "gal", "and": [{"field": "sort", "op": "gte", "value": 1}]}
    answer = north.member.search("journal", body, "?order_by=-sort&limit=2&inc_total=true")
    assert [row["name"] for row in answer.data] == ["Gala 3", "Gala 2"]
    assert answer.meta["total"] == 3
    after = north.member.search("journal", body, f"?order_by=-sort&cursor={answer.meta['next_cursor']}")
    assert [row["name"] for row in after.data] == ["Gala 1"]
    assert north.member.search("journal", {"q": "gala", "not": {"field": "sort", "op": "lt", "value": 9}}).data == []


@pytest.mark.django_db(transaction=True)
def test_without_an_order_q_is_ordered_by_relevance_where_the_database_has_it(north: Party) -> None:
    journal = Examples(north).one("journal")
    texts = ["gala once in a long text about other things", "gala gala gala", "nothing", "gala gala and more"]
    ids = [north.member.create("journal_entry", journal_id=journal, content=text)["id"] for text in texts]
    by_relevance = [ids[1], ids[3], ids[0]] if connection.vendor == "mysql" else [ids[0], ids[1], ids[3]]
    assert north.member.search("journal_entry", {"q": "gala"}).ids == by_relevance
    paged: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = north.member.search("journal_entry", {"q": "gala"}, "?limit=1" + (f"&cursor={cursor}" if cursor else ""))
        paged += page.ids
        cursor = page.meta["next_cursor"]
    assert paged == by_relevance
    assert north.member.search("journal_entry", {"q": "gala"}, "?order_by=-created_on").ids == [ids[3], ids[1], ids[0]]


@pytest.mark.django_db(transaction=True)
def test_q_looks_into_no_field_that_the_principal_may_not_read(north: Party) -> None:
    """A presenter's e-mail is private; an exhibit's passcode is secret."""
    examples = Examples(north)
    examples.another("event_presenter", given_name="Ann", email="secretive@example.org")
    examples.another("event_exhibit", passcode="quartz-lantern-7")
    path = f"/v3/crud/event_presentation/{examples.one('event_presentation')}/event_presenter/search"
    assert north.guest.post(path, {"q": "secretive"}).data == []
    assert len(north.guest.post(path, {"q": "ann"}).data) == 1
    assert north.manager.search("event_exhibit", {"q": "quartz-lantern-7"}).data == []
