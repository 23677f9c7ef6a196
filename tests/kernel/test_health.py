"""/health/live and /health/ready; with parts that die and hang: tests/deployment."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from kernel import pending_migrations
from kernel.health import HealthPart
from tests.conftest import Caller


def test_alive_without_a_key() -> None:
    for path in ("/health/live", "/health/live/"):
        assert Caller().get(path).data == {"live": True}
        assert Caller()("HEAD", path).status == 200
        assert Caller().post(path, {}).status == 405


@pytest.mark.django_db
def test_ready_says_what_it_has_looked_at() -> None:
    answer = Caller().get("/health/ready")
    assert answer.status == 200
    assert answer.data["ready"] is True
    assert set(answer.data["parts"]) == {"database", "migrations", "cache", "broker", "storage"}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health", "/health/", "/health/ready"])
def test_pending_migrations_are_counted_and_named_for_operators_only(
    path: str, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending_migrations, "_look", lambda: ["events.0099_more", "files.0099_more"])
    pending_migrations._last.clear()
    answer = Caller().get(path)
    assert (answer.status, answer.body["meta"]["status_message"]) == (503, "Not ready: migrations.")
    told = answer.body["meta"]["details"]["migrations"]
    assert told == {"pending": 2, "names": ["events.0099_more", "files.0099_more"]}
    settings.AETHER_METRICS_ALLOWED_NETWORKS = []
    assert Caller().get(path).body["meta"]["details"]["migrations"] == {"pending": 2}
    monkeypatch.undo()
    pending_migrations._last.clear()
    assert Caller().get(path).status == 200


@pytest.mark.django_db
def test_migrations_are_looked_at_every_five_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []
    monkeypatch.setattr(pending_migrations, "_look", lambda: looks.append(1) or [])
    pending_migrations._last.clear()
    assert [pending_migrations.pending_migrations() for _ in range(3)] == [[], [], []]
    assert len(looks) == 1
    pending_migrations._last["at"] -= 5
    pending_migrations.pending_migrations()
    assert len(looks) == 2


@pytest.mark.django_db
def test_the_database_of_the_tests_has_all_and_an_emptied_record_none() -> None:
    assert pending_migrations._look() == []
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'tenancy' OR app = 'events'")
    assert "events.0001_initial" in pending_migrations._look()


def test_the_doors_are_named_to_everybody() -> None:
    doors = Caller().get("/v3/").data["doors"]
    assert Caller().get("/v3").data["doors"] == doors
    for name, path in doors.items():
        if name not in ("websocket", "admin", "health"):
            answer = Caller()("OPTIONS", path)
            assert answer.status != 404, path


def test_the_document_has_the_name_that_tools_guess() -> None:
    assert Caller().get("/openapi.json").headers["etag"] == Caller().get("/v3/schema/").headers["etag"]


@pytest.mark.django_db
def test_a_store_that_takes_no_files_is_named(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "taken").write_text("a file where the directory should be")
    files = settings.STORAGES["files"] | {"OPTIONS": {"location": str(tmp_path / "taken")}}
    settings.STORAGES = settings.STORAGES | {"files": files}
    answer = Caller().get("/health/ready")
    assert answer.status == 503
    assert answer.body["meta"]["status_message"] == "Not ready: storage."


def test_a_part_that_hangs_is_asked_once() -> None:
    begun, go_on = [], threading.Event()

    def check() -> None:
        begun.append(1)
        go_on.wait(10)

    part = HealthPart(check)
    waiting = [part.begin() for _ in range(5)]
    with pytest.raises(TimeoutError):
        waiting[0].result(0.01)
    go_on.set()
    assert [each.result(5) for each in waiting] == [None] * 5
    assert part.begin().result(5) is None  # it may be asked again
    assert len(begun) == 2


def test_a_part_that_fails_is_asked_again() -> None:
    said = [ValueError("away")]

    def check() -> None:
        if said:
            raise said.pop()

    part = HealthPart(check)
    with pytest.raises(ValueError, match="away"):
        part.begin().result(5)
    assert part.begin().result(5) is None
