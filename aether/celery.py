"""Background work: `celery -A aether worker`. Settings are those of Django that begin with CELERY_.

An app keeps its tasks in `<app>/tasks.py`, and beside them, as `SCHEDULE`, what beat shall run and when.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django.apps import apps
from django.utils.module_loading import module_has_submodule

PUBLISH_SECONDS = 2
"""What one try to hand a message to Redis may take: a request waits for it (kernel.deadline)."""


class Aether(Celery):  # type: ignore[misc]
    def connection_for_write(self, url: str | None = None, **options: Any) -> Any:
        """One that gives up a Redis that hangs. Celery's own setting is for the connection of waiting workers, too."""
        if str(url or self.conf.broker_write_url).startswith(("redis", "sentinel")):
            given = options.get("transport_options") or {}
            options["transport_options"] = {"socket_timeout": PUBLISH_SECONDS} | given
        return super().connection_for_write(url, **options)


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aether.settings")

app = Aether("aether", task_cls="crud.background.task:Task")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add("crud.background.rounds:Rounds")


@app.on_after_finalize.connect
def collect_schedules(sender: Any, **signal: Any) -> None:
    for config in apps.get_app_configs():
        if module_has_submodule(config.module, "tasks"):
            for name, entry in getattr(import_module(f"{config.name}.tasks"), "SCHEDULE", {}).items():
                if name in sender.conf.beat_schedule:
                    raise ValueError(f"the schedule {name} is declared twice")
                sender.conf.beat_schedule[name] = entry


@setup_logging.connect
def keep_our_logging(**signal: Any) -> None:
    """Celery leaves logging alone where this signal is heard; settings.LOGGING has configured it."""
