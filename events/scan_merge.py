"""One lead of many scans, whatever the order in which they come (contract section 8).

Earlier and later mean the moment by the true clock, and `client_ref` where two are the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Any, Final

from django.apps import apps
from django.utils import timezone

from events.questions import named_answers
from kernel.html import sanitise_html
from kernel.request_context import warn

FOLDED: Final = frozenset({"rating", "exhibitor_notes", "responses_json", "tags_json"})
MAX_NOTES: Final = 65_536


def scans() -> Any:
    return apps.get_model("events", "EventExhibitScan")


def scan_of(lead: Any, client_ref: str, captured_on: datetime, **values: Any) -> Any:
    return scans()(
        account_id=lead.account_id,
        event_exhibit=lead.event_exhibit,
        event_exhibit_tracking=lead,
        client_ref=client_ref,
        captured_on=captured_on,
        **values,
    )


def is_of_a_device(scan: Any) -> bool:
    """Every device says when it scanned. Its `client_ref` tells nothing: a device may choose any."""
    return scan.device_captured_on is not None


def keep_change(lead: Any, values: dict[str, Any]) -> None:
    """What was changed by hand."""
    scan_of(lead, f"hand:{secrets.token_hex(8)}", timezone.now(), by_hand=True, values_json=values).save()


def beginnings(lead: Any) -> list[Any]:
    """What a lead held before its first scan: when it was captured, and what it said when it was last written."""
    captured_on = lead.captured_on or lead.created_on
    first = scan_of(lead, f"hand:{secrets.token_hex(8)}", captured_on, captured_by=lead.captured_by)
    values = {name: value for name in sorted(FOLDED) if (value := getattr(lead, name)) is not None}
    if not values:
        return [first]
    ref = f"hand:{secrets.token_hex(8)}"
    return [first, scan_of(lead, ref, lead.updated_on, by_hand=True, values_json=values)]


def fold(lead: Any, scans: Iterable[Any]) -> None:
    """Set the lead's columns from all its scans. It is not saved."""
    ordered = sorted(scans, key=lambda scan: (scan.captured_on, scan.client_ref))
    captured = [scan for scan in ordered if not scan.by_hand]
    first = captured[0]
    lead.captured_on, lead.captured_by = first.captured_on, first.captured_by
    lead.client_ref = first.client_ref if is_of_a_device(first) else None
    lead.device_captured_on, lead.received_on = first.device_captured_on, first.received_on
    lead.scan_count = sum(map(is_of_a_device, captured))
    ratings = [scan.values_json["rating"] for scan in ordered if "rating" in scan.values_json]
    lead.rating = ratings[-1] if ratings else None
    lead.responses_json = _answers(ordered)
    lead.tags_json = _tags(ordered)
    lead.exhibitor_notes = _notes(ordered)


def _answers(ordered: list[Any]) -> Any:
    """The latest wins, question by question."""
    answers: Any = None
    for scan in ordered:
        scanned = scan.values_json.get("responses_json")
        if scan.by_hand and "responses_json" in scan.values_json:
            answers = scanned
        elif scanned:
            answers = {**dict(named_answers(answers or {})), **dict(named_answers(scanned))}
    return answers


def _tags(ordered: list[Any]) -> list[str] | None:
    tags: list[str] | None = None
    for scan in ordered:
        scanned = scan.values_json.get("tags_json")
        if scan.by_hand and "tags_json" in scan.values_json:
            tags = scanned
        elif scanned:
            tags = sorted({*(tags or []), *scanned})
    return tags


def _notes(ordered: list[Any]) -> str | None:
    """One below the other. A text that was written by hand holds those that had come before it."""
    by_hand = [scan for scan in ordered if scan.by_hand and "exhibitor_notes" in scan.values_json]
    text, after = "", 0
    if by_hand:
        last = max(by_hand, key=lambda scan: scan.pk or 0)
        text, after = last.values_json["exhibitor_notes"] or "", last.pk or 0
    for scan in ordered:
        if scan.by_hand or not scan.values_json.get("exhibitor_notes") or (scan.pk or 0) < after:
            continue
        longer = text + _note(scan)
        if len(longer.encode()) > MAX_NOTES:
            warn("exhibitor_notes: the lead holds 64 KiB of notes; newer ones were left out.")
            break
        text = longer
    return text or None


def _note(scan: Any) -> str:
    who = f"{scan.captured_by}, " if scan.captured_by else ""
    moment = f"{scan.captured_on:%Y-%m-%d %H:%M} UTC"
    return f"<p><strong>{escape(who)}{moment}</strong></p>{sanitise_html(scan.values_json['exhibitor_notes'])}"
