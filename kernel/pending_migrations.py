"""Migrations that the code has, and the database has not."""

from __future__ import annotations

import logging
import threading
import time
from functools import lru_cache
from typing import Any, Final

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

log = logging.getLogger("kernel.health")
LOOKED_AT_EVERY: Final = 5.0
"""Seconds."""
_last: dict[str, Any] = {}
_lock = threading.Lock()


class PendingMigrations(RuntimeError):
    def __init__(self, names: list[str]) -> None:
        super().__init__(f"{len(names)} migrations are to be run: manage.py migrate")
        self.names = names


def pending_migrations() -> list[str]:
    """Their names, as `events.0012_clashes`; looked up at most every LOOKED_AT_EVERY seconds."""
    with _lock:
        address = (connection.settings_dict["HOST"], connection.settings_dict["NAME"])
        if _last.get("of") != address or time.monotonic() - _last["at"] >= LOOKED_AT_EVERY:
            _last.update(names=_look(), at=time.monotonic(), of=address)
        names: list[str] = _last["names"]
        return names


def _look() -> list[str]:
    applied = set(MigrationRecorder(connection).applied_migrations())
    replaced = {old for key, migration in _known().items() if key in applied for old in migration.replaces}
    return [
        f"{app}.{name}"
        for (app, name), migration in sorted(_known().items())
        if (app, name) not in applied | replaced and not (migration.replaces and set(migration.replaces) <= applied)
    ]


@lru_cache(maxsize=1)
def _known() -> dict[tuple[str, str], Any]:
    """What is on the disk: it does not change while a process lives."""
    known: dict[tuple[str, str], Any] = MigrationLoader(None).disk_migrations
    return known


def check_migrations() -> None:
    """Raises PendingMigrations."""
    if names := pending_migrations():
        raise PendingMigrations(names)


def log_pending_migrations() -> None:
    """At the start of a process that serves: it answers, but code and tables may not fit each other."""
    try:
        names = pending_migrations()
    except (DatabaseError, InterfaceError) as error:
        log.warning("migrations could not be looked at: %s", type(error).__name__)
        return
    finally:
        connection.close()
    if names:
        log.error("%d migrations are to be run (manage.py migrate), first %s", len(names), names[0])
