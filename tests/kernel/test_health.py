"""/health/live and /health/ready; with parts that die and hang: tests/deployment."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from kernel.health import Part
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
    assert set(answer.data["parts"]) == {"database", "cache", "broker", "storage"}


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

    part = Part(check)
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

    part = Part(check)
    with pytest.raises(ValueError, match="away"):
        part.begin().result(5)
    assert part.begin().result(5) is None
