"""Transactions: what is run again, and what is not."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, InterfaceError, OperationalError, connection, transaction

from content.models import Journal
from kernel.deadline import SECONDS, begin_deadline, end_deadline, time_left
from kernel.transactions import ATTEMPTS, in_transaction
from tenancy.context import tenant
from tests.conftest import Party

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long would have been waited."""
    waited: list[float] = []
    # Not the clock of all: other threads of the process wait, too.
    monkeypatch.setattr("kernel.transactions.time", SimpleNamespace(sleep=waited.append))
    return waited


def failing(
    error: Exception, times: int, done: Callable[[], Any] = lambda: "done"
) -> tuple[Callable[[], Any], list[int]]:
    """Work that fails so many times, and how often it was begun."""
    begun = [0]

    def work() -> Any:
        begun[0] += 1
        result = done()
        if begun[0] <= times:
            raise error
        return result

    return work, begun


@pytest.mark.parametrize("number", [1213, 1205, 1020])
@pytest.mark.parametrize("times", [0, 1, ATTEMPTS - 1])
def test_a_deadlock_is_run_again(number: int, times: int, waits: list[float]) -> None:
    work, begun = failing(OperationalError(number, "x"), times)
    assert in_transaction(work) == "done"
    assert (begun, len(waits)) == ([times + 1], times)
    assert all(0 <= wait < 1 for wait in waits)


@pytest.mark.parametrize("error", [OperationalError(1213, "x"), OperationalError("database is locked")])
def test_there_is_an_end_to_it(error: Exception) -> None:
    work, begun = failing(error, 100)
    with pytest.raises(OperationalError):
        in_transaction(work)
    assert begun == [ATTEMPTS]


@pytest.mark.parametrize(
    ("error", "took", "expected"),
    [
        (OperationalError(1205, "a lock"), 5, 3),  # 15 s, and 1 s left
        (OperationalError("database is locked"), 15, 1),
        (OperationalError(1213, "a deadlock"), 0, ATTEMPTS),
        (OperationalError(2013, "hung"), 12, 2),
        (OperationalError(2013, "hung"), 14, 1),  # no time to connect again
        (OperationalError(2003, "no way there"), 3, ATTEMPTS),
        (OperationalError(2003, "no way there"), 5, 3),
    ],
)
def test_all_attempts_of_a_request_have_one_deadline(
    error: Exception, took: float, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1_000.0]
    monkeypatch.setattr("kernel.deadline.time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(connection, "close", lambda: None)  # it would drop a database in memory

    def wait() -> None:
        now[0] += took

    begin_deadline()
    work, begun = failing(error, 100, wait)
    with pytest.raises(OperationalError):
        in_transaction(work)
    end_deadline()
    assert begun == [expected]
    work, begun = failing(error, 100, wait)
    with pytest.raises(OperationalError):
        in_transaction(work)
    assert begun == [ATTEMPTS], "a task has the time it takes"


@pytest.mark.parametrize("error", [OperationalError(2006, "x"), OperationalError(2013, "x"), InterfaceError("closed")])
def test_a_connection_lost_before_the_commit_is_opened_anew(error: Exception, north: Party, waits: list[float]) -> None:
    if connection.vendor == "sqlite":
        pytest.skip("closing the connection would drop a database in memory")
    work, begun = failing(error, 1)
    assert in_transaction(work) == "done"
    assert (begun, waits) == ([2], [])


def test_a_connection_lost_during_the_commit_is_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows whether it took place."""
    work, begun = failing(OperationalError(2013, "x"), 0)

    def commit() -> None:
        raise OperationalError(2013, "Lost connection to server during query")

    monkeypatch.setattr(connection, "_commit", commit)
    with pytest.raises(OperationalError):
        in_transaction(work)
    assert begun == [1]


@pytest.mark.parametrize("error", [IntegrityError(1062, "x"), OperationalError(1064, "x"), ValueError("x")])
def test_what_would_fail_again_is_not_run_again(error: Exception) -> None:
    work, begun = failing(error, 1)
    with pytest.raises(type(error)):
        in_transaction(work)
    assert begun == [1]


def test_what_was_written_before_the_failure_is_undone(north: Party) -> None:
    with tenant(north.account.pk):
        work, begun = failing(OperationalError(1213, "x"), 2, lambda: Journal(name="x").save())
        in_transaction(work)
        assert (begun, Journal.objects.count()) == ([3], 1)
        work, _ = failing(ValueError("x"), 1, lambda: Journal(name="y").save())
        with pytest.raises(ValueError, match="x"):
            in_transaction(work)
        assert Journal.objects.count() == 1


def test_inside_another_transaction_the_outer_one_decides(north: Party) -> None:
    work, begun = failing(OperationalError(1213, "x"), 1)
    with pytest.raises(OperationalError), transaction.atomic():
        in_transaction(work)
    assert begun == [1]
    outer, outer_begun = failing(OperationalError(1213, "x"), 1, lambda: in_transaction(lambda: "inner"))
    assert in_transaction(outer) == "inner"
    assert outer_begun == [2]


def test_a_request_that_meets_a_deadlock_is_answered_as_if_it_had_not(
    north: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, times = Journal.save, [2]

    def unlucky(self: Journal, *args: Any, **kwargs: Any) -> None:
        save(self, *args, **kwargs)
        assert 0 < time_left() <= SECONDS
        if times[0]:
            times[0] -= 1
            raise OperationalError(1213, "Deadlock found when trying to get lock")

    monkeypatch.setattr(Journal, "save", unlucky)
    assert north.member.post("/v3/crud/journal/", {"name": "x"}).status == 201
    assert len(north.member.get("/v3/crud/journal/").data) == 1
    times[0] = 100
    refused = north.member.post("/v3/crud/journal/", {"name": "y"})
    assert (refused.status, refused.error) == (503, ("database_connection", 1213))
    assert refused.meta["details"]["recoverable"] is True
    assert time_left() == math.inf, "what comes after the request is not of it"
    assert len(north.member.get("/v3/crud/journal/").data) == 1
