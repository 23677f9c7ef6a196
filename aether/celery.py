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

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aether.settings")

app = Celery("aether", task_cls="crud.background.task:Task")
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
