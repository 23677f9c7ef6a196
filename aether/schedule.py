"""What beat runs, and when: rows that staff may edit in the admin, made from what the apps declare in SCHEDULE."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from celery.beat import EmbeddedService
from django.db import Error
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

from aether.celery import app

log = logging.getLogger("tasks")


class KeptEntry(ModelEntry):
    """A row that is there stays as it is: somebody may have changed its time, or switched it off."""

    @classmethod
    def from_entry(cls, name: str, app: Any = None, **entry: Any) -> KeptEntry:
        row, _ = PeriodicTask.objects.get_or_create(name=name, defaults=cls._unpack_fields(**entry))
        return cls(row, app=app)


class Scheduler(DatabaseScheduler):
    """Whenever it reads the table (at the start, after a change, every five minutes) it makes what is missing.

    While the database is away, at the start too, it asks again every few seconds (`max_interval`).
    """

    Entry = KeptEntry
    _schedule: dict[str, Any] = {}

    def setup_schedule(self) -> None:
        with suppress(Error):  # each tick reads it, and has a way to wait
            self.schedule  # noqa: B018

    @property
    def schedule(self) -> Any:
        try:
            return super().schedule
        except Error:
            self._initial_read = self._heap_invalidated = True  # or what was not read now would wait for a change
            raise

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Seconds until the next one."""
        try:
            return float(super().tick(*args, **kwargs))
        except Error as error:
            log.error("The schedule can't be read, as the database is away: %s", type(error).__name__)
            return float(self.max_interval)

    def all_as_schedule(self) -> Any:
        for name, entry in self.app.conf.beat_schedule.items():
            if not PeriodicTask.objects.filter(name=name).exists():
                KeptEntry.from_entry(name, app=self.app, **entry)
        return super().all_as_schedule()


def beat_in_this_process() -> Any:
    """Beat on a thread, for a server that is one process: `.start()`, `.stop()`."""
    return EmbeddedService(app, thread=True, scheduler_cls=Scheduler)
