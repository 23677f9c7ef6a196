"""What is thrown away when its time has come."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.schedules import crontab
from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from crud.background.task import SingleTask
from crud.models import ChangeLog, IdempotentAnswer
from crud.write.idempotency import KEPT
from kernel.transactions import in_transaction
from tenancy.context import every_tenant

log = logging.getLogger("tasks")
AT_ONCE = 1_000
SCHEDULE = {
    "Forget answers kept for Idempotency-Key": {
        "task": "crud.forget_answers",
        "schedule": crontab(minute="20"),
    },
    "Prune the change log": {"task": "crud.prune_change_log", "schedule": crontab(minute="40", hour="2")},
}


@shared_task(base=SingleTask, name="crud.forget_answers")
def forget_answers() -> None:
    delete_in_parts(lambda: IdempotentAnswer.objects.filter(created_on__lt=timezone.now() - KEPT), "kept answers")


@shared_task(base=SingleTask, name="crud.prune_change_log")
def prune_change_log() -> None:
    if settings.AETHER_CHANGE_LOG_DAYS:
        before = timezone.now() - timedelta(days=settings.AETHER_CHANGE_LOG_DAYS)
        with every_tenant(reason="the change log of all accounts is pruned by age"):
            delete_in_parts(lambda: ChangeLog.objects.filter(created_on__lt=before), "entries of the change log")


def delete_in_parts(rows: Callable[[], QuerySet[Any]], what: str) -> None:
    """Row by row in small transactions, so that nobody waits long for a lock."""
    total = 0
    while keys := list(rows().order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        in_transaction(lambda: rows().filter(pk__in=keys).delete())
        total += len(keys)
    log.info("%s: %s deleted", what, total, extra={"deleted": total})
