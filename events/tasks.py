"""What the events app does in the background, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from celery import shared_task

from crud import SingleTask
from events.device_commands import accounts_with_late, expire
from tenancy.context import tenant

SCHEDULE: dict[str, dict[str, Any]] = {
    "Expire commands to devices": {"task": "events.expire_commands", "schedule": timedelta(minutes=1)},
}


@shared_task(base=SingleTask, name="events.expire_commands")
def expire_commands() -> int:
    """Answers how many."""
    count = 0
    for account_id in accounts_with_late():
        with tenant(account_id):
            count += expire()
    return count
