"""What searches find: every operator on every kind of field, against a model of their meaning; and relations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Person
from content.models import Journal, JournalEntry
from crud.declare.fields import Kind
from crud.declare.object_type import registry
from crud.read.search.compiler import padded_length
from crud.read.search.grammar import ALL_OPERATORS, LIST_OPERATORS, NULLITY, OPERATORS
from tests.conftest import Party
from tests.crud.examples import Examples
from tests.crud.read.search.model import matches
from tests.crud.reading import acting, principal_of, prop, read, rolled_back

# --- which operators a kind of field takes, and which it does not

EQUAL, ORDER = {"eq", "ne", "in", "not_in"}, {"gt", "gte", "lt", "lte", "between"}
NULL, TEXT = {"is_null", "is_not_null"}, {"like", "not_like", "contains", "not_contains", "starts_with", "ends_with"}
TABLE: dict[Kind, set[str]] = {
    Kind.ID: EQUAL | NULL,
    Kind.REFERENCE: EQUAL | NULL,
    Kind.EXACT: EQUAL | NULL | TEXT,
    Kind.TEXT: EQUAL | NULL | TEXT | ORDER,
    Kind.HTML: NULL | TEXT,
    Kind.INTEGER: EQUAL | NULL | ORDER,
    Kind.NUMBER: EQUAL | NULL | ORDER,
    Kind.BOOLEAN: EQUAL | NULL,
    Kind.DATETIME: EQUAL | NULL | ORDER,
    Kind.DATE: EQUAL | NULL | ORDER,
    Kind.JSON: NULL,
    Kind.SECRET: set(),
    Kind.SECRETS_BY_ROLE: set(),
}
VALUE: dict[Kind, Any] = {
    Kind.ID: "nqOzejLCDXM",
    Kind.REFERENCE: "nqOzejLCDXM",
    Kind.EXACT: "ab",
    Kind.TEXT: "ab",
    Kind.HTML: "ab",
    Kind.INTEGER: 5,
    Kind.NUMBER: 5.5,
    Kind.BOOLEAN: True,
    Kind.DATETIME: "2026-05-01T00:00:00Z",
    Kind.JSON: "x",
}


def test_the_table_of_operators() -> None:
    assert OPERATORS == TABLE
    assert ALL_OPERATORS == EQUAL | ORDER | NULL | TEXT
    assert set().union(*TABLE.values()) == ALL_OPERATORS


@pytest.mark.parametrize("type_name", ["journal_entry", "hosted_file", "event_exhibit_tracking"])
def test_each_field_takes_its_operators_and_refuses_the_others_by_name(type_name: str, north: Party) -> None:
    Examples(north).one(type_name)
    caller = north.manager
    for name, field in registry[type_name].fields.items():
        for operator in sorted(ALL_OPERATORS):
            value = VALUE[field.kind]
            node: dict[str, Any] = {"field": name, "op": operator}
            if operator not in NULLITY:
                in_list = operator in LIST_OPERATORS or operator == "between"
                node["value"] = [value, value] if in_list else value
            answer = caller.search(type_name, {"and": [node]})
            if operator in TABLE[field.kind]:
                assert answer.status == 200, (name, operator, answer.body)
            else:
                assert (answer.status, answer.error) == (400, ("validation", 400)), (name, operator)
                assert list(answer.meta["details"]["fields"]) == [name]


def test_secrets_can_be_neither_filtered_nor_sorted_by(north: Party) -> None:
    Examples(north).another("event_exhibit", passcode="open sesame")
    for caller, type_name, name in (
        (north.manager, "event_exhibit", "passcode"),
        (north.manager, "site", "passcodes"),
        (north.manager, "user", "password"),
        (north.member, "account", "cfg_json"),
    ):
        words = []
        for field in (name, "no_such_field"):
            for operator in ("like", "eq", "is_null", "starts_with"):
                answer = caller.search(type_name, {"and": [{"field": field, "op": operator, "value": None}]})
                assert (answer.status, answer.error) == (400, ("database_schema", 1054))
                words.append(answer.meta["details"]["message"].replace(field, "*"))
            for query in (
                f"order_by={field}",
                f"order_by=-{field}",
                f"{field}=x",
                f"{field}__like=x",
                f"fields={field}",
            ):
                answer = caller.get(f"/v3/crud/{type_name}/?{query}")
                assert (answer.status, answer.error) == (400, ("database_schema", 1054))
        assert words[:4] == words[4:]


MISFITS: list[tuple[str, str, Any]] = [
    ("name", "eq", 5),
    ("name", "eq", True),
    ("name", "like", 5),
    ("name", "like", None),
    ("name", "in", ["a", None]),
    ("name", "in", ["a", 5]),
    ("name", "in", ["a", ["b"]]),
    ("name", "gt", None),
    ("name", "between", ["a", None]),
    ("sort", "eq", "5"),
    ("sort", "eq", 5.5),
    ("sort", "eq", True),
    ("sort", "gt", 2**63),
    ("sort", "in", [1, 10**39]),
    ("latitude", "gt", "5"),
    ("enable", "eq", "yes"),
    ("enable", "eq", 2),
    ("enable", "in", [True, 5]),
    ("start_datetime", "eq", "yesterday"),
    ("start_datetime", "lt", 5),
    ("start_datetime", "between", ["2026-01-01", "nonsense"]),
    ("start_datetime", "gt", "0001-01-01T00:00:00+14:00"),
    ("journal_id", "eq", 5.0),
    ("journal_id", "eq", True),
    ("journal_id", "in", [["x"]]),
    ("id", "eq", 1.5),
]


@pytest.mark.parametrize(("field", "op", "value"), MISFITS)
def test_a_value_that_does_not_fit_is_refused_by_name(field: str, op: str, value: Any, north: Party) -> None:
    refused = north.member.search("journal_entry", {"and": [{"field": field, "op": op, "value": value}]})
    assert (refused.status, refused.error) == (400, ("validation", 400))
    assert list(refused.meta["details"]["fields"]) == [field]


# --- random rows and trees, compared with the model

TEXTS = st.text(alphabet="abAB09 é%_\\!", max_size=4)
MOMENTS = st.integers(-3, 3).map(
    lambda days: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days, microseconds=days)
)
NUMBERS = st.sampled_from([-1.5, 0.0, 0.1, 0.30000000000000004, 2.0])
ROWS: st.SearchStrategy[list[dict[str, Any]]] = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.none() | TEXTS,
            "category_code": st.none() | TEXTS,
            "content": st.none() | TEXTS,
            "start_datetime": st.none() | MOMENTS,
            "latitude": st.none() | NUMBERS,
            "sort": st.none() | st.integers(-2, 2),
            "priority": st.booleans(),
            "tags_json": st.none() | st.just([]),
            "journal": st.integers(0, 1),
            "person": st.none() | st.integers(0, 1),
        }
    ),
    max_size=10,
)
SAMPLES: dict[str, tuple[str, Any]] = {
    "name": ("text", TEXTS),
    "category_code": ("text", TEXTS),
    "content": ("text", TEXTS),
    "start_datetime": ("datetime", MOMENTS.map(datetime.isoformat)),
    "latitude": ("number", NUMBERS | st.integers(-1, 2)),
    "sort": ("integer", st.integers(-3, 3)),
    "priority": ("boolean", st.booleans()),
    "tags_json": ("json", st.none()),
    "id": ("id", st.sampled_from(["entryAAAA00", "entryaaaa00", "entryAAAA01", "entryAAAA1"])),
    "journal_id": ("reference", st.sampled_from(["journalAAA0", "journalaaa0", "journalAAA1", "x"])),
    "person_id": ("reference", st.sampled_from(["personAAAA0", "personaaaa0", "personAAAA1", "x"])),
    "journal.name": ("text", st.sampled_from(["Alpha", "ALPHA", "beta", "a%"])),
    "journal.sort": ("integer", st.integers(0, 2)),
    "person.given_name": ("text", st.sampled_from(["Ann", "ANN", "bob", "_nn"])),
    "person.sort": ("integer", st.integers(0, 2)),
}
KINDS = {name: "text" if kind == "text" else "other" for name, (kind, _) in SAMPLES.items()}
JOURNALS: list[dict[str, Any]] = [{"name": "Alpha", "sort": None}, {"name": "Beta", "sort": 1}]
PERSONS: list[dict[str, Any]] = [{"given_name": "Ann", "sort": 1}, {"given_name": None, "sort": None}]


@st.composite
def conditions(draw: st.DrawFn) -> dict[str, Any]:
    field = draw(st.sampled_from(sorted(SAMPLES)))
    kind, values = SAMPLES[field]
    operator = draw(st.sampled_from(sorted(TABLE[Kind(kind)])))
    if operator in NULLITY:
        return {"field": field, "op": operator}
    if operator in LIST_OPERATORS:
        return {"field": field, "op": operator, "value": draw(st.lists(values, max_size=5))}
    if operator == "between":
        return {"field": field, "op": operator, "value": [draw(values), draw(values)]}
    may_be_null = operator in ("eq", "ne") and kind != "boolean"
    return {"field": field, "op": operator, "value": draw(st.none() | values if may_be_null else values)}


TREES = st.recursive(
    conditions(),
    lambda node: st.fixed_dictionaries(
        {},
        optional={"and": st.lists(node, max_size=3), "or": st.lists(node, min_size=1, max_size=3), "not": node},
    ).filter(bool),
    max_leaves=8,
)


def depth(node: dict[str, Any]) -> int:
    inner = [*node.get("and", ()), *node.get("or", ()), *([node["not"]] if "not" in node else [])]
    return 1 + max(map(depth, inner), default=0)


def as_seen(row: JournalEntry, journal: int, person: int | None) -> dict[str, Any]:
    """A row as the model compares it."""
    seen = {name: getattr(row, name) for name in ("name", "category_code", "content", "latitude", "sort", "priority")}
    one = {} if person is None else PERSONS[person]
    return seen | {
        "id": row.id_random,
        "start_datetime": row.start_datetime,
        "tags_json": row.tags_json,
        "journal_id": f"journalAAA{journal}",
        "person_id": None if person is None else f"personAAAA{person}",
        "journal.name": JOURNALS[journal]["name"],
        "journal.sort": JOURNALS[journal]["sort"],
        "person.given_name": one.get("given_name"),
        "person.sort": one.get("sort"),
    }


def with_moments(node: dict[str, Any]) -> dict[str, Any]:
    """The tree with its datetimes as datetimes, for the model."""
    if node.get("field") == "start_datetime":
        value = node.get("value")
        if isinstance(value, list):
            return node | {"value": [datetime.fromisoformat(item) for item in value]}
        return node | {"value": datetime.fromisoformat(value)} if value is not None else node
    return {
        key: [with_moments(inner) for inner in part]
        if key in ("and", "or")
        else with_moments(part)
        if key == "not"
        else part
        for key, part in node.items()
    }


@pytest.fixture
def parents(north: Party) -> Iterator[tuple[list[Journal], list[Person]]]:
    with acting(north):
        journals = [Journal(id_random=f"journalAAA{i}", **values) for i, values in enumerate(JOURNALS)]
        persons = [Person(id_random=f"personAAAA{i}", **values) for i, values in enumerate(PERSONS)]
        for row in (*journals, *persons):
            row.save()
        yield journals, persons


def made(rows: list[dict[str, Any]], parents: tuple[list[Journal], list[Person]]) -> list[dict[str, Any]]:
    """Write rows; answers them as the model sees them."""
    journals, persons = parents
    found, seen = [], []
    for number, values in enumerate(rows):
        own = {name: value for name, value in values.items() if name not in ("journal", "person")}
        person = values["person"]
        row = JournalEntry(
            id_random=f"entryAAAA{number:02}",
            journal=journals[values["journal"]],
            person=None if person is None else persons[person],
            **own,
        )
        found.append(row)
        seen.append(as_seen(row, values["journal"], person))
    JournalEntry.objects.bulk_create(found)
    return seen


def test_searches_find_what_the_model_says(north: Party, parents: tuple[list[Journal], list[Person]]) -> None:
    principal = principal_of(north)

    @prop(60)
    @given(ROWS, st.lists(TREES.filter(lambda node: depth(node) <= 4), min_size=1, max_size=6))
    def check(rows: list[dict[str, Any]], trees: list[dict[str, Any]]) -> None:
        with rolled_back():
            seen = made(rows, parents)
            for tree in trees:
                wanted = [row["id"] for row in seen if matches(row, with_moments(tree), KINDS)]
                body = {"and": [tree]}
                assert [row["id"] for row in read(principal, "journal_entry", body=body).rows] == wanted, tree
                complement = [row["id"] for row in seen if row["id"] not in wanted]
                assert [row["id"] for row in read(principal, "journal_entry", body={"not": tree}).rows] == complement

    check()


@pytest.mark.parametrize("field", sorted(SAMPLES))
def test_every_operator_of_a_field_finds_what_the_model_says(
    field: str, north: Party, parents: tuple[list[Journal], list[Person]]
) -> None:
    """The same, one operator after the other: each is met, negated and not, below `or` and `not`."""
    kind, values = SAMPLES[field]
    principal = principal_of(north)

    @prop(6)
    @given(ROWS.filter(lambda rows: len(rows) > 2), st.lists(values, min_size=3, max_size=3))
    def check(rows: list[dict[str, Any]], samples: list[Any]) -> None:
        with rolled_back():
            seen = made(rows, parents)
            for operator in sorted(TABLE[Kind(kind)]):
                node: dict[str, Any] = {"field": field, "op": operator, "value": samples[0]}
                if operator in NULLITY:
                    node["value"] = None
                elif operator in LIST_OPERATORS:
                    node["value"] = samples
                elif operator == "between":
                    node["value"] = samples[:2]
                for tree in (node, {"not": node}, {"or": [node, {"not": {"not": node}}]}):
                    wanted = [row["id"] for row in seen if matches(row, with_moments(tree), KINDS)]
                    answer = read(principal, "journal_entry", body={"and": [tree]})
                    assert [row["id"] for row in answer.rows] == wanted, tree

    check()


# --- single facts worth a name


def found(party: Party, type_name: str, *conditions: tuple[str, str, Any]) -> list[str]:
    """The names of the rows that meet all conditions, in order."""
    body = {"and": [{"field": field, "op": op, "value": value} for field, op, value in conditions]}
    answer = party.manager.search(type_name, body, "?order_by=name")
    assert answer.status == 200, answer.body
    return [row["name"] for row in answer.data]


def test_wildcards_and_literals(north: Party) -> None:
    for name in ("100%", "100x", "a_b", "axb", "back\\slash", "bang!", "line\nbreak", "%"):
        north.member.create("journal", name=name)
    assert found(north, "journal", ("name", "contains", "%")) == ["%", "100%"]
    assert found(north, "journal", ("name", "contains", "_")) == ["a_b"]
    assert found(north, "journal", ("name", "contains", "\\")) == ["back\\slash"]
    assert found(north, "journal", ("name", "ends_with", "!")) == ["bang!"]
    assert found(north, "journal", ("name", "like", "a_b")) == ["a_b", "axb"]
    assert found(north, "journal", ("name", "like", "a\\_b")) == ["a_b"]
    assert found(north, "journal", ("name", "like", "100\\%")) == ["100%"]
    assert found(north, "journal", ("name", "like", "100_")) == ["100%", "100x"]
    assert found(north, "journal", ("name", "like", "%\\\\%")) == ["back\\slash"]
    assert found(north, "journal", ("name", "like", "bang!")) == ["bang!"]
    assert found(north, "journal", ("name", "like", "line_break")) == ["line\nbreak"]
    assert found(north, "journal", ("name", "like", "back\\")) == []
    assert found(north, "journal", ("name", "like", "")) == []
    assert len(found(north, "journal", ("name", "like", "%"))) == 8
    assert len(found(north, "journal", ("name", "contains", ""))) == 8
    assert found(north, "journal", ("name", "like", "axb")) == ["axb"]


def test_exact_texts_compare_with_case_in_like_too(north: Party) -> None:
    examples = Examples(north)
    examples.another("hosted_file", filename="low", hash_sha256="ab" * 32)
    search = [("eq", "ab" * 32), ("starts_with", "abab"), ("contains", "ba"), ("ends_with", "ab"), ("like", "ab%")]
    for operator, value in search:
        for text, names in ((value, 1), (value.upper(), 0)):
            body = {"and": [{"field": "hash_sha256", "op": operator, "value": text}]}
            assert len(north.member.search("hosted_file", body).data) == names, (operator, text)


def test_between_backwards_finds_nothing_and_an_empty_list_neither(north: Party) -> None:
    north.member.create("journal", name="m", sort=5)
    assert found(north, "journal", ("sort", "between", [9, 1])) == []
    assert found(north, "journal", ("sort", "between", [5, 5])) == ["m"]
    assert found(north, "journal", ("sort", "in", [])) == []
    assert found(north, "journal", ("sort", "not_in", [])) == ["m"]


def test_datetimes_without_a_zone_are_the_accounts(north: Party) -> None:
    north.member.create(
        "journal_entry", journal_id=Examples(north).one("journal"), name="x", start_datetime="2026-05-01T09:30:00"
    )
    assert found(north, "journal_entry", ("start_datetime", "eq", "2026-05-01T15:30:00Z")) == ["x"]
    assert found(north, "journal_entry", ("start_datetime", "eq", "2026-05-01T09:30:00")) == ["x"]
    assert found(north, "journal_entry", ("start_datetime", "between", ["2026-05-01T09:30", "2026-05-01T09:30"])) == [
        "x"
    ]
    assert found(north, "journal_entry", ("start_datetime", "gt", "2026-05-01T09:30:00")) == []


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 1_000])
def test_lists_share_plans_and_find_the_same(count: int, north: Party) -> None:
    assert padded_length(count) in (0, 1, 2, 4, 8, 1_000)
    assert padded_length(count) >= count
    for number in range(3):
        north.member.create("journal", name=f"j{number}")
    names = [f"j{number}" for number in range(count)]
    assert found(north, "journal", ("name", "in", names)) == names[:3]
    assert found(north, "journal", ("name", "not_in", names)) == ["j0", "j1", "j2"][count:]


# --- relations


def test_fields_of_a_parent_filter_and_sort(north: Party) -> None:
    for event, sessions in (("Beta", ["b1", "b2"]), ("alpha", ["a1"]), ("Gamma", [])):
        made = north.administrator.create("event", name=event)
        for name in sessions:
            north.administrator.create("event_session", event_id=made["id"], name=name)
    assert found(north, "event_session", ("event.name", "eq", "ALPHA")) == ["a1"]
    assert found(north, "event_session", ("event.name", "ne", "alpha")) == ["b1", "b2"]
    assert found(north, "event_session", ("event.name", "in", ["ALPHA", "gamma"])) == ["a1"]
    assert found(north, "event_session", ("event_location.name", "is_null", None)) == ["a1", "b1", "b2"]
    assert found(north, "event_session", ("event_location.name", "ne", "x")) == ["a1", "b1", "b2"]
    assert found(north, "event_session", ("event_location.name", "eq", None)) == ["a1", "b1", "b2"]
    assert found(north, "event_session", ("account.name", "starts_with", "nor")) == ["a1", "b1", "b2"]
    for order, names in (("event.name,-name", ["a1", "b2", "b1"]), ("-event.name,name", ["b1", "b2", "a1"])):
        answer = north.member.get(f"/v3/crud/event_session/?order_by={order}")
        assert [row["name"] for row in answer.data] == names
    for name in ("event.site_id", "event.id", "event.start_datetime", "event.enable"):
        body = {"and": [{"field": name, "op": "is_not_null"}]}
        assert north.member.search("event_session", body).status == 200
    for name in ("event.site.name", "event__name", "event.account.name", "event_id.name", "sessions.name", "event."):
        refused = north.member.search("event_session", {"and": [{"field": name, "op": "is_null"}]})
        assert (refused.status, refused.error) == (400, ("database_schema", 1054)), name


def test_text_of_a_parent_whose_rows_are_limited_compares_without_case_too(north: Party) -> None:
    """hosted_file limits its rows, so its fields come by a subquery, which must not forget the collation."""
    examples = Examples(north)
    for filename in ("beta.pdf", "ALPHA.pdf", "Gamma.pdf"):
        hosted = examples.another("hosted_file", filename=filename)
        examples.another("event_file", hosted_file_id=hosted, title=filename)

    def titles(answer: Any) -> list[str]:
        return [row["title"] for row in answer.data]

    body = {"and": [{"field": "hosted_file.filename", "op": "eq", "value": "alpha.PDF"}]}
    assert titles(north.member.search("event_file", body)) == ["ALPHA.pdf"]
    listed = north.member.get("/v3/crud/event_file/?order_by=hosted_file.filename")
    assert titles(listed) == ["ALPHA.pdf", "beta.pdf", "Gamma.pdf"]


def test_what_is_known_of_one_accounts_parent_is_not_known_of_anothers(north: Party, south: Party) -> None:
    """Plans are shared by accounts, so nothing that was made for one may hold its id."""
    body = {"and": [{"field": "hosted_file.filename", "op": "eq", "value": "slides.pdf"}]}
    for party in (north, south):
        examples = Examples(party)
        hosted = examples.another("hosted_file", filename="slides.pdf")
        event_file = examples.another("event_file", hosted_file_id=hosted)
        assert party.member.search("event_file", body).ids == [event_file]
        assert party.member.get("/v3/crud/event_file/?order_by=-hosted_file.filename").ids == [event_file]
        enriched = party.member.get(f"/v3/crud/event_file/{event_file}?view=enriched").data
        assert enriched["hosted_file_filename"] == "slides.pdf"


def test_a_field_of_a_parent_that_may_not_be_read_can_be_neither_filtered_nor_sorted_by(north: Party) -> None:
    """account.cfg_json is for administrators, account.code for everybody: from below it is the same (SRCH-02)."""
    north.member.create("journal", name="x")
    node = {"field": "account.cfg_json", "op": "is_null"}
    for refused in (
        north.member.search("journal", {"and": [node]}),
        north.member.search("journal", {"not": node}),
        north.member.get("/v3/crud/journal/?order_by=account.cfg_json"),
    ):
        assert (refused.status, refused.error) == (400, ("database_schema", 1054))
    assert found(north, "journal", ("account.code", "eq", "north")) == ["x"]
    assert len(north.administrator.search("journal", {"and": [node]}).data) == 1


def test_guests_filter_by_public_fields_only(north: Party) -> None:
    examples = Examples(north)
    event = examples.one("event")
    examples.one("event_presenter")
    allowed = {"and": [{"field": "family_name", "op": "starts_with", "value": "arch"}]}
    path = f"/v3/crud/event_presentation/{examples.one('event_presentation')}/event_presenter/search"
    assert len(north.guest.post(path, allowed).data) == 1
    for name in ("email", "notes", "external_id", "person.email", "person.given_name", "event_session.external_id"):
        refused = north.guest.post(path, {"and": [{"field": name, "op": "is_not_null"}]})
        assert (refused.status, refused.error) == (400, ("database_schema", 1054)), name
        assert north.guest.get(f"/v3/crud/event_presenter/?order_by={name}").error == ("database_schema", 1054)
        assert north.guest.get(f"/v3/crud/event_presenter/?{name}=x").error == ("database_schema", 1054)
    by_event = {"and": [{"field": "event_session.name", "op": "is_not_null"}]}
    assert len(north.guest.post(path, by_event).data) == 1
    north.administrator.patch(f"/v3/crud/event/{event}", {"hide": True})
    assert north.guest.search("event_presenter", allowed).data == []
