"""The preflight of a file that arrives: in the background, kept, and told by the file's `preflight_level`.

A file whose level is null waits for it. It is asked for when its row is written; what was lost on the way is found by
the clock (`events.tasks`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from events.models import EventFile, EventFilePreflight
from events.preflight import kind_of, look_into, report_of, worst_level
from files.models import HostedFile
from kernel.transactions import in_transaction
from tenancy.context import every_tenant

ARRIVES_WITHIN: Final = timedelta(minutes=2)
"""After which a file that waits has been forgotten."""
LOOKED_FOR: Final = timedelta(days=7)
"""How long a file is looked at by itself. An older one is when somebody asks, or writes its row."""
AT_ONCE: Final = 50


def forgotten() -> list[tuple[int, int]]:
    """Accounts and keys of files that still wait, the newest first."""
    now = timezone.now()
    with every_tenant(reason="find files that nobody has looked into, in whichever account"):
        waiting = EventFile.objects.filter(
            preflight_level=None,
            is_current=True,
            enable=True,
            hosted_file__status=HostedFile.Status.READY,
            created_on__range=(now - LOOKED_FOR, now - ARRIVES_WITHIN),
        )
        return list(waiting.order_by("-pk").values_list("account_id", "pk")[:AT_ONCE])


def look_at(key: int) -> None:
    """Look into the file and keep what was seen, unless that is done. Raises Throttled, Unavailable."""
    row = EventFile.objects.select_related("hosted_file", "event_session", "event_presentation").filter(pk=key).first()
    if row is None or row.preflight_level is not None or row.hosted_file.status != HostedFile.Status.READY:
        return
    kind = kind_of(row.hosted_file)
    seen = look_into(row.hosted_file, kind) if kind is not None else None
    report = report_of(row, kind, seen)
    in_transaction(lambda: _keep(row, seen, report))


def _keep(seen_of: EventFile, seen: dict[str, Any] | str | None, report: dict[str, Any]) -> None:
    row = EventFile.objects.select_for_update().filter(pk=seen_of.pk).first()
    if row is None or row.hosted_file_id != seen_of.hosted_file_id or row.preflight_level is not None:
        return  # it is gone, has other bytes by now, or another worker was faster
    EventFilePreflight.objects.update_or_create(
        event_file=row,
        defaults={
            "hash_sha256": seen_of.hosted_file.hash_sha256,
            "seen_json": seen if isinstance(seen, dict) else None,
            "unread": seen if isinstance(seen, str) else "",
            "findings_json": report["findings"],
            "looked_on": timezone.now(),
        },
    )
    row.preflight_level = worst_level(report)
    row.save()


def findings_of(keys: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """By the files' keys what was found in them when they arrived. One query."""
    rows = EventFilePreflight.objects.filter(event_file_id__in=list(keys))
    return dict(rows.values_list("event_file_id", "findings_json"))
