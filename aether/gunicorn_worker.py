"""A worker of gunicorn that goes only when those who come after it are ready to take requests.

On HUP gunicorn forks new workers and tells the old ones to stop in the same moment, while the new ones still load the
application: for seconds nobody would answer. Which workers are starting is kept in a page of memory that all share.
"""

from __future__ import annotations

import mmap
import time
from typing import Any, Final

from gunicorn.workers.gthread import ThreadWorker

AGES: Final = 4_096
STARTING, SETTLED = 1, 0
LONGEST: Final = 20.0
"""Seconds that a worker waits for others."""
_states = mmap.mmap(-1, AGES)
"""By a worker's age, which gunicorn counts from the first; only neighbours are compared."""


def starts(age: int) -> None:
    """Told by the parent before it forks."""
    _states[age % AGES] = STARTING


def is_settled(age: int) -> None:
    """It is ready, or has ended."""
    _states[age % AGES] = SETTLED


class Worker(ThreadWorker):  # type: ignore[misc]
    leaves_at = 0.0
    """When it goes at the latest; 0: nobody has told it to."""

    def handle_exit(self, sig: int, frame: Any) -> None:
        if not self.leaves_at:
            self.leaves_at = time.monotonic() + LONGEST
        self.leave_if_others_are_ready()

    def notify(self) -> None:
        """Called once a second and more."""
        super().notify()
        if self.leaves_at and self.alive:
            self.leave_if_others_are_ready()

    def leave_if_others_are_ready(self) -> None:
        younger = range(self.age + 1, self.age + AGES // 2)
        if time.monotonic() >= self.leaves_at or not any(_states[age % AGES] == STARTING for age in younger):
            super().handle_exit(0, None)
