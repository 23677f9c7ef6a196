"""A rate that several processes share: each counts by itself and settles with the others by the cache."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.core.cache import cache

from accounts import minute_counts
from accounts.minute_counts import within_minute


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    with time_machine.travel("2026-05-01T00:00:10Z", tick=False) as travelled:
        yield travelled


class Process:
    """One with counts of its own."""

    def __init__(self) -> None:
        self.counts: dict[Any, Any] = {}

    def asks(self, rate: int, monkeypatch: pytest.MonkeyPatch) -> bool:
        monkeypatch.setattr(minute_counts, "_counts", self.counts)
        return within_minute("key", rate)


@pytest.mark.parametrize("rate", [1, 2, 19, 20, 21, 500])
def test_one_process_counts_exactly(rate: int, clock: Any) -> None:
    assert [within_minute("key", rate) for _ in range(rate + 2)] == [True] * rate + [False] * 2
    assert within_minute("another", rate)
    clock.shift(60)
    assert within_minute("key", rate)


@pytest.mark.parametrize(("rate", "processes"), [(10, 3), (100, 2), (1_000, 4)])
def test_several_let_pass_hardly_more(rate: int, processes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = [Process() for _ in range(processes)]
    passed = sum(ring[number % processes].asks(rate, monkeypatch) for number in range(3 * rate))
    assert rate <= passed <= rate + (processes - 1) * max(1, rate // 20)


def test_far_from_the_limit_the_cache_is_rarely_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, incr = [], cache.incr
    monkeypatch.setattr(cache, "incr", lambda key, delta: asked.append(delta) or incr(key, delta))
    assert all(within_minute("key", 10_000) for _ in range(1_000))
    assert len(asked) < 10


def test_after_a_second_the_others_are_told(monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    first, second = Process(), Process()
    for _ in range(40):
        assert first.asks(1_000, monkeypatch)
    clock.shift(1)
    assert first.asks(1_000, monkeypatch)
    assert second.asks(1_000, monkeypatch)
    [count] = second.counts.values()
    assert count.others == 41


def test_without_the_cache_each_process_counts_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise OSError

    monkeypatch.setattr(cache, "add", away)
    for process in (Process(), Process()):
        assert [process.asks(3, monkeypatch) for _ in range(4)] == [True] * 3 + [False]
