"""Search bodies: which are read, and which are refused. Nothing is dropped silently."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crud.read.search.grammar import (
    ALIASES,
    ALL_OPERATORS,
    LIST_OPERATORS,
    MAX_CONDITIONS,
    MAX_DEPTH,
    MAX_LIST,
    NEGATED,
)
from crud.read.search.parser import Condition, Group, Search, parse_search
from kernel.errors import Invalid, TooLarge
from tests.conftest import Caller, Party
from tests.crud.examples import Examples
from tests.crud.reading import prop


def condition(field: str = "name", op: str = "eq", value: Any = "x") -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


NAME = Condition("name", "eq", "x")


@pytest.mark.parametrize(
    ("body", "search"),
    [
        ({}, Search("", Group("and", ()))),
        ({"q": "x y"}, Search("x y", Group("and", ()))),
        ({"and": []}, Search("", Group("and", (Group("and", ()),)))),
        ({"or": [condition()]}, Search("", Group("and", (Group("or", (NAME,)),)))),
        ({"not": condition()}, Search("", Group("and", (Group("not", (NAME,)),)))),
        (
            {"or": [condition()], "and": [condition()], "not": {"or": [condition()]}},
            Search(
                "", Group("and", (Group("and", (NAME,)), Group("or", (NAME,)), Group("not", (Group("or", (NAME,)),))))
            ),
        ),
        (
            {"and": [{"or": [condition()], "not": condition()}]},
            Search("", Group("and", (Group("and", (Group("and", (Group("or", (NAME,)), Group("not", (NAME,)))),)),))),
        ),
    ],
)
def test_trees(body: Any, search: Search) -> None:
    assert parse_search(body) == search


@pytest.mark.parametrize(("alias", "operator"), ALIASES.items())
def test_aliases(alias: str, operator: str) -> None:
    value: Any = ["x"] if operator in LIST_OPERATORS else "x"
    (group,) = parse_search({"and": [condition(op=alias, value=value)]}).tree.nodes
    assert group == Group("and", (Condition("name", operator, value),))


REFUSED: list[Any] = [
    None,
    [],
    "",
    "x",
    0,
    True,
    {"where": []},
    {"AND": []},
    {"and ": []},
    {"and": [], "qry": "x"},
    {"": 1},
    {"limit": 5},
    {"q": None},
    {"q": 5},
    {"q": ["x"]},
    {"q": {"x": 1}},
    {"q": "x" * 1_001},
    {"q": "a\x00b"},
    {"and": None},
    {"and": {}},
    {"and": "x"},
    {"and": condition()},
    {"and": [None]},
    {"and": [[]]},
    {"and": ["x"]},
    {"and": [5]},
    {"and": [{}]},
    {"or": []},
    {"or": None},
    {"or": {}},
    {"or": condition()},
    {"and": [{"or": []}]},
    {"not": []},
    {"not": [condition()]},
    {"not": None},
    {"not": {}},
    {"not": "x"},
    {"not": {"nor": [condition()]}},
    {"and": [{"nand": [condition()]}]},
    {"and": [condition() | {"extra": 1}]},
    {"and": [condition() | {"and": []}]},
    {"and": [{"op": "eq", "value": 1}]},
    {"and": [{"field": "name", "value": 1}]},
    {"and": [{"field": "name", "op": "eq"}]},
    {"and": [{"value": 1}]},
    {"and": [{"field": "", "op": "eq", "value": 1}]},
    {"and": [{"field": None, "op": "eq", "value": 1}]},
    {"and": [{"field": 5, "op": "eq", "value": 1}]},
    {"and": [{"field": ["name"], "op": "eq", "value": 1}]},
    {"and": [{"field": {"name": 1}, "op": "eq", "value": 1}]},
    {"and": [{"field": "name", "op": None, "value": 1}]},
    {"and": [{"field": "name", "op": ["eq"], "value": 1}]},
    {"and": [{"field": "name", "op": "", "value": 1}]},
    {"and": [condition(op="in")]},
    {"and": [condition(op="in", value=None)]},
    {"and": [condition(op="not_in", value={"a": 1})]},
    {"and": [condition(op="between")]},
    {"and": [condition(op="between", value=["a"])]},
    {"and": [condition(op="between", value=["a", "b", "c"])]},
    {"and": [condition(value=["x"])]},
    {"and": [condition(value={"x": 1})]},
    {"and": [condition(op="like", value=["x"])]},
    {"and": [condition(op="is_null", value="x")]},
    {"and": [condition(op="is_null", value=[])]},
]


@pytest.mark.parametrize("body", REFUSED, ids=[str(body)[:60] for body in REFUSED])
def test_refused(body: Any) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_search(body)
    assert refusal.value.http_status == 400


NO_OPERATORS = [
    *(
        "regex",
        "iregex",
        "rlike",
        "regexp",
        "similar",
        "raw",
        "exists",
        "search",
        "fts",
        "match",
        "sounds_like",
        "glob",
    ),
    *(
        "EQ",
        "Eq",
        " eq",
        "eq ",
        "is",
        "is not",
        "in()",
        "<>",
        "===",
        "!",
        "~",
        "=~",
        "!~",
        "icontains",
        "isnull",
        "range",
    ),
    *("year", "year__gt", "eq;", "' OR 1=1 --", "\x00", "eq\x00", "😀", "__class__", "x" * 10_000),
]


@pytest.mark.parametrize("operator", NO_OPERATORS, ids=[repr(op)[:30] for op in NO_OPERATORS])
def test_there_is_no_such_operator(operator: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_search({"and": [condition(op=operator)]})
    assert list(refusal.value.fields or {}) == ["name"]
    assert len(refusal.value.message) < 200


@pytest.mark.parametrize(
    ("operator", "value", "means"),
    [
        ("is_null", None, "is_null"),
        ("is_null", True, "is_null"),
        ("is_null", False, "is_not_null"),
        ("is_not_null", None, "is_not_null"),
        ("is_not_null", True, "is_not_null"),
        ("is_not_null", False, "is_null"),
    ],
)
def test_is_null_of_false_is_its_opposite(operator: str, value: Any, means: str) -> None:
    (group,) = parse_search({"and": [condition(op=operator, value=value)]}).tree.nodes
    assert group == Group("and", (Condition("name", means, None),))


def test_is_null_needs_no_value() -> None:
    (group,) = parse_search({"and": [{"field": "name", "op": "is_null"}]}).tree.nodes
    assert group == Group("and", (Condition("name", "is_null", None),))


# --- limits


def nested(depth: int) -> dict[str, Any]:
    """`and` and `or` in turn; the condition stands in the group number `depth`."""
    node = condition()
    for level in range(depth):
        node = {"or" if level % 2 else "and": [node]}
    return node


def test_depth() -> None:
    assert parse_search(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 50, 400):
        with pytest.raises(TooLarge):
            parse_search(nested(depth))
    nots: dict[str, Any] = condition()
    for _ in range(MAX_DEPTH):
        nots = {"not": nots}
    assert parse_search(nots)
    with pytest.raises(TooLarge):
        parse_search({"not": nots})


def test_number_of_conditions() -> None:
    assert parse_search({"and": [condition()] * MAX_CONDITIONS})
    half = [condition()] * (MAX_CONDITIONS // 2)
    assert parse_search({"and": half, "or": half})
    for body in (
        {"and": [condition()] * (MAX_CONDITIONS + 1)},
        {"and": half, "or": [*half, condition()]},
        {"and": half, "not": {"or": [*half, condition()]}},
        {"and": [condition()] * 20_000},
    ):
        with pytest.raises(TooLarge):
            parse_search(body)


@pytest.mark.parametrize("operator", sorted(LIST_OPERATORS))
def test_length_of_lists(operator: str) -> None:
    assert parse_search({"and": [condition(op=operator, value=["x"] * MAX_LIST)]})
    for length in (MAX_LIST + 1, 300_000):
        with pytest.raises(TooLarge):
            parse_search({"and": [condition(op=operator, value=["x"] * length)]})


def test_the_limits_are_those_of_the_contract() -> None:
    assert (MAX_DEPTH, MAX_CONDITIONS, MAX_LIST) == (10, 200, 1_000)
    assert set(NEGATED) < ALL_OPERATORS


def test_the_largest_searches_are_answered(north: Party) -> None:
    """At the limits the database must still follow: SQLite's parser gives up at some depth (M5)."""
    examples = Examples(north)
    entry = examples.another("journal_entry", name="x")
    caller = north.member
    wide = {"or": [condition(value=f"x{number}") for number in range(MAX_CONDITIONS - 1)] + [condition()]}
    answer = caller.search("journal_entry", wide)
    assert answer.ids == [entry], answer.body
    assert caller.search("journal_entry", nested(MAX_DEPTH)).ids == [entry]
    listed = {"and": [condition(op="in", value=[f"x{n}" for n in range(MAX_LIST - 1)] + ["x"])]}
    assert caller.search("journal_entry", listed).ids == [entry]
    deep_and_wide: dict[str, Any] = {"and": [condition("journal.name", "ne", "y"), condition()]}
    for _ in range((MAX_DEPTH - 1) // 3):
        deep_and_wide = {"not": {"or": [{"not": deep_and_wide}] + [condition(value="none")] * 10}}
    assert caller.search("journal_entry", deep_and_wide).ids == [entry]
    all_long = {"or": [condition("content", "like", "%_" * 60)] * MAX_CONDITIONS}
    assert caller.search("journal_entry", all_long).status == 200


def test_beyond_the_limits_the_answer_is_413(north: Party) -> None:
    for body in (nested(MAX_DEPTH + 1), {"and": [condition()] * 201}, {"and": [condition(op="in", value=[1] * 1_001)]}):
        refused = north.member.search("journal", body)
        assert (refused.status, refused.error) == (413, ("payload_too_large", 413))


@pytest.mark.parametrize("body", REFUSED[6:], ids=[str(body)[:60] for body in REFUSED[6:]])
def test_a_refused_search_is_400_and_never_returns_everything(body: Any, north: Party) -> None:
    north.member.create("journal", name="x")
    refused = north.member.search("journal", body)
    assert (refused.status, refused.error) == (400, ("validation", 400))
    assert refused.body["data"] is None


# --- whatever comes

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
WORDS = st.sampled_from(["and", "or", "not", "q", "field", "op", "value", "name", "eq", "in", "between", "is_null"])
BODIES = st.recursive(
    WORDS | JSON_VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)


@prop(150)
@given(BODIES)
def test_any_body_is_read_or_refused(body: Any) -> None:
    with suppress(Invalid, TooLarge):
        assert isinstance(parse_search(body), Search)


INJECTIONS = [
    *(
        "'",
        '"',
        "`",
        ";",
        "--",
        "/*",
        "*/",
        "\\",
        "\\'",
        "%27",
        "' OR '1'='1",
        "1; DROP TABLE journal",
        "0x41",
        "${7*7}",
    ),
    *("') OR SLEEP(5) -- ", "name) UNION SELECT 1,2 -- ", "name AS x", "name\n", "\u2028", "name; SELECT pg_sleep(5)"),
    *("account__api_keys__key__startswith", "person.user.password", "created_by__password", "account_id__name", "pk"),
    *(
        "id__in",
        "name__regex",
        "name__",
        "__name",
        "journal_entry__title",
        "id_random",
        "default_qry_str",
        "_connector",
    ),
    *("_negated", "journal.", ".name", "journal..name", "journal.account.name", "journal.name.x", "*", "1", "name,id"),
    *("account_id.name", "person.password", "ｎａｍｅ", "NAME", "name ", " name", "x" * 1_000_000, "\ud83d\ude00"),
]


@pytest.mark.parametrize("text", INJECTIONS, ids=[ascii(text)[:40] for text in INJECTIONS])
def test_no_name_reaches_the_database(text: str, north: Party) -> None:
    caller: Caller = north.member
    examples = Examples(north)
    entry = examples.one("journal_entry")
    if len(text) < 1_000:
        ordered = caller.get("/v3/crud/journal_entry/?order_by=" + quoted(text))
        good = {part.strip() for part in text.split(",")} <= {"name", "id"}  # blanks around names are let pass
        assert ordered.status == (200 if good else 400)
        for parameter in ("view", "for_obj_type", text):
            refused = caller.get(f"/v3/crud/journal_entry/?{quoted(parameter)}={quoted(text)}&for_obj_id=x")
            assert refused.status == 400
    unknown = caller.search("journal_entry", {"and": [condition(field=text)]})
    assert (unknown.status, unknown.error) == (400, ("database_schema", 1054))
    assert len(unknown.meta["details"]["message"]) < 120
    found = caller.search("journal_entry", {"and": [condition(value=text)]})
    assert (found.status, found.data) == (200, [])
    assert caller.search("journal_entry", {"and": [condition(op="ne", value=text)]}).ids == [entry]


def quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))
