"""Changes that were committed and told to nobody: their account is told that something is missing.

The process that committed them died, or never heard that it had. They stand in the change log, marked unpublished.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

from django.db import Error as DatabaseError
from django.utils import timezone
from redis.exceptions import RedisError

from crud import mark_published, unpublished_entries
from kernel.transactions import in_transaction
from realtime.journal import LOST, MemoryJournal, journal

log = logging.getLogger("realtime.gaps")
LOOK_SECONDS: Final = 1.0
GRACE_SECONDS: Final = 3.0
"""A process that lives tells its changes, and marks them, within half a second."""
POLL_SECONDS: Final = 0.1
Unpublished = list[tuple[int, int]]
"""(key in the change log, account)"""


class Gaps:
    def __init__(self, in_thread: Callable[..., Awaitable[Any]]) -> None:
        self.in_thread = in_thread
        self._seen: dict[int, float] = {}
        """ChangeEntry → when it was found unpublished first."""
        self._begun: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Tell what others left behind before this process gives out its first number. Raises DatabaseError,
        RedisError."""
        if self._begun is None or (self._begun.done() and self._begun.exception()):
            self._begun = asyncio.create_task(self._announce_old())
        await asyncio.shield(self._begun)

    async def _announce_old(self) -> None:
        in_memory = isinstance(journal(), MemoryJournal)  # begun now: of what came before, nobody can know a number
        before = None if in_memory else timezone.now() - timedelta(seconds=GRACE_SECONDS)
        while unpublished := await self.in_thread(unpublished_entries, None, before):
            await self.in_thread(announce_gap, unpublished)

    async def run(self) -> None:
        away = False
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look()
                away = False
            except (RedisError, OSError, DatabaseError) as error:
                if not away:
                    log.warning("Changes left unpublished can't be looked for now: %s", type(error).__name__)
                away = True
            except Exception:
                log.exception("Changes left unpublished could not be looked for")

    async def look(self) -> None:
        unpublished: Unpublished = await self.in_thread(unpublished_entries)
        now = time.monotonic()
        self._seen = {key: self._seen.get(key, now) for key, _ in unpublished}
        missing = [(key, account) for key, account in unpublished if self._seen[key] <= now - GRACE_SECONDS]
        if missing:
            await self.in_thread(announce_gap, missing)

    async def settle(self, account_id: int) -> None:
        """Return when all that this account has committed so far was told, or is known to be missing. Raises
        DatabaseError, RedisError."""
        waiting: Unpublished = await self.in_thread(unpublished_entries, account_id)
        end = time.monotonic() + GRACE_SECONDS
        while waiting:
            if time.monotonic() > end:
                await self.in_thread(announce_gap, waiting)
                return
            await asyncio.sleep(POLL_SECONDS)
            still = {key for key, _ in await self.in_thread(unpublished_entries, account_id)}
            waiting = [(key, account) for key, account in waiting if key in still]


def announce_gap(unpublished: Unpublished) -> None:
    """First a gap in the journal, then the mark: killed in between, it is told twice, and never not at all."""
    accounts = sorted({account_id for _, account_id in unpublished})
    log.warning("%s changes were told to nobody; %s accounts are told to read anew", len(unpublished), len(accounts))
    for account_id in accounts:
        journal().append(account_id, [LOST])
    in_transaction(lambda: mark_published([key for key, _ in unpublished]))
