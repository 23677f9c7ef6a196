"""Who serves a home: one process, as two would run its background work twice over one embedded database."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class InUse(Exception):
    """Another process serves it; says where."""


@contextmanager
def alone_in(home: Path) -> Iterator[Callable[[str], None]]:
    """Hold the home. Yields a function that tells others the address. Raises InUse."""
    descriptor = os.open(home / ".serving", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(_told(os.pread(descriptor, 1_000, 0))) from None

        def tell(address: str) -> None:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps({"address": address, "process": os.getpid()}).encode(), 0)

        tell("")
        yield tell
    finally:
        os.close(descriptor)


def _told(data: bytes) -> str:
    try:
        process = json.loads(data)
        where = f"at {process['address']}" if process["address"] else "and is just starting"
        return f"is served already, {where} (process {process['process']})"
    except (ValueError, KeyError, TypeError):
        return "is served already"
