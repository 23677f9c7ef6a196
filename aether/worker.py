"""Worker and beat on threads of this process, so that `make run` is one process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from aether.celery import app
from aether.schedule import beat_in_this_process

STOP_SECONDS = 10


@contextmanager
def worker_in_this_process(threads: int) -> Iterator[None]:
    """Work is taken until the block ends; what then still runs has a few seconds to end. None with 0 threads."""
    if not threads:
        yield
        return
    worker = app.WorkController(
        pool="threads",
        concurrency=threads,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    thread = Thread(target=worker.start, name="worker", daemon=True)
    thread.start()
    beat = beat_in_this_process()
    beat.start()
    try:
        yield
    finally:
        beat.stop()
        Thread(target=worker.stop, daemon=True).start()
        thread.join(STOP_SECONDS)
