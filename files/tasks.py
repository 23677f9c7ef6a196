"""What the files app does in the background, and when."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.db.models import Q
from django.utils import timezone

from crud import SingleTask, TenantTask
from files.derive import SENT_AGAIN, StillLeased, work_on
from files.models import DerivedFile, HostedFile
from files.sweep import sweep
from tenancy.context import every_tenant, tenant

log = logging.getLogger("files.tasks")

SCHEDULE: dict[str, dict[str, Any]] = {
    "files.resume": {"task": "files.resume", "schedule": timedelta(minutes=1)},
    "files.sweep": {"task": "files.sweep", "schedule": timedelta(hours=1)},
}


@shared_task(base=TenantTask, bind=True, name="files.derive", max_retries=None)
def derive(self: Any, account_id: int, file_id: str) -> None:
    """Make the file with this id (files/derive.py)."""
    try:
        # A message that the broker gives out again was left by a worker that died.
        work_on(file_id, orphaned=bool((self.request.delivery_info or {}).get("redelivered")))
    except StillLeased as wait:
        raise self.retry(countdown=wait.seconds) from None


@shared_task(base=SingleTask, name="files.resume")
def resume(*, queue_is_lost: bool = False) -> int:
    """Send again what was lost on the way, or left by a worker that died. Answers how many.

    `queue_is_lost`: the broker began anew, so nothing that was queued lies in it.
    """
    now = timezone.now()
    waiting = Q(hosted_file__status=HostedFile.Status.QUEUED)
    if not queue_is_lost:
        waiting &= Q(lease_until__lt=now) | Q(lease_until=None)
    left = Q(hosted_file__status=HostedFile.Status.PROCESSING, lease_until__lt=now)
    with every_tenant(reason="find what is waiting to be made, in whichever account"):
        rows = list(
            DerivedFile.objects.filter(waiting | left).values_list("pk", "account_id", "hosted_file__id_random")[:1_000]
        )
    for pk, account_id, file_id in rows:
        derive.delay(account_id, file_id)
        with tenant(account_id):
            DerivedFile.objects.filter(pk=pk, hosted_file__status=HostedFile.Status.QUEUED).update(
                lease_until=now + SENT_AGAIN
            )
    return len(rows)


@worker_ready.connect
def take_up_again(sender: Any, **signal: Any) -> None:
    """A worker that starts takes up what another one left. In one process the queue was lost with it."""
    resume.delay(queue_is_lost=str(sender.app.conf.broker_url).startswith("memory"))


@shared_task(base=SingleTask, name="files.sweep")
def sweep_files() -> None:
    sweep()
