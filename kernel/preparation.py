"""One-time steps (migrations, static files, look-ups, the demo): one process does them, the others wait, and then find
nothing to do."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

WAITING = "Another process is preparing this installation; waiting for it."
_held = threading.local()


@contextmanager
def preparing(say: Callable[[str], None] = lambda words: None) -> Iterator[None]:
    """Wait for the turn to change what the whole installation rests on, and hold it. Within it, it may be entered
    again. It ends with the process, however that dies.

    Held in AETHER_HOME, and on MariaDB in the database too, as other machines prepare the same one (in a Galera
    cluster: those that speak to the same node).
    """
    if getattr(_held, "depth", 0):
        yield
        return
    with ExitStack() as held:
        held.enter_context(_file_lock(say))
        if connection.vendor == "mysql":
            held.enter_context(_database_lock(say))
        else:
            _write_ahead()
        _held.depth = 1
        try:
            yield
        finally:
            _held.depth = 0


@contextmanager
def _file_lock(say: Callable[[str], None]) -> Iterator[None]:
    home = Path(settings.AETHER_HOME)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(home / ".preparing.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(WAITING)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _database_lock(say: Callable[[str], None]) -> Iterator[None]:
    """On a connection of its own: a step may close the process's."""
    holder = connections.create_connection(DEFAULT_DB_ALIAS)
    name = "aether:" + sha256(str(holder.settings_dict["NAME"]).encode()).hexdigest()[:32]
    try:
        if not _got(holder, name, 0):
            say(WAITING)
            while not _got(holder, name, 5):  # shorter than the limits of statements and sockets
                pass
        yield
    finally:
        holder.close()


def _write_ahead() -> None:
    """SQLite's readers and its writer go on beside each other. The file remembers it; for the change alone SQLite does
    not wait, should another process look into the new file at the same moment."""
    with connection.cursor() as cursor:
        for patience in (*[0.1] * 100, 0):
            try:
                if cursor.execute("PRAGMA journal_mode").fetchone()[0] not in ("wal", "memory"):
                    cursor.execute("PRAGMA journal_mode=WAL")
                return
            except OperationalError:
                if not patience:
                    raise
                time.sleep(patience)


def _got(holder: BaseDatabaseWrapper, name: str, seconds: int) -> bool:
    with holder.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, %s)", [name, seconds])
        return bool(cursor.fetchone()[0])
