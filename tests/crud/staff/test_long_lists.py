"""A list of the admin costs what its page costs, however long it is, and says what to narrow where that can't be."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from accounts.staff import principal_of_user
from crud.declare.object_type import registry
from crud.staff import changelist
from tests.contract.conftest import TYPES, Stage
from tests.crud.staff.pages import url

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["manager", "super"])
def test_no_list_joins_other_tables_or_counts_all_its_rows(stage: Stage, staff: Any, role: str) -> None:
    person = staff(role)
    for type_name in TYPES:
        if not registry[type_name].may("read", principal_of_user(person.user)):
            continue
        with CaptureQueriesContext(connection) as queries:
            assert person.get(url(type_name)).status_code == 200
        table = connection.ops.quote_name(type_name)
        for sql in (query["sql"] for query in queries):
            if sql.startswith("SELECT COUNT(*)") and f"FROM {table}" in sql:
                assert f"LIMIT {changelist.COUNTED + 1}" in sql, sql
            elif is_page(sql, table):
                assert " JOIN " not in sql, sql


def is_page(sql: str, table: str) -> bool:
    is_list = re.match(rf"SELECT {table}\.", sql) is not None and not sql.endswith("LIMIT 1")
    return is_list and " ORDER BY " in sql


def test_a_long_list_says_that_there_is_more(stage: Stage, staff: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changelist, "COUNTED", 2)
    for _ in range(4):
        stage.north.make("journal_entry")
    for role in ("manager", "super"):
        page = " ".join(staff(role).get(url("journal_entry")).content.decode().split())
        assert "more than 2 journal entrys" in page or "more than 2 journal entries" in page
        assert "Select all 5" not in page
    few = " ".join(staff("manager").get(url("archive")).content.decode().split())
    assert "more than" not in few


def test_a_list_that_takes_too_long_says_what_to_narrow(
    stage: Stage, staff: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = staff("super")
    with monkeypatch.context() as patched:
        patched.setattr(changelist.BoundedPaginator, "found", property(too_slow))
        page = person.get(url("journal_entry"), {"q": "word", "o": "1"})
        text = page.content.decode()
    assert page.status_code == 503
    for advice in ("choose one account", "rarer words", "leave out the order", "one journal"):
        assert advice in text, advice
    assert person.get(url("journal_entry")).status_code == 200


def too_slow(paginator: Any) -> int:
    """Counting, as the database ends it when its time is up."""
    words: tuple[Any, ...] = (
        (1969, "Query execution was interrupted") if connection.vendor == "mysql" else ("interrupted",)
    )
    raise OperationalError(*words)


def test_a_sorted_list_walks_one_index(stage: Stage, staff: Any) -> None:
    person = staff("manager")
    for order, ends in (("1", "ASC"), ("-1", "DESC")):
        with CaptureQueriesContext(connection) as queries:
            person.get(url("journal_entry"), {"o": order})
        table = connection.ops.quote_name("journal_entry")
        (page,) = [query["sql"] for query in queries if is_page(query["sql"], table)]
        directions = re.findall(r"(ASC|DESC)\b", page.partition("ORDER BY")[2])
        assert directions == [ends, ends], page
