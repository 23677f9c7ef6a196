"""How much background work waits: for /metrics, and for whoever must make room for others."""

from __future__ import annotations

from celery import current_app
from django.conf import settings
from kombu.exceptions import ChannelError

from kernel.health import HealthPart

SECONDS = 1.0


def _lengths() -> dict[str, int]:
    lengths = {}
    with current_app.connection_for_read() as broker:
        broker.ensure_connection(max_retries=1, interval_start=0, timeout=SECONDS)
        for queue in (settings.CELERY_TASK_DEFAULT_QUEUE, *settings.AETHER_ACCOUNT_QUEUES):
            try:
                lengths[queue] = int(broker.default_channel.queue_declare(queue, passive=True).message_count)
            except ChannelError:  # no queue, as nobody has sent anything yet
                lengths[queue] = 0
    return lengths


_QUEUES = HealthPart(_lengths)


def waiting_by_queue() -> dict[str, int]:
    """Tasks that no worker has taken yet. Empty where the broker does not say so in time."""
    try:
        return _QUEUES.begin().result(SECONDS)
    except Exception:  # noqa: BLE001  (/health/ready tells of it)
        return {}


def tasks_waiting() -> int | None:
    """Of all queues together; None where the broker does not say."""
    waiting = waiting_by_queue()
    return sum(waiting.values()) if waiting else None
