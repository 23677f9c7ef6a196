"""Counting attempts: guesses at passcodes and passwords, and a key's requests a minute."""

from __future__ import annotations

import logging
import time
from hashlib import sha256
from threading import Lock
from typing import Any, Final

from django.core.cache import cache

from accounts.guess_alerts import remember_lock
from accounts.minute_counts import within_minute
from kernel.cache_errors import CACHE_ERRORS
from kernel.errors import Throttled, Unavailable

log = logging.getLogger("accounts.sign_in")
ATTEMPTS: Final = 5
WINDOW: Final = 60
LONGEST_WAIT: Final = 3_600
SITE_ATTEMPTS: Final = 50
SITE_WINDOW: Final = 600
DAY: Final = 86_400


class GuessLimit:
    """At most five wrong guesses a minute at one secret from one address; each further lock lasts twice as long.

    Every attempt is counted before it is judged, so that many at once count as many. Fails closed: without
    its counter nobody guesses.
    """

    def __init__(self, what: str, *parts: str, attempts: int = ATTEMPTS, window: int = WINDOW) -> None:
        self.what, self.attempts, self.window = what, attempts, window
        self.target = parts[0] if parts else ""
        name = sha256("\0".join([what, *parts]).encode("utf-8", "replace")).hexdigest()[:32]
        self.count_key, self.lock_key, self.level_key = (f"guess:{part}:{name}" for part in ("n", "lock", "level"))

    def attempt(self) -> None:
        """Count one. Raises Throttled when locked, Unavailable when the counter is away."""
        try:
            until = cache.get(self.lock_key)
            if until is not None:
                raise Throttled(int(until - time.time()) + 1, "Too many wrong attempts; wait.")
            if _count(self.count_key, self.window) > self.attempts:
                level = _count(self.level_key, DAY)
                wait = min(WINDOW * 2 ** (level - 1), LONGEST_WAIT)
                cache.set(self.lock_key, time.time() + wait, wait)
                self.locked(wait)
                raise Throttled(wait, "Too many wrong attempts; wait.")
        except CACHE_ERRORS:
            raise Unavailable("Sign-in is not available now; try again.") from None

    def locked(self, wait: int) -> None:
        """A lock has begun. Said loudly, for whoever watches the log or the admin."""
        remember_lock(self.target)
        log.error("too many wrong guesses: %s is locked for %s s", self.what, wait)

    def succeeded(self) -> None:
        """Take back this one attempt. The wrong ones before it count on: who knows one secret may guess at another."""
        try:
            cache.decr(self.count_key)
        except (ValueError, *CACHE_ERRORS):
            return


class SiteGuessLimit(GuessLimit):
    """Fifty wrong guesses in ten minutes at the passcodes of one site, from wherever they come.

    Addresses that succeeded there within a day are known, and not asked here: others can't lock them out.
    """

    def __init__(self, site_id: str, network: str) -> None:
        super().__init__("passcodes of a site", site_id, attempts=SITE_ATTEMPTS, window=SITE_WINDOW)
        self.site_id = site_id
        self.known_key = f"{self.count_key}:{sha256(network.encode('utf-8', 'replace')).hexdigest()[:32]}"
        self.known = False

    def attempt(self) -> None:
        try:
            self.known = cache.get(self.known_key) is not None
        except CACHE_ERRORS:
            raise Unavailable("Sign-in is not available now; try again.") from None
        if not self.known:
            super().attempt()

    def succeeded(self) -> None:
        if not self.known:
            super().succeeded()
        try:
            cache.set(self.known_key, 1, DAY)
        except CACHE_ERRORS:
            return


def count_request(key_prefix: str, per_minute: int) -> None:
    """Count a request of a key that has a rate, where no view does. Raises Throttled."""
    if not within_minute(key_prefix, per_minute):
        raise Throttled(60 - int(time.time()) % 60, "The requests for the minute are used up; wait.")


def count_in_minute(name: str, per_minute: int, message: str) -> None:
    """Count something dear. Raises Throttled. While the cache is away each process counts by itself."""
    now = int(time.time())
    key = f"minute:{name}:{now // 60}"
    try:
        count = _count(key, 120)
    except CACHE_ERRORS:
        count = _own_count(key, now // 60)
    if count > per_minute:
        raise Throttled(60 - now % 60, message)


_own_counts: dict[tuple[int, str], int] = {}
_own_guard = Lock()


def _own_count(key: str, minute: int) -> int:
    with _own_guard:
        for old in [known for known in _own_counts if known[0] != minute]:
            del _own_counts[old]
        _own_counts[minute, key] = _own_counts.get((minute, key), 0) + 1
        return _own_counts[minute, key]


def _count(key: str, seconds: int) -> int:
    cache.add(key, 0, seconds)
    try:
        count: Any = cache.incr(key)
    except ValueError:  # it expired between the two
        cache.set(key, 1, seconds)
        return 1
    return int(count)
