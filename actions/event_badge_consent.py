"""The attendee's side: who scanned me, what they got, and whether they may keep it (contract section 8)."""

from __future__ import annotations

from typing import Any, Final

from django.db import transaction

from actions.action import Action, Call, register
from actions.event_exhibit import shared_fields
from crud import ID_SCHEMA, registry, resolve
from crud.describe.openapi.parts import ID, object_schema
from events.consent import decide
from events.models import EventBadge, EventExhibit, EventExhibitTracking
from events.models.event_badge import new_token
from kernel.errors import Invalid, NotFound
from kernel.wording import TRUE_OR_FALSE
from tenancy.principal import Principal, Role

EXAMPLE: Final = {
    "badge": {"full_name": "Ada Lovelace"},
    "scans": [
        {
            "exhibit_id": ID,
            "exhibit_name": "Pumps Ltd",
            "captured_on": "2026-05-01T09:30:00Z",
            "share": True,
            "fields": ["full_name", "email"],
        }
    ],
}


def badge_of(call: Call) -> EventBadge:
    """By the attendee's own token, in the caller's account. Raises NotFound for the one that exhibitors scan, too."""
    if call.principal.account_id is None:
        raise NotFound
    found = EventBadge.objects.filter(consent_token=call.path["consent_token"], enable=True).first()
    if found is None:
        raise NotFound
    badge: EventBadge = found
    return badge


def scans_of(badge: EventBadge, principal: Principal) -> dict[str, Any]:
    """Never what an exhibit notes of the attendee."""
    leads = EventExhibitTracking.objects.filter(event_badge=badge).order_by("captured_on", "pk")
    return {
        "badge": {"full_name": badge.full_name_override or badge.full_name},
        "scans": [
            {
                "exhibit_id": lead.event_exhibit.id_random,
                "exhibit_name": lead.event_exhibit.name,
                "captured_on": lead.captured_on,
                "share": lead.contact_shared,
                "fields": shared_fields(badge, lead.contact_shared, principal.masked),
            }
            for lead in leads.select_related("event_exhibit")
        ],
    }


@register
class BadgeScans(Action):
    path = "event_badge/{consent_token}/scans"
    summary = "Who scanned a badge, for its holder"
    description = "By the holder's `consent_token`, under a browser's key with the account. Without notes and answers."
    least_role = Role.GUEST
    places = {"consent_token": r"[^/]+"}
    examples = {"consent_token": "wX4fK2m9QxTz7Lw0bNcVhR81"}
    example = EXAMPLE

    def run(self, call: Call) -> dict[str, Any]:
        return scans_of(badge_of(call), call.principal)


@register
class BadgeConsent(Action):
    path = "event_badge/{consent_token}/consent"
    methods = ("POST",)
    summary = "Share a badge's contact data with an exhibit, or no longer"
    description = (
        "`exhibit_id`: one that scanned the badge, or `all`, those that scan it later too. The latest decision that "
        "covers an exhibit holds. What is withdrawn is blank at once; the lead itself stays."
    )
    least_role = Role.GUEST
    writes = True
    places = {"consent_token": r"[^/]+"}
    examples = {"consent_token": "wX4fK2m9QxTz7Lw0bNcVhR81"}
    example = EXAMPLE
    body = {
        "required": True,
        "content": {
            "application/json": {
                "schema": object_schema(
                    {"exhibit_id": {"anyOf": [ID_SCHEMA, {"const": "all"}]}, "share": {"type": "boolean"}},
                    ["exhibit_id", "share"],
                    closed=True,
                ),
                "example": {"exhibit_id": "all", "share": False},
            }
        },
    }

    def run(self, call: Call) -> dict[str, Any]:
        exhibit_id, share = read_decision(call)
        badge = badge_of(call)
        exhibit = None if exhibit_id == "all" else exhibit_of_event(badge, exhibit_id)
        with transaction.atomic():
            EventBadge.objects.select_for_update().filter(pk=badge.pk).first()  # decisions come one after the other
            decide(badge, exhibit, share, "attendee")
        return scans_of(badge, call.principal)


def read_decision(call: Call) -> tuple[str, bool]:
    """Raises Invalid."""
    body = call.request.data
    if not isinstance(body, dict) or set(body) - {"exhibit_id", "share"}:
        raise Invalid("Give an object with exhibit_id and share.")
    if not isinstance(body.get("exhibit_id"), str):
        raise Invalid.field("exhibit_id", "Give the id of an exhibit, or all.")
    if not isinstance(body.get("share"), bool):
        raise Invalid.field("share", TRUE_OR_FALSE)
    return body["exhibit_id"], body["share"]


def exhibit_of_event(badge: EventBadge, exhibit_id: str) -> EventExhibit:
    """One of the badge's event. Raises Invalid."""
    found = EventExhibit.objects.filter(event_id=badge.event_id, id_random=exhibit_id[:22]).first()
    if found is None:
        raise Invalid.field("exhibit_id", "There is no such exhibit at this event.")
    exhibit: EventExhibit = found
    return exhibit


class RotateToken(Action):
    """A new token in the place of one that has become known; the old one is good for nothing from then on."""

    methods = ("POST",)
    least_role = Role.ADMINISTRATOR
    writes = True
    token: str

    def run(self, call: Call) -> dict[str, Any]:
        key = resolve(registry["event_badge"], call.principal, call.path["id"])
        with transaction.atomic():
            badge = EventBadge.objects.select_for_update().get(pk=key)
            setattr(badge, self.token, new_token())
            badge.save()
        return {"id": badge.id_random, self.token: getattr(badge, self.token)}


@register
class RotateBadgeToken(RotateToken):
    path = "event_badge/{id}/rotate_token"
    summary = "Give a badge a new code to be scanned"
    description = "The old one is `unknown_code` at once."
    token = "badge_token"  # noqa: S105  (a column)
    example = {"id": ID, "badge_token": "4fK2m9QxTz7Lw0bNcVhR81wX"}


@register
class RotateConsentToken(RotateToken):
    path = "event_badge/{id}/rotate_consent_token"
    summary = "Give a badge's holder a new link to their consent"
    token = "consent_token"  # noqa: S105  (a column)
    example = {"id": ID, "consent_token": "wX4fK2m9QxTz7Lw0bNcVhR81"}
