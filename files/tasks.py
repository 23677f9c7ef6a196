"""What the files app does in the background, and when."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from celery import shared_task
from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from crud import SingleTask, TenantTask, tasks_waiting, worker_looks_round
from files.derive import ARRIVES_WITHIN, work_on
from files.models import DerivedFile, HostedFile
from files.resumable import sweep_expired
from files.sweep import sweep
from kernel.transactions import in_transaction
from tenancy.context import every_tenant, tenant

Status = HostedFile.Status
IN_A_LONG_QUEUE = timedelta(minutes=10)
"""How much longer a message may take while others lie before it."""

SCHEDULE: dict[str, dict[str, Any]] = {
    "files.resume": {"task": "files.resume", "schedule": timedelta(minutes=1)},
    "files.end_expired_uploads": {"task": "files.end_expired_uploads", "schedule": timedelta(minutes=10)},
    "files.sweep": {"task": "files.sweep", "schedule": timedelta(hours=1)},
}


@shared_task(base=TenantTask, bind=True, name="files.derive")
def derive(self: Any, account_id: int, file_id: str) -> None:
    """Make the file with this id (files/derive.py)."""
    # A message that the broker gives out again was left by a worker that died.
    work_on(file_id, orphaned=bool((self.request.delivery_info or {}).get("redelivered")))


@shared_task(base=SingleTask, name="files.resume")
def resume(*, queue_is_lost: bool = False) -> int:
    """Send again what was lost on the way, or left by a worker that died. Answers how many.

    `queue_is_lost`: the broker began anew with this process, so nothing lies in it and nobody is at work.
    """
    count = 0
    lost = _lost(queue_is_lost)
    for pk, account_id in _found(lost):
        with tenant(account_id):
            count += in_transaction(partial(_send_again, pk, lost))
    return count


def _found(jobs: Q) -> list[tuple[int, int]]:
    """Keys of jobs and of their accounts."""
    with every_tenant(reason="find what is waiting to be made, in whichever account"):
        return list(DerivedFile.objects.filter(jobs).values_list("pk", "account_id")[:1_000])


def _lost(queue_is_lost: bool) -> Q:
    """Which jobs nobody is going to do. Where the queue is empty, a message that has not come does not lie in it."""
    if queue_is_lost:
        return Q(hosted_file__status__in=(Status.QUEUED, Status.PROCESSING))
    now = timezone.now()
    waited = now if tasks_waiting() == 0 else now - IN_A_LONG_QUEUE
    waiting = Q(hosted_file__status=Status.QUEUED) & (Q(lease_until__lt=waited) | Q(lease_until=None))
    return waiting | Q(hosted_file__status=Status.PROCESSING, lease_until__lt=now)


def _send_again(pk: int, lost: Q) -> bool:
    job = DerivedFile.objects.select_for_update().filter(lost, pk=pk).first()
    if job is None:  # another worker was faster
        return False
    row = job.hosted_file
    row.status = Status.QUEUED
    row.save()
    DerivedFile.objects.filter(pk=pk).update(lease_until=timezone.now() + ARRIVES_WITHIN)
    derive.after_commit(job.account_id, row.id_random)
    return True


@receiver(worker_looks_round)
def take_up_again(sender: Any, *, first: bool, **signal: Any) -> None:
    """Without beat, and within seconds. In one process the queue was lost with the process before."""
    queue_is_lost = first and str(sender.app.conf.broker_url).startswith("memory")
    is_late = Q(lease_until__lt=timezone.now()) | Q(lease_until=None)
    late = is_late & Q(hosted_file__status__in=(Status.QUEUED, Status.PROCESSING))
    is_needed = (queue_is_lost or _found(late)) and _found(_lost(queue_is_lost))
    if is_needed:
        # Not as the task: its lease may be one that a killed worker left, and rows are locked one by one.
        resume.run(queue_is_lost=queue_is_lost)


@shared_task(base=SingleTask, name="files.end_expired_uploads")
def end_expired_uploads() -> int:
    with every_tenant(reason="uploads that were given up are removed, whichever account's they are"):
        return sweep_expired()


@shared_task(base=SingleTask, name="files.sweep")
def sweep_files() -> None:
    sweep()
