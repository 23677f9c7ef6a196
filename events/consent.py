"""Whether an exhibit gets a badge's contact data: the latest decision that covers it (contract section 8).

A lead keeps the answer (`contact_shared`), which its type's mask asks. It is kept right wherever a decision is written:
so a withdrawal is a change of the lead, and whoever listens to it is told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import transaction

from crud import AccountQuery
from kernel.slots import Comparison
from tenancy.principal import BY_BUNDLE, SYSTEM, current_principal

Decision = tuple[int | None, bool, bool]
"""Key of the exhibit, None for all; shared; whether the attendee decided."""


def model(name: str) -> Any:
    return apps.get_model("events", name)


DECISIONS = AccountQuery(
    lambda badges: (
        model("EventBadgeConsent")
        .objects.filter(Comparison("event_badge_id", "in", badges))
        .order_by("decided_on", "pk")
        .values_list("event_badge_id", "event_exhibit_id", "share", "how")
    )
)


def shared_with(decisions: Iterable[Decision], exhibit: int, default: bool) -> bool:
    """`decisions`: of one badge, the oldest first. Staff can't lift what the attendee withdrew."""
    latest, withdrawn = default, False
    for covered, share, by_attendee in decisions:
        if covered not in (None, exhibit):
            continue
        if by_attendee:
            withdrawn = not share
        latest = share
    return latest and not withdrawn


def decisions_about(badges: Iterable[int]) -> dict[int, list[Decision]]:
    """By the keys of the badges, the oldest first. One query."""
    decisions: dict[int, list[Decision]] = defaultdict(list)
    for badge, exhibit, share, how in DECISIONS.rows(list(set(badges))):
        decisions[badge].append((exhibit, bool(share), how == "attendee"))
    return decisions


def is_shared(badge_id: int | None, exhibit_id: int) -> bool:
    if badge_id is None:
        return False
    decisions = decisions_about([badge_id])[badge_id]
    if any(covered in (None, exhibit_id) for covered, _, _ in decisions):
        return shared_with(decisions, exhibit_id, default=False)
    default = model("EventBadge").objects.filter(pk=badge_id).values_list("allow_tracking", flat=True).first()
    return bool(default)


def decide(badge: Any, exhibit: Any, share: bool, how: str) -> None:
    """Write a decision into the ledger, and let the leads that it covers follow. `exhibit`: None for all."""
    with transaction.atomic(savepoint=False):
        decision(badge, exhibit, share, how).save()
        follow(badge.pk)


def decision(badge: Any, exhibit: Any, share: bool, how: str) -> Any:
    by = "attendee" if how == "attendee" else current_principal().label
    return model("EventBadgeConsent")(
        account_id=badge.account_id, event_badge=badge, event_exhibit=exhibit, share=share, decided_by=by[:200], how=how
    )


def follow(badge_id: int) -> None:
    """Let every lead of the badge say what holds now."""
    decisions = decisions_about([badge_id])[badge_id]
    default = model("EventBadge").objects.filter(pk=badge_id).values_list("allow_tracking", flat=True).first()
    for lead in model("EventExhibitTracking").objects.select_for_update().filter(event_badge_id=badge_id):
        lead.contact_shared = shared_with(decisions, lead.event_exhibit_id, bool(default))
        lead.save()


def comes_along() -> bool:
    """Whether the ledger's rows come in a bundle, too. New ones would be later than an attendee's withdrawal."""
    return current_principal() is BY_BUNDLE


def by_whom() -> str:
    """How a change of `allow_tracking` came about: commands import."""
    return "import" if current_principal() is SYSTEM else "staff"
