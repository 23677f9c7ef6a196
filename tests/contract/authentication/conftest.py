"""North and South without a stage, and a memory that can be made older."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts import short_memory
from tests.conftest import Party, make_party


@pytest.fixture
def north(db: None) -> Party:
    return make_party("North")


@pytest.fixture
def south(db: None) -> Party:
    return make_party("South")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Lets the process's short memory grow older without waiting."""
    late = [0.0]
    real = short_memory.time.monotonic

    class Time:
        @staticmethod
        def monotonic() -> float:
            return real() + late[0]

    monkeypatch.setattr(short_memory, "time", Time)

    def advance(seconds: float) -> None:
        late[0] += seconds

    return advance
