"""How many of a process's threads work for one account at once, so that nobody waits long because of another one.

An account (or a key, or an address, where there is none) always gets its share of the threads, AETHER_FAIR_SHARE. While
nobody else is about, it gets what is free, but for one thread, so that the next one finds a way in. What is dear by its
nature has a lane of its own, with half of the threads. Whoever is beyond that waits as long as their own requests come
to an end, and is refused when none does. See docs/decisions/2026-12-01-fair-share.md.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from threading import Condition
from typing import Final

from django.conf import settings
from django.http.response import HttpResponseBase

from kernel.errors import Throttled
from kernel.metrics import count_held_back
from tenancy.context import Entered

LONGEST_WAIT: Final = 1.0
SHORT_WAIT: Final = 0.1
SHORTEST_WAIT: Final = 0.05
"""Seconds to wait without an end of one's own requests: alone; with others about; and for the last thread."""
ABOUT: Final = 60.0
"""Seconds for which somebody who has asked counts as being about."""
BUSY: Final = "Too much is asked at once for this account; wait, or ask for less at a time."


@dataclass(frozen=True, slots=True)
class Room:
    """How much may go on in a lane at once."""

    threads: int
    """Those of the process."""
    all: int
    sure: int
    """Of one owner, whatever others do: within it nobody is refused."""
    share: int
    """Of one owner, while others are about and there is room."""


class Lane:
    """Work of many owners, each held to their share."""

    def __init__(self, name: str, room: Room) -> None:
        self.name, self.room = name, room
        self._changed = Condition()
        self._at_work: Counter[str] = Counter()
        self._total = self._waiting = 0
        self._moved: dict[str, float] = {}
        """When an owner's work last began or ended."""
        self._lines: dict[str, deque[object]] = {}
        self._latest = self._other = ("", -inf)
        """The two owners who asked last, and when."""

    def enter(self, owner: str) -> None:
        """Raises Throttled."""
        with self._changed:
            now = time.monotonic()
            if owner != self._latest[0]:
                self._other = self._latest
            self._latest = (owner, now)
            if owner in self._lines or not self._fits(owner, now):
                self._wait(owner, now)
            self._at_work[owner] += 1
            self._total += 1
            self._moved[owner] = time.monotonic()

    def leave(self, owner: str) -> None:
        with self._changed:
            self._total -= 1
            self._at_work[owner] -= 1
            self._moved[owner] = time.monotonic()
            if not self._at_work[owner]:
                del self._at_work[owner], self._moved[owner]
            if self._lines:
                self._changed.notify_all()

    def _is_alone(self, owner: str, now: float) -> bool:
        others = (asked for who, asked in (self._latest, self._other) if who != owner)
        return self._total == self._at_work[owner] and all(now - asked > ABOUT for asked in others)

    def _fits(self, owner: str, now: float) -> bool:
        mine, room = self._at_work[owner], self.room
        return mine < room.sure or (self._total < room.all and (mine < room.share or self._is_alone(owner, now)))

    def _patience(self, owner: str, now: float) -> float:
        if self._is_alone(owner, now):
            return LONGEST_WAIT
        return SHORT_WAIT if self._total + self._waiting < self.room.threads else SHORTEST_WAIT

    def _wait(self, owner: str, begun: float) -> None:
        """In the order of coming."""
        line, ticket = self._lines.setdefault(owner, deque()), object()
        line.append(ticket)
        self._waiting += 1
        try:
            now = begun
            while line[0] is not ticket or not self._fits(owner, now):
                until = min(begun + LONGEST_WAIT, self._moved.get(owner, begun) + self._patience(owner, now))
                if until <= now:
                    raise Throttled(1, BUSY, reason="busy")
                self._changed.wait(until - now)
                now = time.monotonic()
        finally:
            self._waiting -= 1
            line.remove(ticket)
            if not line:
                del self._lines[owner]
            else:
                self._changed.notify_all()


class Place:
    """What one request holds until its answer is sent."""

    def __init__(self, owner: str, account: str = "") -> None:
        """`account`: its public id, to count refusals by."""
        self.owner, self.account = owner, account
        self._lanes: list[Lane] = []

    def enter(self, lane: Lane) -> None:
        """Once. Raises Throttled."""
        if lane in self._lanes:
            return
        try:
            lane.enter(self.owner)
        except Throttled:
            count_held_back(self.account, lane.name)
            raise
        self._lanes.append(lane)

    def leave(self) -> None:
        while self._lanes:
            self._lanes.pop().leave(self.owner)

    def leave_after(self, response: HttpResponseBase | None) -> None:
        """When the answer is sent: an export and a file hold their thread until then."""
        if response is not None and response.streaming:
            response._resource_closers.append(self.leave)  # type: ignore[attr-defined]  # no public way
        else:
            self.leave()

    __del__ = leave  # should a server forget to close an answer


def lanes(threads: int, share: float) -> tuple[Lane, Lane]:
    """For all work of a process with so many threads, and for what is dear."""
    if share >= 1:  # all of them are everybody's
        room = Room(threads, threads, threads, threads)
        return Lane("all", room), Lane("dear", room)
    most, half = max(1, int(threads * share)), max(1, threads // 2)
    return (
        Lane("all", Room(threads, max(1, threads - 1), most, most)),
        Lane("dear", Room(threads, half, 1, max(1, int(half * share)))),
    )


_all, _dear = lanes(settings.AETHER_WEB_THREADS, settings.AETHER_FAIR_SHARE)
_place: ContextVar[Place | None] = ContextVar("place", default=None)


def take_place(owner: str, account: str = "") -> Place:
    """For a request that begins; whoever takes it leaves it. Raises Throttled."""
    place = Place(owner, account)
    place.enter(_all)
    return place


def holding(place: Place) -> Entered:
    """`with holding(place):` what turns out to be dear is this request's."""
    return Entered(_place, place)


def dear() -> None:
    """Said before work that takes long by its nature: a search inside of texts, an order without an index, an export,
    an import, a drawing. Raises Throttled. Outside of requests, as in tasks and commands, it says nothing."""
    place = _place.get()
    if place is not None:
        place.enter(_dear)
