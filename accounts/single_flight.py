"""Many who ask the same at once: one does the work, the others get its result."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class SingleFlight(Generic[T]):
    """For the threads of one process."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._flights: dict[str, Future[T | None]] = {}

    def run(self, key: str, work: Callable[[], T | None], seconds: float) -> T | None:
        """The result of `work`, or of the same work of another thread that has begun it.

        None: there was none, because the other one failed or took longer than `seconds`.
        """
        with self._guard:
            flight = self._flights.get(key)
            mine: Future[T | None] = Future()
            if flight is None:
                self._flights[key] = mine
        if flight is not None:
            try:
                return flight.result(max(0, seconds))
            except TimeoutError:
                return None
        result = None
        try:
            result = work()
        finally:
            with self._guard:
                del self._flights[key]
            mine.set_result(result)
        return result
