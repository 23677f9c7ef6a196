"""Clients that go on and on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Repeated(threading.Thread):
    """Does one thing after the other, until it is told to end. `work` gets a number; it returns whether to go on to
    the next one. If not, it is done again, as a client does that was told to try again later."""

    def __init__(self, work: Callable[[int], bool]) -> None:
        super().__init__()
        self.work, self.number, self.ended = work, 0, threading.Event()

    def run(self) -> None:
        while not self.ended.is_set():
            if self.work(self.number):
                self.number += 1
            else:
                self.ended.wait(0.1)


@contextmanager
def repeated(*works: Callable[[int], bool]) -> Iterator[list[Repeated]]:
    threads = [Repeated(work) for work in works]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        for thread in threads:
            thread.ended.set()
        for thread in threads:
            thread.join()
