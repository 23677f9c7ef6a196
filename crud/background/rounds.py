"""What a worker looks for by itself every few seconds: work whose message got lost. So nothing waits for beat."""

from __future__ import annotations

import logging
from typing import Any

from celery import bootsteps
from django.db import DatabaseError, InterfaceError, connection
from django.dispatch import Signal

log = logging.getLogger("tasks")
SECONDS = 5.0

worker_looks_round = Signal()
"""Sent in each worker when it is ready for tasks, and every five seconds after that; `sender` is its consumer,
`first` is true until all who listen are through with it. Celery has `worker_ready`, for its own command only."""


class Rounds(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of every consumer, of `celery worker` and of the worker inside `manage.py serve`."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.is_first = True
        self.timer: Any = None

    def start(self, parent: Any) -> None:
        parent.timer.call_after(0, self._look, (parent,))
        self.timer = parent.timer.call_repeatedly(SECONDS, self._look, (parent,))

    def stop(self, parent: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def _look(self, consumer: Any) -> None:
        try:
            worker_looks_round.send(consumer, first=self.is_first)
            self.is_first = False
        except (DatabaseError, InterfaceError) as error:
            log.warning("could not look for work that got lost: %s", type(error).__name__)
        except Exception:
            log.exception("could not look for work that got lost")
        finally:
            connection.close()  # nothing of it is there when a child is forked
