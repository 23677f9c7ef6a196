"""Tokens and sessions that hold no longer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task
from celery.schedules import crontab
from django.conf import settings
from django.contrib.sessions.models import Session
from django.dispatch import receiver
from django.utils import timezone

from accounts import access_requests
from accounts.models import AccessRequest, AdminSession, OneTimeToken, RefreshToken
from crud import SingleTask, delete_in_parts, worker_looks_round
from tenancy.context import every_tenant

LEEWAY = timedelta(days=1)
SCHEDULE: dict[str, dict[str, Any]] = {
    "accounts.answer_requests": {"task": "accounts.answer_requests", "schedule": timedelta(minutes=1)},
    "Forget expired tokens and sessions": {
        "task": "accounts.forget_expired",
        "schedule": crontab(minute="10", hour="3"),
    },
}


@shared_task(base=SingleTask, name="accounts.forget_expired")
def forget_expired() -> None:
    delete_in_parts(lambda: RefreshToken.objects.filter(expires_on__lt=timezone.now() - LEEWAY), "refresh tokens")
    with every_tenant(reason="tokens of mails that have expired, of every account"):
        delete_in_parts(lambda: OneTimeToken.objects.filter(expires_on__lt=timezone.now() - LEEWAY), "mailed tokens")
    before = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE) - LEEWAY
    delete_in_parts(lambda: AdminSession.objects.filter(created_on__lt=before), "sessions of the admin")
    delete_in_parts(lambda: Session.objects.filter(expire_date__lt=timezone.now()), "sessions")


@shared_task(base=SingleTask, name="accounts.answer_requests")
def answer_requests() -> None:
    access_requests.answer_all()


@receiver(worker_looks_round)
def look_for_requests(sender: Any, **signal: Any) -> None:
    if AccessRequest.objects.exists():
        answer_requests.delay()
