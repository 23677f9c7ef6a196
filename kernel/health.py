"""Whether what this process needs is there (contract section 11): asked by /health/ready."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from celery import current_app
from django.core.cache import cache
from django.core.files.storage import storages
from django.db import connection

from kernel.pending_migrations import check_migrations

T = TypeVar("T")
log = logging.getLogger("kernel.health")


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _cache() -> None:
    key, value = f"health:{secrets.token_hex(4)}", secrets.token_hex(4)
    cache.set(key, value, 10)
    if cache.get(key) != value:
        raise RuntimeError("the cache did not keep a value")
    cache.delete(key)


def _broker() -> None:
    with current_app.connection_for_write() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=1)


def _storage() -> None:
    storages["files"].ask_whether_ready()  # type: ignore[attr-defined]  # settings.STORAGES names a storage of ours


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": check_migrations,
    "cache": _cache,
    "broker": _broker,
    "storage": _storage,
}
SECONDS = 1.5
"""A part that takes longer is not ready, even if it should answer one day."""


class HealthPart(Generic[T]):
    """One check at a time, on a thread: a part that hangs must not hold up whoever asks."""

    def __init__(self, check: Callable[[], T]) -> None:
        self._check = check
        self._lock = threading.Lock()
        self._running: Future[T] | None = None

    def begin(self) -> Future[T]:
        with self._lock:
            if self._running is None or self._running.done():
                self._running = Future()
                threading.Thread(target=self._run, args=(self._running,), daemon=True).start()
            return self._running

    def _run(self, running: Future[T]) -> None:
        try:
            running.set_result(self._check())
        except BaseException as error:  # noqa: BLE001  (whatever is wrong with a part, it is not ready)
            running.set_exception(error)
        finally:
            connection.close()  # this thread's


PARTS = {name: HealthPart(check) for name, check in CHECKS.items()}


def parts_away() -> list[str]:
    """The names of the parts that do not answer within SECONDS, all asked at once."""
    until = time.monotonic() + SECONDS
    running = {name: part.begin() for name, part in PARTS.items()}
    away = []
    for name, outcome in running.items():
        try:
            outcome.result(max(0, until - time.monotonic()))
        except Exception as error:  # noqa: BLE001  (as above)
            log.error("%s is not ready: %s", name, type(error).__name__)
            away.append(name)
    return away
