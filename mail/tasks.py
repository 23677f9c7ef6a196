"""Sending what lies in the outbox, and forgetting what was sent long ago."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.schedules import crontab
from django.conf import settings
from django.db.models import Q
from django.dispatch import receiver
from django.utils import timezone

from crud import SingleTask, delete_in_parts, worker_looks_round
from mail.delivery import deliver_due, is_any_due
from mail.models import MailMessage
from tenancy.context import every_tenant

SCHEDULE: dict[str, dict[str, Any]] = {
    "mail.deliver": {"task": "mail.deliver", "schedule": timedelta(minutes=1)},
    "Forget mails that were sent": {"task": "mail.forget", "schedule": crontab(minute="20", hour="3")},
}


@shared_task(base=SingleTask, name="mail.deliver")
def deliver() -> None:
    deliver_due()


@receiver(worker_looks_round)
def look_for_mails(sender: Any, **signal: Any) -> None:
    """Without beat, and within seconds: what a worker left, and what is to be tried again."""
    if is_any_due():
        deliver.delay()


@shared_task(base=SingleTask, name="mail.forget")
def forget() -> None:
    """Mails that are done; they hold people's addresses."""
    if not settings.AETHER_MAIL_KEEP_DAYS:
        return
    before = timezone.now() - timedelta(days=settings.AETHER_MAIL_KEEP_DAYS)
    finished = Q(sent_on__lt=before) | Q(given_up_on__lt=before)
    with every_tenant(reason="mails that were sent long ago, of every account, are forgotten"):
        delete_in_parts(lambda: MailMessage.objects.filter(finished), "mails")
