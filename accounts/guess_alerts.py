"""Locks after many wrong guesses, kept for a day for the start page of the admin. The log has them for longer."""

from __future__ import annotations

import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from django.core.cache import cache

from kernel.cache_errors import CACHE_ERRORS

KEY: Final = "guess:alerts"
SECONDS: Final = 86_400
MOST: Final = 500
"""Who guesses at ever new names pushes out others, and is in the log."""


@dataclass(frozen=True, slots=True)
class GuessAlert:
    target: str
    """`digest_of` what was guessed at: a site's or an exhibit's id, or a name, which may have been a password."""
    at: float
    """Seconds since the epoch."""


def digest_of(target: str) -> str:
    return sha256(target.encode("utf-8", "replace")).hexdigest()[:32]


def remember_lock(target: str) -> None:
    """A lock has begun. Two at once may leave one of them out."""
    try:
        known: list[Any] = cache.get(KEY) or []
        cache.set(KEY, [*known[1 - MOST :], [digest_of(target), time.time()]], SECONDS)
    except CACHE_ERRORS:
        return


def recent_locks() -> list[GuessAlert]:
    """Of the last 24 hours, the oldest first."""
    since = time.time() - SECONDS
    try:
        return [GuessAlert(target, at) for target, at in cache.get(KEY) or [] if at > since]
    except CACHE_ERRORS:
        return []
