"""How much of this machine's background work one account has at once: no more than its share while others wait.

Each piece of an account's work holds a file's lock while it runs, which ends with its process however that ends.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

from crud.background.task_queue import waiting_by_queue
from kernel.metrics import locked


def queue_of(account_id: int) -> str:
    """Accounts are dealt out over a few queues, from which a worker takes in turn: a long one holds up few."""
    queues: list[str] = settings.AETHER_ACCOUNT_QUEUES
    return queues[account_id % len(queues)]


@contextmanager
def at_work_for(account_id: int) -> Iterator[None]:
    directory = _directory()
    number = 0
    while (lock := locked(path := directory / f"{account_id}.{number}")) is None:
        number += 1
    try:
        yield
    finally:
        with suppress(FileNotFoundError):
            path.unlink()  # while it is held
        os.close(lock)


def is_beyond_share(account_id: int) -> bool:
    """Whether, with one more, it would have more than its share of what is going on here, while others wait."""
    owners = [path.name.partition(".")[0] for path in _directory().iterdir() if _is_held(path)]
    mine = owners.count(str(account_id))
    most = settings.AETHER_FAIR_SHARE * (len(owners) + 1)
    return mine > 0 and mine + 1 > most and _others_wait(account_id)


def _directory() -> Path:
    directory: Path = settings.AETHER_HOME / "work"
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    return directory


def _is_held(path: Path) -> bool:
    try:
        lock = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    os.close(lock)
    if (probe := locked(path)) is None:
        return True
    with suppress(FileNotFoundError):
        path.unlink()  # of a process that was killed
    os.close(probe)
    return False


def _others_wait(account_id: int) -> bool:
    waiting = waiting_by_queue()
    return any(waiting.get(queue) for queue in settings.AETHER_ACCOUNT_QUEUES if queue != queue_of(account_id))
