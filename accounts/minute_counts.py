"""How many requests of a kind there are in this minute: counted in the process, and settled with the cache that all
processes share.

A round trip to Redis for each request would cost as much as the request. So a process counts by itself and tells the
others when it has counted a twentieth of what is left, and at the latest after a second: far from the limit rarely,
close to it each time. Alone a process counts exactly; each further one may let pass a twentieth of the rate more.
"""

from __future__ import annotations

import time
from threading import Lock
from typing import Final

from django.core.cache import cache

from kernel.cache_errors import CACHE_ERRORS

PART: Final = 20
SETTLED_EVERY: Final = 1.0
MINUTE: Final = 60
LASTS: Final = 120


class MinuteCount:
    """Of one kind, in one minute."""

    __slots__ = ("others", "own", "settled_at", "told", "untold")

    def __init__(self) -> None:
        self.own = 0
        """What this process has let pass."""
        self.told = 0
        """How many of them the cache has been told of."""
        self.untold = 1
        """So many may go untold."""
        self.others = 0
        """What other processes had counted when this one last asked."""
        self.settled_at = 0.0

    def to_tell(self, now: float) -> int:
        """How many to tell now; they count as told."""
        since = self.own - self.told
        if since < self.untold and now - self.settled_at < SETTLED_EVERY:
            return 0
        self.told, self.settled_at = self.own, now
        return since

    def learn(self, total: int, rate: int) -> None:
        self.others = max(self.others, total - self.told)
        self.untold = max(1, (rate - self.own - self.others) // PART)


_counts: dict[tuple[str, int], MinuteCount] = {}
_guard = Lock()


def forget() -> None:
    """Drop what this process has counted."""
    _counts.clear()


def within_minute(name: str, rate: int) -> bool:
    """Count a request, and say whether there were not too many of its kind in this minute.

    While the cache is away each process counts by itself: no secret is at stake.
    """
    now = time.time()
    minute = int(now) // MINUTE
    with _guard:
        count = _counts.get((name, minute)) or _begun(name, minute)
        if count.own + count.others >= rate:
            return False
        count.own += 1
        number, telling = count.own, count.to_tell(now)
    if telling:
        total = _told(f"rate:{name}:{minute}", telling)
        with _guard:
            count.learn(total, rate)
            return number + count.others <= rate
    return True


def _begun(name: str, minute: int) -> MinuteCount:
    for old in [key for key in _counts if key[1] < minute - 1]:
        del _counts[old]
    return _counts.setdefault((name, minute), MinuteCount())


def _told(key: str, count: int) -> int:
    """What all processes have counted; 0 where nobody knows."""
    try:
        cache.add(key, 0, LASTS)
        return int(cache.incr(key, count))
    except (ValueError, *CACHE_ERRORS):  # it expired between the two, or the cache is away
        return 0
