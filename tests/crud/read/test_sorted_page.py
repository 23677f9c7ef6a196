"""An order that no index holds is sorted once, by keys; pages go on in what was sorted, and lose and repeat nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from content.models import JournalEntry
from crud.declare.object_type import registry
from crud.read import account_size, sorted_page
from crud.read.page import read_all, select
from crud.read.parameters import Parameters
from kernel.errors import Invalid
from tenancy.principal import Principal
from tests.conftest import Party
from tests.crud.read.test_page import ORDERS, ROWS, by_cursor, made, north_principal, query
from tests.crud.reading import acting, prop, read, rolled_back, statements

__all__ = ["north_principal"]
ENTRIES = [{"name": f"n{n % 4}", "sort": n % 3, "journal": n % 2, "person": None} for n in range(11)]


@pytest.fixture(autouse=True)
def _every_account_is_large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(sorted_page, "FEW", -1)
    account_size.forget_sizes()
    yield
    account_size.forget_sizes()


@pytest.mark.parametrize("kept", [1, 4, 10_000])
def test_pages_are_those_of_a_list_that_is_sorted_as_it_is_read(
    north_principal: Principal, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    monkeypatch.setattr(sorted_page, "KEPT", kept)

    @prop(25)
    @given(ROWS, ORDERS, st.integers(1, 4))
    def check(rows: list[dict[str, Any]], order: str, limit: int) -> None:
        with rolled_back():
            made(rows)
            with monkeypatch.context() as plain:
                plain.setattr(sorted_page, "FEW", 10_000)
                whole = [row["id"] for row in read(north_principal, "journal_entry", query(order, 1_000)).rows]
                total = read(north_principal, "journal_entry", f"{query(order, 2)}&offset=1&view=enriched").rows
            assert by_cursor(north_principal, order, limit) == whole
            assert read(north_principal, "journal_entry", f"{query(order, 2)}&offset=1&view=enriched").rows == total

    check()


def test_the_next_pages_sort_nothing(north_principal: Principal) -> None:
    made(ENTRIES)
    page = read(north_principal, "journal_entry", query("-sort", 3))
    with statements() as sent:
        following = read(north_principal, "journal_entry", query("-sort", 3, page.next_cursor))
    assert len(following.rows) == 3
    assert len(sent) == 1
    assert " IN (" in sent[0]
    assert not {row["id"] for row in page.rows} & {row["id"] for row in following.rows}


def test_rows_that_go_or_move_meanwhile_are_not_repeated_nor_do_others_get_lost(north_principal: Principal) -> None:
    entries = made(ENTRIES)
    order = [row["id"] for row in read(north_principal, "journal_entry", query("sort", 100)).rows]
    first = read(north_principal, "journal_entry", query("sort", 3))
    rows = {entry.id_random: JournalEntry.objects.get(id_random=entry.id_random) for entry in entries}
    gone, hidden, moved = order[3], order[4], order[5]
    rows[gone].delete()
    rows[hidden].hide = True
    rows[hidden].save()
    rows[moved].sort = -1
    rows[moved].save()
    found = [row["id"] for row in first.rows]
    page = first
    while page.next_cursor:
        page = read(north_principal, "journal_entry", query("sort", 3, page.next_cursor))
        assert len(page.rows) == 3 or page.next_cursor is None
        found += [row["id"] for row in page.rows]
    assert found == [public_id for public_id in order if public_id not in (gone, hidden)]


def test_a_cursor_goes_on_when_the_keys_are_gone_or_belong_to_another_question(north_principal: Principal) -> None:
    made(ENTRIES)
    order = [row["id"] for row in read(north_principal, "journal_entry", query("sort", 100)).rows]
    first = read(north_principal, "journal_entry", query("sort", 3))
    narrower = f"{query('sort', 100, first.next_cursor)}&name=n1"
    names = {row["id"]: row["name"] for row in read(north_principal, "journal_entry", "limit=100").rows}
    found = [row["id"] for row in read(north_principal, "journal_entry", narrower).rows]
    assert found == [public_id for public_id in order[3:] if names[public_id] == "n1"]
    cache.clear()
    rest = read(north_principal, "journal_entry", query("sort", 100, first.next_cursor))
    assert [row["id"] for row in rest.rows] == order[3:]


def test_the_keys_of_one_account_answer_no_other(north_principal: Principal, south: Party) -> None:
    made(ENTRIES)
    first = read(north_principal, "journal_entry", query("sort", 3))
    with acting(south) as southern:
        assert read(southern, "journal_entry", query("sort", 3, first.next_cursor)).rows == []


def test_more_rows_than_can_be_sorted_are_refused_in_words(
    north_principal: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(ENTRIES)
    monkeypatch.setattr(sorted_page, "MOST", 5)
    for ask in (
        lambda: read(north_principal, "journal_entry", query("sort", 3)),
        lambda: read_all(select(registry["journal_entry"], north_principal, Parameters(order=(("sort", False),))), 100),
    ):
        with pytest.raises(
            Invalid, match=r"sort, which is not indexed. Narrow the list, or sort by one of: .*name"
        ) as no:
            ask()
        assert set(no.value.details()["fields"]) == {"order_by"}
    assert len(read(north_principal, "journal_entry", f"{query('sort', 3)}&name=n1").rows) == 3
    assert len(read(north_principal, "journal_entry", query("-name", 3)).rows) == 3


def test_an_export_is_sorted_once(north_principal: Principal, monkeypatch: pytest.MonkeyPatch) -> None:
    made(ENTRIES)
    whole = [row["id"] for row in read(north_principal, "journal_entry", query("sort", 100)).rows]
    monkeypatch.setattr("crud.read.page.EXPORT_PAGE", 4)
    selection = select(registry["journal_entry"], north_principal, Parameters(order=(("sort", False),)))
    with statements() as sent:
        pages = [[row["id"] for row in page] for page in read_all(selection, 9)]
    assert pages == [whole[:4], whole[4:8], whole[8:9]]
    assert sum("ORDER BY" in sql and " IN (" not in sql for sql in sent) == 1
