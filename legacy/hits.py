"""Counting the calls of old routes, for each day, route, method and key.

A call is written at once, by its own thread, and together with those that came in while another thread was writing:
alone it costs one small statement, and under load many share one. What could not be written is tried again by a timer,
by the next call, and at last when the process ends.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Final

from django.db import IntegrityError, connection, transaction
from django.db.models import F

from kernel.transactions import in_transaction
from legacy.models import LegacyHit

log = logging.getLogger("legacy.hits")
ROUNDS: Final = 100
"""After so many batches a thread goes home; the next call takes over."""
PAUSE = 5.0
"""Seconds without an attempt after one that failed; then a timer makes one."""
LINES_A_MINUTE: Final = 60
"""Of one route, method and key. The count goes on; the last line of a minute says that lines are left out, and the next
one how many."""


@dataclass(frozen=True, order=True, slots=True)
class Hit:
    day: date
    route: str
    method: str
    key_prefix: str
    key_name: str


@dataclass(frozen=True, slots=True)
class HitCount:
    """Where a hit stands among its like."""

    number: int
    """Of today, in this process."""
    has_line: bool
    """Whether it is logged."""
    is_last: bool
    """Whether those that follow in this minute are not."""
    left_out: int
    """Those before it that were not."""


def today() -> date:
    return datetime.now(UTC).date()


class HitCounter:
    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._waiting: Counter[Hit] = Counter()
        self._writing = False
        self._pause_until = 0.0
        self._day = date.min
        self._of_today: Counter[Hit] = Counter()
        self._minute = 0
        self._lines: Counter[Hit] = Counter()
        self._left_out: Counter[Hit] = Counter()
        self._again: threading.Timer | None = None

    def add(self, hit: Hit) -> HitCount:
        minute = int(time.monotonic() // 60)
        with self._mutex:
            if hit.day != self._day:
                self._day = hit.day
                self._of_today.clear()
                self._left_out.clear()
            if minute != self._minute:
                self._minute = minute
                self._lines.clear()
            self._waiting[hit] += 1
            self._of_today[hit] += 1
            self._lines[hit] += 1
            number, lines = self._of_today[hit], self._lines[hit]
            if lines > LINES_A_MINUTE:
                self._left_out[hit] += 1
                return HitCount(number, has_line=False, is_last=False, left_out=0)
            return HitCount(number, True, lines == LINES_A_MINUTE, self._left_out.pop(hit, 0))

    def write(self) -> None:
        """Write what waits, unless another thread is at it. Never raises: a count does not spoil an answer."""
        if time.monotonic() >= self._pause_until:
            self.write_all()

    def write_all(self) -> None:
        with self._mutex:
            if self._writing or not self._waiting:
                return
            self._writing = True
        rounds = 0
        while batch := self._next_batch(stop=rounds == ROUNDS):
            rounds += 1
            try:
                in_transaction(partial(save, batch))
            except Exception as error:  # noqa: BLE001  (whatever it is: the hits are kept, and the caller is answered)
                self._put_back(batch)
                log.warning("%d hits of old routes wait to be written: %s", batch.total(), type(error).__name__)
                return

    def _next_batch(self, *, stop: bool) -> Counter[Hit]:
        """All that waits. Empty: there is nothing left to do, and the next caller writes."""
        with self._mutex:
            if stop or not self._waiting:
                self._writing = False
                if self._waiting:
                    self._try_again()
                return Counter()
            batch, self._waiting = self._waiting, Counter()
            return batch

    def _put_back(self, batch: Counter[Hit]) -> None:
        with self._mutex:
            self._waiting.update(batch)
            self._writing = False
            self._pause_until = time.monotonic() + PAUSE
            self._try_again()

    def _try_again(self) -> None:
        """There may be no next call. Holds the mutex."""
        if self._again is None or not self._again.is_alive():
            self._again = threading.Timer(PAUSE, self._write_and_leave)
            self._again.daemon = True
            self._again.start()

    def _write_and_leave(self) -> None:
        with self._mutex:
            self._again = None  # which may have to be followed by another
        try:
            self.write_all()
        finally:
            connection.close()


def save(batch: Counter[Hit]) -> None:
    for hit, count in sorted(batch.items()):  # in one order everywhere, so that no two wait for each other
        place = {"day": hit.day, "route": hit.route, "method": hit.method, "key_prefix": hit.key_prefix}
        row = LegacyHit.objects.filter(**place)
        if row.update(hits=F("hits") + count):
            continue
        try:
            with transaction.atomic():
                LegacyHit(**place, key_name=hit.key_name, hits=count).save(force_insert=True)
        except IntegrityError:  # another process was faster
            row.update(hits=F("hits") + count)


counter = HitCounter()
