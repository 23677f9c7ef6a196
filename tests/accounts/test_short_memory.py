"""What a process remembers, it forgets soon, and never grows without end."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import short_memory, standing
from accounts.short_memory import MAX_ENTRIES, ShortMemory
from tests.conftest import Party


class Clock:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(short_memory, "time", found)
    return found


def test_a_value_is_loaded_once_and_again_when_it_is_old(clock: Clock) -> None:
    memory: ShortMemory[int] = ShortMemory(3)
    loads = []

    def load() -> int:
        loads.append(1)
        return len(loads)

    assert [memory.get("k", load), memory.get("k", load)] == [1, 1]
    clock.now += 2.9
    assert memory.get("k", load) == 1
    clock.now += 0.2
    assert memory.get("k", load) == 2
    memory.clear()
    assert memory.get("k", load) == 3


def test_nothing_is_remembered_too(clock: Clock) -> None:
    memory: ShortMemory[None] = ShortMemory(3)
    loads: list[int] = []
    for _ in range(3):
        memory.get("unknown", lambda: loads.append(1))
    assert len(loads) == 1


def test_reading_does_not_keep_a_value_alive(clock: Clock) -> None:
    """A revoked key that is used all the time ends as soon as one that is not."""
    memory: ShortMemory[str] = ShortMemory(3)
    values = iter(["good", "revoked"])
    for _ in range(30):
        seen = memory.get("k", lambda: next(values))
        clock.now += 0.1
    assert seen == "good"
    clock.now += 0.1
    assert memory.get("k", lambda: next(values)) == "revoked"


def test_a_failure_is_not_remembered(clock: Clock) -> None:
    memory: ShortMemory[int] = ShortMemory(3)
    with pytest.raises(ZeroDivisionError):
        memory.get("k", lambda: 1 // 0)
    assert memory.get("k", lambda: 5) == 5


def test_unknown_keys_do_not_fill_the_memory(clock: Clock) -> None:
    memory: ShortMemory[None] = ShortMemory(3)
    for number in range(MAX_ENTRIES * 2 + 5):
        memory.get(number, lambda: None)
    assert len(memory._entries) <= MAX_ENTRIES


def test_every_standing_is_remembered_for_less_than_five_seconds() -> None:
    memories = [value for value in vars(standing).values() if isinstance(value, ShortMemory)]
    assert len(memories) >= 5
    assert all(memory.seconds < 5 for memory in memories)


def test_a_key_with_half_a_character_is_none(north: Party) -> None:
    """From a JSON frame it could come; it must not be an error."""
    prefix = north.keys["manager"].split("_")[1]
    for key in (f"aes_{prefix}_\ud800", "aes_\ud800", "\udfff", f"aes_{prefix}_é"):
        assert standing.key_standing(key) is None


def test_what_is_loaded_is_kept_apart_by_kind(north: Party) -> None:
    """A key's prefix is no key, and an account's integer no public id."""
    prefix = north.keys["manager"].split("_")[1]
    by_prefix: Any = standing.key_standing_by_prefix(prefix)
    assert by_prefix is not None
    assert standing.key_standing(prefix) is None
    assert standing.account_standing(str(north.account.pk)) is None
    assert standing.account_standing(north.id) == standing.account_standing_by_key(north.account.pk)
