"""How much background work waits, for /metrics."""

from __future__ import annotations

from typing import cast

from celery import current_app
from django.conf import settings
from kombu.exceptions import ChannelError

from kernel.health import HealthPart

SECONDS = 1.0


def _length() -> int:
    with current_app.connection_for_read() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=SECONDS)
        try:
            declared = broker.default_channel.queue_declare(settings.CELERY_TASK_DEFAULT_QUEUE, passive=True)
        except ChannelError:  # no queue, as nobody has sent anything yet
            return 0
        return cast(int, declared.message_count)


_QUEUE = HealthPart(_length)


def tasks_waiting() -> int | None:
    """Tasks that no worker has taken yet. None where the broker does not say so in time."""
    try:
        return _QUEUE.begin().result(SECONDS)
    except Exception:  # noqa: BLE001  (/health/ready tells of it)
        return None
