"""Reading statements, run by the driver itself: what it answers, what it escapes, and a connection that went away."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import standing
from kernel import statement
from kernel.statement import execute
from tests.conftest import Caller, Party

pytestmark = pytest.mark.django_db

VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=50),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(VALUES, min_size=1, max_size=4))
def test_values_arrive_as_they_were_given(values: list[Any]) -> None:
    """Quotes, backslashes and per cent signs are part of a text, not of the SQL."""
    assert [tuple(row) for row in execute(f"SELECT {', '.join(['%s'] * len(values))}", values)] == [tuple(values)]


def test_watched_or_not_the_rows_are_the_same(north: Party) -> None:
    sql, params = "SELECT id_random, name, created_on FROM site WHERE id_random = %s", [north.site.id_random]
    plain = execute(sql, params)
    with CaptureQueriesContext(connection) as queries:
        watched = execute(sql, params)
    assert len(plain) == 1
    assert [tuple(row) for row in plain] == [tuple(row) for row in watched]
    assert len(queries) == 1


def test_nothing_is_read_in_a_broken_transaction() -> None:
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            execute("SELECT 1", [])


def test_what_the_database_refuses_is_an_error_of_django() -> None:
    with pytest.raises(OperationalError if connection.vendor == "sqlite" else Exception) as caught:
        execute("SELECT no_such_column FROM site", [])
    assert type(caught.value).__module__ == "django.db.utils"


# --- a connection that went away


def lose(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The next statements fail as they do when MariaDB has closed an idle connection."""
    left = [times]
    fetch = statement._fetch

    def failing(connection: Any, sql: str, params: list[Any]) -> Any:
        if left[0]:
            left[0] -= 1
            raise OperationalError(2006, "Server has gone away")
        return fetch(connection, sql, params)

    monkeypatch.setattr(statement, "_fetch", failing)


def test_reading_on_a_lost_connection_is_said_to_be_recoverable(north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    caller: Caller = north.member
    assert caller.get("/v3/crud/journal/").status == 200
    lose(monkeypatch, 1)  # inside the test's own transaction nothing may be repeated
    answer = caller.get("/v3/crud/journal/")
    assert (answer.status, answer.error) == (503, ("database_connection", 2006))
    assert answer.meta["details"]["recoverable"] is True
    assert answer.headers["Retry-After"] == "2"
    assert caller.get("/v3/crud/journal/").status == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has no connection to lose")
def test_a_read_whose_connection_the_server_has_closed_is_answered_all_the_same() -> None:
    ((mine,),) = execute("SELECT CONNECTION_ID()", [])
    killer = connection.copy()
    with killer.cursor() as cursor:
        cursor.execute(f"KILL {mine}")
    killer.close()
    ((other,),) = execute("SELECT CONNECTION_ID()", [])
    assert other != mine


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "mysql", reason="SQLite has no connection to lose")
@pytest.mark.parametrize("remembered", [True, False])
def test_the_first_request_after_a_restart_of_the_database_is_answered(north: Party, remembered: bool) -> None:
    caller: Caller = north.member
    assert caller.get("/v3/crud/journal/").status == 200
    ((mine,),) = execute("SELECT CONNECTION_ID()", [])
    killer = connection.copy()
    with killer.cursor() as cursor:
        cursor.execute(f"KILL {mine}")
    killer.close()
    if not remembered:
        standing.forget()
    assert caller.get("/v3/crud/journal/").status == 200
