"""The part of a worker that reads from the broker."""

from __future__ import annotations

from functools import partial
from typing import Any

from celery.worker.consumer import Consumer as Stock


class Consumer(Stock):  # type: ignore[misc]
    """Comes back within seconds after a broker that was away for long. Kombu's own waits grow to half a minute, and
    Celery has no setting for them."""

    def ensure_connected(self, conn: Any) -> Any:
        conn.ensure_connection = partial(conn.ensure_connection, interval_start=0.5, interval_step=0.5, interval_max=3)
        return super().ensure_connected(conn)
