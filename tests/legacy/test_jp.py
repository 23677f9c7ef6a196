"""The search of V2: jp in the query string."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.conftest import Party
from tests.legacy.asking import ids, journals, jp, names, qry

pytestmark = pytest.mark.django_db
LIST = "/v2/crud/journal/list"


@pytest.fixture
def made(north: Party) -> list[str]:
    for name, group in (("Apple", "x"), ("Banana", "x"), ("Cherry", "y"), ("Date", None)):
        north.manager.create("journal", name=name, group=group)
    return ["Apple", "Banana", "Cherry", "Date"]


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ({}, ["Apple", "Banana", "Cherry", "Date"]),
        ({"and": [{"field": "name", "op": "eq", "value": "apple"}]}, ["Apple"]),
        (
            {"or": [{"field": "name", "op": "like", "value": "a%"}, {"field": "group", "op": "eq", "value": "y"}]},
            ["Apple", "Cherry"],
        ),
        ({"not": {"field": "group", "op": "eq", "value": "x"}}, ["Cherry", "Date"]),
        ({"q": "ban"}, ["Banana"]),
        ({"q": "%"}, ["Apple", "Banana", "Cherry", "Date"]),
        ({"and": [{"field": "account.id_random", "op": "is_not_null"}]}, ["Apple", "Banana", "Cherry", "Date"]),
    ],
)
@pytest.mark.django_db(transaction=True)  # words are indexed on commit
def test_a_search_body_of_v3(north: Party, made: list[str], search: Any, expected: list[str]) -> None:
    assert names(north.manager.get(LIST + jp(search))) == expected


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ([], ["Apple", "Banana", "Cherry", "Date"]),
        (qry(("AND", "name", "=", "apple")), ["Apple"]),
        (qry(("AND", "group", "=", "x"), ("AND", "name", "LIKE", "b%")), ["Banana"]),
        (qry(("OR", "name", "=", "Apple"), ("OR", "name", "=", "Date")), ["Apple", "Date"]),
        (qry(("AND", "name", "=", "Apple"), ("OR", "name", "=", "Date")), ["Apple", "Date"]),
        # AND binds closer than OR, wherever it stands
        (
            qry(("AND", "group", "=", "x"), ("AND", "name", "=", "Apple"), ("or", "name", "=", "Date")),
            ["Apple", "Date"],
        ),
        (
            qry(("AND", "name", "=", "Date"), ("OR", "group", "=", "x"), ("and", "name", "!=", "Apple")),
            ["Banana", "Date"],
        ),
        (qry(("AND", "name", "IN", ["Apple", "Date"])), ["Apple", "Date"]),
        (qry(("AND", "name", "not in", ["Apple", "Date"])), ["Banana", "Cherry"]),
        (qry(("AND", "name", "Not  Like", "%a%")), ["Cherry"]),
        (qry(("AND", "group", "IS NULL")), ["Date"]),
        (qry(("AND", "group", "is not null")), ["Apple", "Banana", "Cherry"]),
        (qry(("AND", "name", "<>", "Apple"), ("AND", "name", "<", "Date")), ["Banana", "Cherry"]),
        (qry(("AND", "name", "BETWEEN", ["B", "Cz"])), ["Banana", "Cherry"]),
        (qry(("AND", "name", "starts_with", "ch")), ["Cherry"]),
        ([{"field": "name", "operator": "==", "value": "Apple"}], ["Apple"]),
    ],
)
def test_a_list_of_conditions(north: Party, made: list[str], conditions: Any, expected: list[str]) -> None:
    assert names(north.manager.get(LIST + jp({"qry": conditions}))) == expected
    assert names(north.manager.get(LIST + jp(conditions))) == expected


@pytest.mark.django_db(transaction=True)  # words are indexed on commit
def test_a_list_of_conditions_and_a_search_narrow_each_other(north: Party, made: list[str]) -> None:
    either = qry(("OR", "name", "=", "Apple"), ("OR", "name", "=", "Cherry"))
    both = {"qry": either, "and": [{"field": "group", "op": "eq", "value": "x"}]}
    assert names(north.manager.get(LIST + jp(both))) == ["Apple"]
    assert names(
        north.manager.get(LIST + jp({"qry": either, "not": {"field": "group", "op": "eq", "value": "x"}}))
    ) == ["Cherry"]
    assert names(north.manager.get(LIST + jp({"qry": either, "q": "cherry"}))) == ["Cherry"]


def test_order_and_paging_within_and_beside(north: Party, made: list[str]) -> None:
    def ordered(text: str) -> list[str]:
        answer = north.manager.get(LIST + text)
        assert answer.status == 200, answer.body
        return [row["name"] for row in answer.data]

    assert ordered(jp({"order_by": "-name", "limit": 2})) == ["Date", "Cherry"]
    assert ordered(jp({"order_by": ["-name"], "limit": "2", "offset": 1})) == ["Cherry", "Banana"]
    assert ordered(jp({"order_by": "name"}, limit=1, offset=3)) == ["Date"]
    assert ordered(jp({"order_by": "-account_id_random,name", "limit": 1})) == ["Apple"]
    assert ordered(jp({}, order_by="account_id_random,-name", limit=1)) == ["Date"]
    for name, value in (("order_by", "name"), ("limit", 1), ("offset", 1)):
        answer = north.manager.get(LIST + jp({name: value}, **{name: value}))
        assert (answer.status, list(answer.meta["details"]["fields"])) == (400, [name])


def test_old_names_within(north: Party) -> None:
    first, second = journals(north.manager, "One", "Two")
    entry = north.manager.create("journal_entry", name="E", journal_id=first)["id"]
    north.manager.create("journal_entry", name="F", journal_id=second)
    path = "/v2/crud/journal_entry/list"
    for field in ("journal_id_random", "journal_id", "journal.id_random", "journal.id"):
        assert ids(north.manager.get(path + jp(qry(("AND", field, "=", first))))) == [entry], field
        nested = {"or": [{"and": [{"not": {"field": field, "op": "ne", "value": first}}]}]}
        assert ids(north.manager.get(path + jp(nested))) == [entry], field
    assert ids(north.manager.get(path + jp(qry(("AND", "id_random", "IN", [entry]))))) == [entry]
    assert ids(north.manager.get(path + jp(qry(("AND", "id_random", "=", 1))))) == []


NOTHING_IS_DROPPED: list[tuple[Any, str]] = [
    ({"bogus": 1}, "bogus"),
    ({"view": "enriched"}, "view"),
    ({"fields": "name"}, "fields"),
    ({"and_qry": {}}, "and_qry"),
    ({"qry": {"type": "AND"}}, "qry"),
    ({"qry": ["name"]}, "qry"),
    ({"qry": None}, "qry"),
    ({"qry": [{"type": "XOR", "field": "name", "operator": "=", "value": 1}]}, "type"),
    ({"qry": [{"type": 1, "field": "name", "operator": "=", "value": 1}]}, "type"),
    ({"qry": [{"type": "AND", "field": "name", "operator": "=", "value": "a", "more": 1}]}, "more"),
    ({"qry": [{"type": "AND", "field": "name", "op": "=", "value": "a"}]}, "op"),
    ({"qry": [{"type": "AND", "field": "name", "operator": "regexp", "value": "a"}]}, "name"),
    ({"qry": [{"type": "AND", "field": "name", "operator": "= 1 OR 1", "value": "a"}]}, "name"),
    ({"qry": [{"type": "AND", "field": "name", "operator": "="}]}, "name"),
    ({"qry": [{"type": "AND", "field": "name", "value": "a"}]}, "name"),
    ({"qry": [{"type": "AND", "field": "name", "operator": "=", "value": ["a"]}]}, "name"),
    ({"qry": [{"type": "AND", "field": "bogus", "operator": "=", "value": "a"}]}, "bogus"),
    ({"qry": [{"type": "AND", "field": "name; DROP TABLE", "operator": "=", "value": "a"}]}, "name; DROP TABLE"),
    ({"limit": True}, "limit"),
    ({"limit": 0}, "limit"),
    ({"limit": 1001}, "limit"),
    ({"limit": 1.5}, "limit"),
    ({"limit": None}, "limit"),
    ({"offset": -1}, "offset"),
    ({"order_by": {"name": "DESC"}}, "order_by"),
    ({"order_by": ["name", 1]}, "order_by"),
    ({"order_by": "bogus"}, "bogus"),
    ({"order_by": 1}, "order_by"),
    ('"text"', "jp"),
    ("1", "jp"),
    ("null", "jp"),
    ("", "jp"),
    ("{", "jp"),
    ("{'qry': []}", "jp"),
    ('{"limit": NaN}', "jp"),
    ('{"limit": 1e400}', "jp"),
    ('{"q": "a", "q": "b"}', "jp"),
    ('{"q": "\\ud800"}', "jp"),
    ('{"q": "a\\u0000"}', "q"),
    (b'{"q": "\xff"}', "jp"),
    ("[" * 100 + "]" * 100, "jp"),
    ("%7B%7D", "jp"),  # encoded twice
]


@pytest.mark.parametrize(("value", "field"), NOTHING_IS_DROPPED)
def test_what_is_not_understood_is_refused_by_name(north: Party, value: Any, field: str) -> None:
    answer = north.manager.get(LIST + jp(value))
    assert answer.status == 400, answer.body
    assert list(answer.meta["details"].get("fields", {})) == [field], answer.body
    assert b"Traceback" not in answer.raw.content


def test_a_condition_without_a_field_is_refused(north: Party) -> None:
    for condition in ({"type": "AND", "operator": "=", "value": "a"}, {"field": 1, "operator": "=", "value": "a"}, {}):
        assert north.manager.get(LIST + jp([condition])).error == ("validation", 400)


def test_plus_and_percent_are_decoded_once(north: Party) -> None:
    journals(north.manager, "A B", "A+B", "100%25")
    for encoded, name in (("A+B", "A B"), ("A%20B", "A B"), ("A%2BB", "A+B"), ("100%2525", "100%25")):
        condition = f'[{{"field":"name","operator":"=","value":"{encoded}"}}]'
        assert names(north.manager.get(f"{LIST}?jp={condition}")) == [name]


def test_the_limits_are_those_of_post(north: Party) -> None:
    condition = {"field": "name", "operator": "=", "value": "a"}
    small = {"field": "sort", "op": "is_null"}
    assert north.manager.get(LIST + jp([condition] * 100)).status == 200
    many = north.manager.get(LIST + jp({"or": [small] * 201}))
    assert many.error == ("payload_too_large", 413)
    node: Any = small
    for _ in range(11):
        node = {"and": [node]}
    deep = north.manager.get(LIST + jp(node))
    assert deep.error == north.manager.search("journal", node).error == ("payload_too_large", 413)
    wide = north.manager.get(LIST + jp([{"field": "sort", "operator": "in", "value": [1] * 1001}]))
    assert wide.error == ("payload_too_large", 413)


@pytest.mark.parametrize("filler", ["a", "\N{SNOWMAN}"])
def test_over_8_kilobytes_it_is_414(north: Party, filler: str) -> None:
    frame = json.dumps({"qry": [{"field": "name", "operator": "=", "value": ""}]}, ensure_ascii=False)
    room = (8_192 - len(frame)) // len(filler.encode())
    fits = frame.replace('""', f'"{filler * room}"')
    assert north.manager.get(LIST + jp(fits)).status == 200
    answer = north.manager.get(LIST + jp(fits + " " * 3))
    assert (answer.status, answer.error) == (414, ("payload_too_large", 414))
    assert answer.meta["status_code"] == 414
    assert "Deprecation" in answer.headers
