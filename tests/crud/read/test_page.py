"""Pages: in any order they hold every row once, whatever happens between them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Person
from content.models import Journal, JournalEntry
from crud.declare.object_type import registry
from crud.read import page as page_module
from crud.read.page import ancestor_path, read_all, read_page, select
from crud.read.parameters import Parameters
from crud.read.search.grammar import ORDERED
from tenancy.principal import Principal
from tests.conftest import Party
from tests.crud.examples import Examples
from tests.crud.reading import acting, prop, read, rolled_back

START = datetime(2026, 1, 1, tzinfo=UTC)
COIN: st.SearchStrategy[bool] = st.booleans()
NAMES = st.none() | st.sampled_from(["", "a", "A", "á", "b", "B", "ab", "é", "e", "10", "9", "_", " a"])
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": NAMES,
            "category_code": NAMES,
            "sort": st.none() | st.integers(-1, 1),
            "latitude": st.none() | st.sampled_from([-1.5, 0.0, 0.1, 1 / 3]),
            "start_datetime": st.none() | st.integers(0, 2).map(lambda n: START + timedelta(seconds=n, microseconds=n)),
            "priority": st.booleans(),
            "journal": st.integers(0, 1),
            "person": st.none() | st.integers(0, 1),
        }
    ),
    max_size=9,
)
SORTABLE = [
    *("name", "category_code", "sort", "latitude", "start_datetime", "priority", "id", "journal_id", "person_id"),
    *("created_on", "journal.name", "journal.sort", "person.given_name", "person.sort", "account_id", "group"),
]
ORDERS = st.lists(st.tuples(st.sampled_from(SORTABLE), st.booleans()), max_size=3, unique_by=lambda part: part[0]).map(
    lambda parts: ",".join(f"-{name}" if down else name for name, down in parts)
)


@pytest.fixture
def north_principal(north: Party) -> Iterator[Principal]:
    with acting(north) as principal:
        for number, name in enumerate(["beta", None]):
            Person(id_random=f"person{number}", given_name=name, sort=number or None).save()
            Journal(id_random=f"journal{number}", name=name or "Alpha", sort=number or None).save()
        yield principal


def made(rows: list[dict[str, Any]], first: int = 0) -> list[JournalEntry]:
    """Write rows, with ids and times that are the same in every run. `first`: the number of the first of them."""
    journals = list(Journal.objects.order_by("id_random"))
    persons = list(Person.objects.order_by("id_random"))
    entries = []
    for number, values in enumerate(rows, start=first):
        own = {name: value for name, value in values.items() if name not in ("journal", "person")}
        person = values["person"]
        entries.append(
            JournalEntry(
                id_random=f"entry{number * 7919 % 10_000:04}",
                created_on=START + timedelta(seconds=number // 2),
                journal=journals[values["journal"]],
                person=None if person is None else persons[person],
                **own,
            )
        )
    JournalEntry.objects.bulk_create(entries)
    return entries


def query(order: str, limit: int, cursor: str | None = None) -> str:
    return f"limit={limit}" + (f"&order_by={order}" if order else "") + (f"&cursor={cursor}" if cursor else "")


def by_cursor(principal: Principal, order: str, limit: int, body: Any = None) -> list[str]:
    """Every page, one after the other."""
    found: list[str] = []
    page = read(principal, "journal_entry", query(order, limit), body)
    while True:
        assert len(page.rows) <= limit
        found += [row["id"] for row in page.rows]
        if page.next_cursor is None:
            return found
        page = read(principal, "journal_entry", query(order, limit, page.next_cursor), body)


def test_the_pages_together_are_the_whole_list_in_every_order(north_principal: Principal) -> None:
    @prop(40)
    @given(ROWS, ORDERS, st.integers(1, 4))
    def check(rows: list[dict[str, Any]], order: str, limit: int) -> None:
        with rolled_back():
            made(rows)
            whole = [row["id"] for row in read(north_principal, "journal_entry", query(order, 1_000)).rows]
            assert len(set(whole)) == len(rows)
            assert by_cursor(north_principal, order, limit) == whole
            by_offset = [
                row["id"]
                for offset in range(0, len(rows), limit)
                for row in read(north_principal, "journal_entry", f"{query(order, limit)}&offset={offset}").rows
            ]
            assert by_offset == whole

    check()


def test_rows_that_come_and_go_make_no_other_appear_twice_nor_vanish(north_principal: Principal) -> None:
    @prop(40)
    @given(ROWS, ORDERS, st.integers(1, 3), st.data())
    def check(rows: list[dict[str, Any]], order: str, limit: int, data: st.DataObject) -> None:
        with rolled_back():
            stayed = {entry.id_random for entry in made(rows)}
            seen: list[str] = []
            cursor: str | None = None
            for turn in count():
                page = read(north_principal, "journal_entry", query(order, limit, cursor))
                seen += [row["id"] for row in page.rows]
                cursor = page.next_cursor
                if cursor is None:
                    break
                if turn < 8 and data.draw(COIN):
                    made(data.draw(ROWS.map(lambda found: found[:2])), first=10 * (turn + 1))
                if data.draw(COIN) and stayed:
                    gone = data.draw(st.sampled_from(sorted(stayed)))
                    JournalEntry.objects.filter(id_random=gone).delete()
                    stayed.discard(gone)
            assert len(seen) == len(set(seen))
            assert stayed <= set(seen)

    check()


def test_orders_are_what_they_say(north_principal: Principal) -> None:
    """Null is the smallest; ties go by age, in the direction of the last column; text without case, accents deciding between equals."""
    names = ["b", None, "B", "é", "e", "ea", "", "E", None]
    entries = made([{"name": name, "journal": 0, "person": None, "sort": n % 3} for n, name in enumerate(names)])
    number = {entry.id_random: n for n, entry in enumerate(entries)}

    def order(text: str) -> list[int]:
        return [number[row["id"]] for row in read(north_principal, "journal_entry", query(text, 100)).rows]

    assert order("") == list(range(9))
    assert order("name") == [1, 8, 6, 0, 2, 4, 7, 3, 5]
    assert order("-name") == [5, 3, 7, 4, 2, 0, 6, 8, 1]
    assert order("sort,-name") == [3, 0, 6, 7, 4, 1, 5, 2, 8]
    assert order("-sort,name") == [8, 2, 5, 1, 4, 7, 6, 0, 3]
    assert order("id") == [n for _, n in sorted((entry.id_random, n) for n, entry in enumerate(entries))]
    assert order("journal_id,-created_on,-name") == [8, 7, 6, 5, 4, 3, 2, 0, 1]


@pytest.mark.parametrize("type_name", sorted(registry))
def test_every_sortable_field_of_every_type_pages(type_name: str, north: Party) -> None:
    examples = Examples(north)
    ids = [examples.one(type_name)]
    if type_name != "account":
        ids += [examples.another(type_name) for _ in range(2)]
    for name, field in registry[type_name].fields.items():
        if field.kind not in ORDERED or name == "super":
            continue
        downwards = "-" if len(name) % 2 else ""
        seen: list[str] = []
        path = f"/v3/crud/{type_name}/?limit=2&order_by={downwards}{name}"
        answer = north.manager.get(path)
        while True:
            assert answer.status == 200, answer.body
            seen += answer.ids
            if answer.meta["next_cursor"] is None:
                break
            answer = north.manager.get(f"{path}&cursor={answer.meta['next_cursor']}")
        assert len(seen) == len(set(seen))
        assert set(ids) <= set(seen)


def test_long_texts_sort_and_page(north: Party) -> None:
    """What a cursor holds of a value has its limit."""
    for number in range(3):
        north.member.create("journal", name=f"j{number}", summary=f"{number}" + "😀" * 20_000)
    first = north.member.get("/v3/crud/journal/?order_by=-summary&limit=1")
    assert len(first.meta["next_cursor"]) < 2_000
    second = north.member.get(f"/v3/crud/journal/?order_by=-summary&limit=1&cursor={first.meta['next_cursor']}")
    assert second.status == 200
    assert [row["name"] for row in first.data + second.data] == ["j2", "j1"]


def test_filters_hold_on_every_page(north_principal: Principal) -> None:
    made([{"name": f"n{n % 3}", "sort": n % 2, "journal": 0, "person": None} for n in range(12)])
    body = {"or": [{"field": "name", "op": "eq", "value": "N1"}, {"field": "sort", "op": "eq", "value": 1}]}
    whole = [row["id"] for row in read(north_principal, "journal_entry", query("-name", 100), body).rows]
    assert len(whole) == 8
    assert by_cursor(north_principal, "-name", 3, body) == whole


def test_a_deep_offset_answers_what_a_shallow_one_does(
    north_principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    made([{"name": f"n{n % 4}", "sort": n % 3, "journal": n % 2, "person": None} for n in range(25)])
    for order in ("", "name,-sort", "-journal.name,sort"):
        for view in ("default", "enriched"):
            queries = [
                f"{query(order, 7)}&offset={offset}&view={view}&inc_total=true&inc_journal=true"
                for offset in (3, 10, 20, 25, 100)
            ]
            shallow = [read(north_principal, "journal_entry", text) for text in queries]
            with monkeypatch.context() as deep:
                deep.setattr(page_module, "DEEP_OFFSET", 0)
                found = [read(north_principal, "journal_entry", text) for text in queries]
            assert [page.rows for page in found] == [page.rows for page in shallow]
            assert [page.total for page in found] == [page.total for page in shallow]
            ends = [(page.next_cursor is None) for page in found]
            assert ends == [(page.next_cursor is None) for page in shallow]
            after = f"{query(order, 100, found[0].next_cursor)}&view={view}"
            rest = read(north_principal, "journal_entry", after).rows
            assert [row["id"] for row in rest][:3] == [row["id"] for row in shallow[1].rows[:3]]


def test_reading_all_goes_by_pages(north_principal: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    made([{"name": f"n{n % 4}", "journal": 0, "person": None} for n in range(11)])
    monkeypatch.setattr(page_module, "EXPORT_PAGE", 4)
    parameters = Parameters(order=(("name", True),))
    selection = select(registry["journal_entry"], north_principal, parameters)
    whole = [row["id"] for row in read_page(selection, Parameters(limit=100)).rows]
    assert [[row["id"] for row in page] for page in read_all(selection, 1_000)] == [whole[:4], whole[4:8], whole[8:]]
    assert [len(page) for page in read_all(selection, 6)] == [4, 2]
    assert [len(page) for page in read_all(selection, 4)] == [4]


@pytest.mark.parametrize(
    ("type_name", "ancestor", "path"),
    [
        ("journal_entry", "journal", "journal"),
        ("journal_entry", "account", "journal__account"),
        ("event_presenter", "event", "event_session__event"),
        ("event_presentation", "event", "event_session__event"),
        ("event_file", "event", "event"),
        ("site_domain", "account", "site__account"),
        ("event_badge", "account", "event__account"),
        ("journal", "journal_entry", None),
        ("journal", "event", None),
        ("account", "site", None),
    ],
)
def test_the_way_up(type_name: str, ancestor: str, path: str | None) -> None:
    assert ancestor_path(type_name, ancestor) == path
