"""From the engine's signal to the journal: in the thread that wrote, right after its commit."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Iterable
from typing import Any

from redis.exceptions import RedisError

from crud import Change
from realtime.changes import packed
from realtime.journal import LOST, journal

log = logging.getLogger("realtime.publish")
MAX_WAITING = 20_000
RETRY_SECONDS = 0.5


def publish_changes(changes: Iterable[Change], **_: Any) -> None:
    """Receiver of `objects_changed`: API, bulk, admin, imports and tasks all come through here."""
    by_account: dict[int, list[bytes]] = {}
    for change in changes:
        if change.account_id is not None:
            by_account.setdefault(change.account_id, []).append(packed(change))
    for account_id, entries in by_account.items():
        _outbox.put(account_id, entries)


class Outbox:
    """Hands over at once; while the journal is away it keeps, in order, and no write waits for it twice."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[tuple[int, list[bytes]]] = deque()

    def put(self, account_id: int, entries: list[bytes]) -> None:
        if not self._waiting:
            try:
                journal().append(account_id, entries)
            except (RedisError, OSError) as error:
                log.warning("Changes are kept back, as Redis is away: %s", type(error).__name__)
            else:
                return
        with self._guard:
            first = not self._waiting
            self._waiting.append((account_id, entries))
            if len(self._waiting) > MAX_WAITING:
                self._give_up()
        if first:
            threading.Thread(target=self._hand_over, name="realtime-outbox", daemon=True).start()

    def _give_up(self) -> None:
        """Too much to keep: each account is told that it missed something."""
        accounts = dict.fromkeys(account_id for account_id, _ in self._waiting)
        self._waiting.clear()
        self._waiting.extend((account_id, [LOST]) for account_id in accounts)

    def _hand_over(self) -> None:
        while self._waiting:
            time.sleep(RETRY_SECONDS)
            try:
                while self._waiting:
                    oldest = self._waiting[0]
                    journal().append(*oldest)
                    with self._guard:
                        if self._waiting[0] is oldest:
                            self._waiting.popleft()
            except (RedisError, OSError):
                continue
        log.warning("Redis is back; the changes kept back are handed over")


_outbox = Outbox()
