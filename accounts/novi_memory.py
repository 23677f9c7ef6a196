"""What the cache holds of one member of Novi, and who asks for it just now."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from redis.exceptions import ResponseError

from accounts.novi_member import Member, member_from
from kernel.cache_errors import CACHE_ERRORS

ACTIVE_SECONDS: Final = 4 * 3_600
INACTIVE_SECONDS: Final = 5 * 60
STALE_SECONDS: Final = 30
"""Novi is not asked again for so long after it could not answer, as everybody would wait for it."""


class Memory:
    """For one call. Once the cache has failed, the call goes on without it."""

    def __init__(self, key: str) -> None:
        self.key = key
        self._away = False
        self._token = secrets.token_hex(8)

    def member(self) -> Member | None:
        try:
            return member_from(self._try(lambda: cache.get(self.key), None))
        except (ValueError, RecursionError):  # what is there is no JSON
            return None

    def keep(self, member: Member, *, admitted: bool) -> None:
        seconds = ACTIVE_SECONDS if admitted else INACTIVE_SECONDS
        self._try(lambda: cache.set(self.key, asdict(member), seconds), None)
        if settings.AETHER_NOVI_STALE_SECONDS:
            grace = seconds + settings.AETHER_NOVI_STALE_SECONDS
            self._try(lambda: cache.set(self._last_key, asdict(member), grace), None)

    def last_good(self) -> Member | None:
        """What Novi said last, marked as stale; so it is answered for a little while without asking Novi again."""
        if not settings.AETHER_NOVI_STALE_SECONDS:
            return None
        try:
            member = member_from(self._try(lambda: cache.get(self._last_key), None))
        except (ValueError, RecursionError):
            return None
        if member is None:
            return None
        stale = replace(member, stale=True)
        self._try(lambda: cache.set(self.key, asdict(stale), STALE_SECONDS), None)
        return stale

    def forget(self) -> None:
        self._try(lambda: cache.delete_many([self.key, self._last_key]), None)

    @property
    def _last_key(self) -> str:
        return f"{self.key}:last"

    def lock(self, seconds: int) -> bool:
        """Whether this process is the one that asks. The lock ends by itself, should its holder die."""
        return bool(self._try(lambda: cache.add(f"{self.key}:lock", self._token, seconds), True))

    def unlock(self) -> None:
        if self._try(lambda: cache.get(f"{self.key}:lock"), None) == self._token:
            self._try(lambda: cache.delete(f"{self.key}:lock"), None)

    def _try(self, work: Callable[[], Any], otherwise: Any) -> Any:
        if self._away:
            return otherwise
        try:
            return work()
        except CACHE_ERRORS as error:
            about_the_value = ResponseError in (type(error), type(error.__cause__))  # it can be replaced
            self._away = not about_the_value
            return otherwise
