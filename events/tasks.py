"""What the events app does in the background, and when."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, Final

from celery import shared_task
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from crud import SingleTask, TenantTask
from events.device_commands import accounts_with_late, expire
from events.manifest_changes import refresh_states
from events.models import EventFile
from events.preflight_arrivals import forgotten, look_at
from events.readiness_alerts import alert, events_soon
from events.slots import MAX_FREEZE_MINUTES, freezes_on
from events.upload_mails import events_with_deadlines, remind
from kernel.errors import Throttled, Unavailable
from kernel.transactions import in_transaction
from tenancy.context import every_tenant, tenant

FREEZING: Final = timedelta(days=2)
"""How long after its talk began a file is looked at: longer than a server is away."""
LOOK_AGAIN_SECONDS: Final = 5
"""Until a file is looked into for which there was no place."""
SCHEDULE: dict[str, dict[str, Any]] = {
    "Alert of sessions that are not ready": {"task": "events.alert", "schedule": timedelta(minutes=1)},
    "Expire commands to devices": {"task": "events.expire_commands", "schedule": timedelta(minutes=1)},
    "Look into files that were forgotten": {"task": "events.look_at_forgotten", "schedule": timedelta(minutes=1)},
    "Freeze the slots whose time has come": {"task": "events.freeze_slots", "schedule": timedelta(minutes=1)},
    "Remind presenters of missing files": {"task": "events.remind", "schedule": timedelta(minutes=15)},
}


@shared_task(base=SingleTask, name="events.expire_commands")
def expire_commands() -> int:
    """Answers how many."""
    count = 0
    for account_id in accounts_with_late():
        with tenant(account_id):
            count += expire()
    return count


@shared_task(base=TenantTask, bind=True, name="events.preflight")
def preflight_file(self: Any, account_id: int, file_key: int) -> None:
    try:
        look_at(file_key)
    except (Throttled, Unavailable) as error:
        raise self.retry(exc=error, countdown=LOOK_AGAIN_SECONDS, max_retries=10) from error


@receiver(post_save, sender=EventFile)
def ask_for_preflight(sender: Any, instance: EventFile, **signal: Any) -> None:
    if instance.preflight_level is None and instance.is_current:
        preflight_file.after_commit(instance.account_id, instance.pk)


@shared_task(base=SingleTask, name="events.look_at_forgotten")
def look_at_forgotten() -> int:
    """Answers how many were asked for again."""
    rows = forgotten()
    for account_id, key in rows:
        preflight_file.delay(account_id, key)
    return len(rows)


@shared_task(base=SingleTask, name="events.freeze_slots")
def freeze_slots() -> int:
    """Write `slot_state` of the files that time has frozen; whether they are is asked of the time itself. Answers how
    many."""
    count = 0
    with every_tenant(reason="find what begins soon, in whichever account"):
        files = list(_about_to_begin())
    for pk, account_id, start, minutes, cfg in files:
        moment = freezes_on(start, minutes, cfg)
        if moment is None or moment > timezone.now():
            continue
        with tenant(account_id):
            count += in_transaction(partial(refresh_states, EventFile.objects.filter(pk=pk)))
    return count


def _about_to_begin() -> Any:
    now = timezone.now()
    span = (now - FREEZING, now + timedelta(minutes=MAX_FREEZE_MINUTES))
    configured = Q(event_session__freeze_minutes__isnull=False) | Q(event__cfg_json__has_key="freeze_minutes")
    begins = Q(event_presentation__start_datetime__range=span) | Q(
        Q(event_presentation__isnull=True) | Q(event_presentation__start_datetime__isnull=True),
        event_session__start_datetime__range=span,
    )
    files = EventFile.objects.filter(
        configured, begins, is_current=True, freeze_lifted=False, slot_state__in=("uploaded", "approved")
    )
    start = Coalesce("event_presentation__start_datetime", "event_session__start_datetime")
    return files.annotate(start=start).values_list(
        "pk", "account_id", "start", "event_session__freeze_minutes", "event__cfg_json"
    )


@shared_task(base=SingleTask, name="events.alert")
def alert_of_rooms() -> int:
    """Answers how many mails."""
    return sum(alert(account_id, event_key) for account_id, event_key in events_soon())


@shared_task(base=SingleTask, name="events.remind")
def remind_presenters() -> int:
    """Answers how many mails."""
    return sum(remind(account_id, event_key) for account_id, event_key in events_with_deadlines())
