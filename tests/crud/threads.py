"""Several requests at once, each on a connection of its own, on whichever database the tests run on."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

T = TypeVar("T")


@contextlib.contextmanager
def shared_database(directory: Path) -> Iterator[Callable[[], None]]:
    """What a thread calls to connect. SQLite's test database lives in memory, where it locks otherwise than in a
    file; so there the threads, and this block, work on a copy of it in a file, set up as the embedded database is."""
    if connection.vendor != "sqlite":
        yield lambda: None
        return
    path = directory / "shared.sqlite3"
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)
    memory: BaseDatabaseWrapper = connections["default"]

    def connect() -> None:
        wrapper = memory.copy()
        wrapper.settings_dict["NAME"] = str(path)
        connections["default"] = wrapper

    connect()
    try:
        yield connect
    finally:
        connections["default"].close()
        connections["default"] = memory


def at_once(connect: Callable[[], None], works: Sequence[Callable[[], T]]) -> list[T]:
    """Run each in a thread, all let go together; answers their results in order."""
    start = threading.Barrier(len(works))
    results: list[Any] = [None] * len(works)
    errors: list[BaseException] = []

    def run(index: int, work: Callable[[], T]) -> None:
        try:
            connect()
            start.wait()
            results[index] = work()
        except BaseException as error:
            errors.append(error)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=run, args=(index, work)) for index, work in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    if errors:
        raise errors[0]
    return results
