"""Workers of gunicorn: warm before they take requests, and going only when others are."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from aether import gunicorn_worker, warm_up
from aether.gunicorn_worker import Worker, is_settled, starts
from crud.read.read_plan import compiled_plan
from tests.conftest import Party


class Queue:
    def defer(self, *_: Any) -> None:
        """Nobody sleeps here who would have to be woken."""


@pytest.fixture
def worker() -> Worker:
    made: Worker = Worker.__new__(Worker)
    made.age, made.alive, made.method_queue = 5_000, True, Queue()
    return made


def test_a_worker_goes_at_once_when_nobody_is_starting(worker: Worker) -> None:
    starts(worker.age)
    is_settled(worker.age)
    starts(worker.age - 1)  # one before it hangs
    worker.handle_exit(15, None)
    assert not worker.alive
    is_settled(worker.age - 1)


def test_a_worker_goes_when_those_after_it_are_ready(worker: Worker) -> None:
    for age in (5_001, 5_002):
        starts(age)
    worker.handle_exit(15, None)
    is_settled(5_001)
    worker.leave_if_others_are_ready()
    assert worker.alive
    is_settled(5_002)  # or it died
    worker.leave_if_others_are_ready()
    assert not worker.alive


def test_a_worker_does_not_wait_for_ever(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gunicorn_worker, "LONGEST", 0.0)
    starts(5_001)
    worker.handle_exit(15, None)
    assert not worker.alive
    is_settled(5_001)


@pytest.mark.django_db
def test_the_first_requests_find_their_plans(north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm_up, "busiest_types", lambda count: ["journal", "a_type_of_the_release_before"])
    made = north.manager.post("/v3/crud/journal/", {"name": "warm"}).data["id"]
    compiled_plan.cache_clear()
    warm_up.compile_plans()
    compiled = compiled_plan.cache_info().misses
    assert north.member.get(f"/v3/crud/journal/{made}").status == 200
    assert north.member.get("/v3/crud/journal/").ids == [made]
    assert compiled_plan.cache_info().misses == compiled


def test_without_its_database_a_process_begins_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections are refused to tests without the mark, as by a server that is away."""
    monkeypatch.setattr(warm_up, "DatabaseError", RuntimeError)
    with ThreadPoolExecutor(2) as pool:
        warm_up.warm_up(pool.submit, 2)
