"""Tokens and sessions that hold no longer."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from celery.schedules import crontab
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.models import RefreshToken
from crud import SingleTask, delete_in_parts

LEEWAY = timedelta(days=1)
SCHEDULE = {
    "Forget expired tokens and sessions": {
        "task": "accounts.forget_expired",
        "schedule": crontab(minute="10", hour="3"),
    },
}


@shared_task(base=SingleTask, name="accounts.forget_expired")
def forget_expired() -> None:
    delete_in_parts(lambda: RefreshToken.objects.filter(expires_on__lt=timezone.now() - LEEWAY), "refresh tokens")
    delete_in_parts(lambda: Session.objects.filter(expire_date__lt=timezone.now()), "sessions")
