"""From the engine's signal to the journal. A write only puts its changes down; a thread hands them over, in order.

Nothing here need survive the process. The change log holds each entry as unpublished until it is in the journal and
`mark_published` says so; what a process takes with it when it dies is found there (realtime.gaps).
"""

from __future__ import annotations

import atexit
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from celery.signals import worker_process_shutdown
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from redis.exceptions import RedisError

from crud import Change, mark_published
from kernel.transactions import in_transaction
from realtime.changes import packed
from realtime.journal import MemoryJournal, journal

log = logging.getLogger("realtime.publish")
MAX_WAITING: Final = 100_000
"""Changes. Beyond that they are left to be found in the change log."""
GATHER_SECONDS: Final = 0.005
"""So long the first of several changes waits for the others: one round trip for all of them."""
RETRY_SECONDS = 0.5
MARK_SECONDS = 0.5
"""How often those that were handed over are marked in the change log."""
LAST_SECONDS = 3.0
"""What a process that ends takes for what is still here."""


@dataclass(slots=True)
class Parcel:
    account_id: int
    entries: list[bytes]
    keys: list[int]
    """Of the entries of the change log that say the same."""


def publish_changes(changes: Iterable[Change], **_: Any) -> None:
    """Receiver of `objects_changed`: API, bulk, admin, imports and tasks all come through here."""
    parcels: dict[int, Parcel] = {}
    for change in changes:
        if change.account_id is not None:
            parcel = parcels.setdefault(change.account_id, Parcel(change.account_id, [], []))
            parcel.entries.append(packed(change))
            if change.entry:
                parcel.keys.append(change.entry)
    for parcel in parcels.values():
        _outbox.put(parcel)


class Outbox:
    """What is to be handed over, and what is to be marked, of one process."""

    def __init__(self) -> None:
        self._begin_anew()

    def _begin_anew(self) -> None:
        """A fork has no thread; what waited is its parent's."""
        self._guard = threading.Lock()
        self._turn = threading.Lock()
        self._wanted = threading.Event()
        self._waiting: deque[Parcel] = deque()
        self._published: deque[int] = deque()
        self._thread: threading.Thread | None = None
        self._process = os.getpid()

    def put(self, parcel: Parcel) -> None:
        if self._process != os.getpid():
            self._begin_anew()
        change_journal = journal()
        if isinstance(change_journal, MemoryJournal):
            if not change_journal.served:
                return  # nobody will ever ask this process; who serves finds them in the change log
            change_journal.append(parcel.account_id, parcel.entries)
            if not parcel.keys:
                return
            self._published.extend(parcel.keys)
        else:
            self._waiting.append(parcel)
            if len(self._waiting) > MAX_WAITING:
                log.error("Redis is away for too long: changes are left to be found in the change log")
                self._waiting.clear()
        self._wanted.set()
        if self._thread is None:
            self._start()

    def _start(self) -> None:
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="realtime-outbox", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        mark_at = 0.0
        while True:
            self._wanted.wait(MARK_SECONDS if self._published else None)
            self._wanted.clear()
            time.sleep(GATHER_SECONDS)
            if not self.hand_over():
                time.sleep(RETRY_SECONDS)
                self._wanted.set()
            if self._published and time.monotonic() >= mark_at:
                self.mark()
                mark_at = time.monotonic() + MARK_SECONDS

    def hand_over(self) -> bool:
        """All that waits; false when Redis is away. One thread at a time, or they would change places."""
        with self._turn:
            by_account: dict[int, Parcel] = {}
            while self._waiting:
                parcel = self._waiting.popleft()
                together = by_account.setdefault(parcel.account_id, Parcel(parcel.account_id, [], []))
                together.entries += parcel.entries
                together.keys += parcel.keys
            for account_id in tuple(by_account):
                try:
                    journal().append(account_id, by_account[account_id].entries)
                except (RedisError, OSError) as error:
                    log.warning("Changes are kept back, as Redis is away: %s", type(error).__name__)
                    self._waiting.extendleft(by_account.values())
                    return False
                self._published.extend(by_account.pop(account_id).keys)
            return True

    def mark(self) -> None:
        """While the database is away, they stay here to be marked later."""
        with self._turn:
            keys = list(self._published)
            self._published.clear()
        try:
            close_old_connections()
            in_transaction(lambda: mark_published(keys))
        except (DatabaseError, InterfaceError):
            self._published.extend(keys)
            connection.close()
        except Exception:
            log.exception("Changes that were told could not be marked")

    def close(self) -> None:
        """The process ends in order."""
        if self._process != os.getpid():
            return
        until = time.monotonic() + LAST_SECONDS
        while self._waiting and not self.hand_over() and time.monotonic() < until:
            time.sleep(0.1)
        if self._published:
            self.mark()


_outbox = Outbox()


@atexit.register
def _hand_over_the_last() -> None:
    _outbox.close()


@worker_process_shutdown.connect
def _worker_process_ends(**_: Any) -> None:
    """Celery's children end without Python's own farewell."""
    _outbox.close()
