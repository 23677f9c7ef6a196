"""Printing badges: which ones, and that they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from events.models import EventBadge
from kernel.transactions import in_transaction

LOCKED_AT_ONCE = 200


def of_template(badges: Any, template_key: int, *, unprinted: bool = False) -> Any:
    """Those of `badges` that are to be printed with a template, in the order of the desk: by name."""
    wanted = badges.filter(event_badge_template_id=template_key, enable=True, hide=False)
    if unprinted:
        wanted = wanted.filter(print_count=0)
    return wanted.order_by("family_name", "given_name", "pk")


def count_print(keys: list[int]) -> None:
    """One more print of each, all or none; the change log says who."""
    now = timezone.now()

    def work() -> None:
        for badge in _locked(sorted(keys)):
            badge.print_count += 1
            badge.first_printed_on = badge.first_printed_on or now
            badge.last_printed_on = now
            badge.save()

    in_transaction(work)


def _locked(keys: list[int]) -> Iterator[EventBadge]:
    for start in range(0, len(keys), LOCKED_AT_ONCE):
        part = keys[start : start + LOCKED_AT_ONCE]
        yield from EventBadge.objects.select_for_update().filter(pk__in=part).order_by("pk")
