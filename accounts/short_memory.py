"""A process's memory for a few seconds: what every request asks for, forgotten soon enough to honour a revocation."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from django.db import OperationalError

from kernel.metrics import count_lookups
from kernel.statement import with_new_connection

T = TypeVar("T")
SECONDS = 3.0
"""A revocation holds everywhere within 5 seconds (contract section 2.1)."""
MAX_ENTRIES = 10_000


class ShortMemory(Generic[T]):
    def __init__(self, seconds: float = SECONDS, name: str = "other") -> None:
        self.seconds = seconds
        self.name = name
        self._hits = 0  # since the last miss
        self._entries: dict[Hashable, tuple[float, T]] = {}

    def get(self, key: Hashable, load: Callable[[], T]) -> T:
        now = time.monotonic()
        entry = self._entries.get(key)
        if entry is not None and entry[0] > now:
            self._hits += 1
            return entry[1]
        hits, self._hits = self._hits, 0
        count_lookups(self.name, hits=hits, misses=1)
        try:
            value = load()
        except OperationalError as error:
            value = with_new_connection(error, load)
        if len(self._entries) >= MAX_ENTRIES:
            self._entries.clear()
        self._entries[key] = (now + self.seconds, value)
        return value

    def clear(self) -> None:
        self._entries.clear()
