"""At an exhibit: scans of badges come in, and what they have come to (contract section 8)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from actions.action import Action, Call, register
from actions.event_exhibit_passcode import exhibit_of
from crud import registry, resolve
from crud.describe.openapi.parts import ID
from events.leads_summary import leads_summary
from events.models import EventExhibit
from events.scanning import exhibit_for_scans, read_entry, take_in
from kernel.errors import Invalid, Refused, TooLarge
from kernel.fair_share import dear
from kernel.transactions import in_transaction
from tenancy.principal import Principal, Role

MAX_SCANS: Final = 500
YEAR: Final = 366 * 86_400
SCAN: Final = {
    "code": "4fK2m9QxTz7Lw0bNcVhR",
    "captured_on": "2026-05-01T09:30:00Z",
    "client_ref": "phone-1-0001",
    "rating": 4,
    "tags": ["hot"],
}


@register
class Scan(Action):
    path = "event_exhibit/{id}/scan"
    methods = ("POST",)
    summary = "Take in scans of badges"
    description = (
        f"At most {MAX_SCANS}; each is answered for by itself: `created`, `merged`, `not_consented` (a lead without "
        "contact data), `duplicate` (its `client_ref` is known), `unknown_code`, `other_event`, `bad_time`, `invalid` "
        "with `fields`. Sent again, nothing changes. The header `x-ae-clock-offset` says by how many seconds the "
        "device's clock is ahead."
    )
    least_role = Role.EXHIBITOR
    writes = True
    failures = (404, 413)
    body = {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["scans"],
                    "properties": {"scans": {"type": "array", "maxItems": MAX_SCANS, "items": {"type": "object"}}},
                },
                "example": {"scans": [SCAN]},
            }
        },
    }
    example = {"results": [{"client_ref": "phone-1-0001", "outcome": "created", "event_exhibit_tracking_id": ID}]}

    def run(self, call: Call) -> dict[str, Any]:
        scans = read_scans(call)
        offset = clock_offset(call.request.META.get("HTTP_X_AE_CLOCK_OFFSET", ""))
        exhibit = exhibit_for_scans(resolve(registry["event_exhibit"], call.principal, call.path["id"]))
        demand_flag_of_keys(exhibit, call.principal)
        entries = [read_entry(scan, exhibit, call.principal, offset) for scan in scans]

        def work() -> None:
            for entry in entries:  # it may be run again after a deadlock
                if entry.outcome not in ("invalid", "bad_time"):
                    entry.outcome, entry.lead_id = "", None
            take_in(exhibit, entries)

        in_transaction(work)
        return {"results": [entry.answer() for entry in entries]}


def read_scans(call: Call) -> list[Any]:
    """Raises Invalid, TooLarge."""
    body = call.request.data
    if not isinstance(body, dict) or set(body) != {"scans"} or not isinstance(body["scans"], list):
        raise Invalid.field("scans", "Give an object with a list of scans.")
    if len(body["scans"]) > MAX_SCANS:
        raise TooLarge(f"At most {MAX_SCANS} scans at once.")
    return body["scans"]


def clock_offset(text: str) -> timedelta:
    """Device minus true time. Raises Invalid."""
    if not text:
        return timedelta()
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not -YEAR <= seconds <= YEAR:
        raise Invalid("x-ae-clock-offset is a number of seconds, at most a year.")
    return timedelta(seconds=seconds)


def demand_flag_of_keys(exhibit: EventExhibit, principal: Principal) -> None:
    """A key for the exhibit's CRM takes leads out; signed in by its passcode, the exhibit works with its own."""
    if principal.subject_by_key and not exhibit.leads_api_access:
        raise Refused("This exhibit's leads are not open to its key.")


@register
class LeadsSummary(Action):
    path = "event_exhibit/{id}/leads_summary"
    summary = "How many leads an exhibit has"
    description = "Hidden and disabled ones aside. Live: subscribe to the exhibit's trackings and ask again."
    least_role = Role.EXHIBITOR
    example = {
        "total": 2,
        "time_zone": "America/Denver",
        "by_hour": [{"hour": "2026-05-01T03:00:00-06:00", "count": 2}],
        "by_rep": [{"rep": "Grace Hopper", "count": 2}],
        "by_rating": [{"rating": 4, "count": 2}],
    }

    def run(self, call: Call) -> dict[str, Any]:
        exhibit = exhibit_of(call)
        for rule in registry["event_exhibit_tracking"].rules_for(call.principal.access):
            if getattr(exhibit, rule.field) != rule.value:
                raise Refused("This exhibit's leads are not open to you.")
        dear()
        return leads_summary(exhibit, call.principal.time_zone)
