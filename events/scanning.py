"""Scans of badges at an exhibit become leads: once each, whatever is sent twice, late, or from several devices."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.utils import timezone

from crud import AccountQuery, instance, registry
from crud.declare.fields import Kind
from crud.declare.values import parse, parse_for_field
from events.consent import decisions_about, shared_with
from events.models import Event, EventBadge, EventExhibit, EventExhibitScan, EventExhibitTracking
from events.questions import check_answers
from events.scan_merge import beginnings, fold, scan_of
from kernel.slots import Comparison
from kernel.wording import REQUIRED, characters, known_names
from tenancy.principal import Principal

MAX_REF: Final = 100
MAX_CODE: Final = 500
MAX_SCAN_NOTES: Final = 8_192
AHEAD: Final = timedelta(minutes=5)
LONGEST_AGO: Final = timedelta(days=90)
CODES: Final = ("badge_token", "id", "external_id")
"""What a badge's code may hold, where `event.cfg_json.scan_codes` names it; by default the token alone."""
VALUES: Final = {
    "rating": "rating",
    "exhibitor_notes": "exhibitor_notes",
    "responses_json": "responses_json",
    "tags": "tags_json",
}
KNOWN: Final = {"code", "captured_on", "client_ref", "captured_by", *VALUES}


EXHIBIT_COLUMNS: Final = ("id", "id_random", "account_id", "event_id", "leads_api_access", "leads_questions_json")
EVENT_COLUMNS: Final = ("id", "account_id", "cfg_json")
BADGE_COLUMNS: Final = ("id", "id_random", "account_id", "event_id", "badge_token", "external_id", "allow_tracking")
EXHIBIT = AccountQuery(
    lambda key: EventExhibit.objects.filter(Comparison("pk", "eq", key)).values_list(
        *EXHIBIT_COLUMNS, *(f"event__{name}" for name in EVENT_COLUMNS)
    )
)
LOCK = AccountQuery(
    lambda key: EventExhibit.objects.select_for_update().filter(Comparison("pk", "eq", key)).values_list("pk")
)
LEADS_OF_REFS = AccountQuery(
    lambda exhibit, refs: EventExhibitScan.objects.filter(
        Comparison("event_exhibit_id", "eq", exhibit), Comparison("client_ref", "in", refs)
    ).values_list("client_ref", "event_exhibit_tracking__id_random")
)
LEADS_OF_BADGES = AccountQuery(
    lambda exhibit, badges: (
        EventExhibitTracking.objects.select_for_update()
        .filter(Comparison("event_exhibit_id", "eq", exhibit), Comparison("event_badge_id", "in", badges))
        .values_list("pk")
    )
)


def _badges_by(column: str) -> AccountQuery:
    return AccountQuery(
        lambda codes: EventBadge.objects.filter(Comparison(column, "in", codes), enable=True).values_list(
            *BADGE_COLUMNS
        )
    )


BADGES_BY: Final = {kind: _badges_by("id_random" if kind == "id" else kind) for kind in CODES}


def exhibit_for_scans(key: int) -> EventExhibit:
    """With its event, of both what scans need."""
    (values,) = EXHIBIT.rows(key)
    exhibit: EventExhibit = instance(EventExhibit, EXHIBIT_COLUMNS, values[: len(EXHIBIT_COLUMNS)])
    exhibit.event = instance(Event, EVENT_COLUMNS, values[len(EXHIBIT_COLUMNS) :])
    return exhibit


@dataclass(slots=True)
class Entry:
    """One scan of a request."""

    client_ref: Any
    code: str = ""
    device_captured_on: datetime | None = None
    captured_on: datetime | None = None
    captured_by: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, list[str]] = field(default_factory=dict)
    outcome: str = ""
    lead_id: str | None = None
    """The public one."""

    def answer(self) -> dict[str, Any]:
        client_ref = self.client_ref if isinstance(self.client_ref, str) else None
        data: dict[str, Any] = {"client_ref": client_ref, "outcome": self.outcome}
        data["event_exhibit_tracking_id"] = self.lead_id
        if self.fields:
            data["fields"] = self.fields
        return data


def read_entry(given: Any, exhibit: EventExhibit, principal: Principal, offset: timedelta) -> Entry:
    """What one scan says. What is wrong with it stands in `fields`; its neighbours are none the worse for it."""
    if not isinstance(given, dict):
        return Entry(None, outcome="invalid", fields={"scan": ["Give an object."]})
    entry = Entry(given.get("client_ref"))
    for name in given.keys() - KNOWN:
        entry.fields[str(name)[:100]] = [known_names(sorted(KNOWN))]
    for name, most in (("client_ref", MAX_REF), ("code", MAX_CODE)):
        value = given.get(name)
        if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
            entry.fields[name] = [characters(1, most)]
    entry.code = given["code"].strip() if "code" not in entry.fields else ""
    _read_moment(entry, given, principal, offset)
    _read_values(entry, given, exhibit, principal)
    if entry.fields:
        entry.outcome = "invalid"
    return entry


def _read_moment(entry: Entry, given: dict[str, Any], principal: Principal, offset: timedelta) -> None:
    try:
        entry.device_captured_on = parse(Kind.DATETIME, given.get("captured_on"), principal.time_zone)
        if entry.device_captured_on is None:
            raise ValidationError(REQUIRED)
        entry.captured_on = entry.device_captured_on - offset
    except ValidationError as error:
        entry.fields["captured_on"] = list(error.messages)
    except OverflowError:
        entry.fields["captured_on"] = ["The moment is out of range."]
    else:
        now = timezone.now()
        if not now - LONGEST_AGO <= entry.captured_on <= now + AHEAD:
            entry.outcome = "bad_time"


def _read_values(entry: Entry, given: dict[str, Any], exhibit: EventExhibit, principal: Principal) -> None:
    fields = registry["event_exhibit_tracking"].fields
    names = {**VALUES, "captured_by": "captured_by"}
    for name, column in names.items():
        if given.get(name) is None:
            continue
        try:
            value = parse_for_field(fields[column], given[name], principal.time_zone)
            if name == "exhibitor_notes" and len(value) > MAX_SCAN_NOTES:
                raise ValidationError(characters(None, MAX_SCAN_NOTES))
            if name == "responses_json":
                check_answers(exhibit.leads_questions_json, value)
        except ValidationError as error:
            entry.fields[name] = list(error.messages)
            continue
        if name == "captured_by":
            entry.captured_by = value
        else:
            entry.values[column] = value
    if principal.rep_by_passcode or not entry.captured_by:
        entry.captured_by = principal.rep_name or entry.captured_by


def take_in(exhibit: EventExhibit, entries: list[Entry]) -> None:
    """Write what is good of the entries, and set every outcome. In a transaction."""
    # One request after the other for an exhibit: each sees what the one before has made.
    LOCK.rows(exhibit.pk)
    waiting = _without_duplicates(exhibit, entries)
    badges = _badges_of(exhibit, {entry.code for entry in waiting})
    scanned: dict[int, list[Entry]] = defaultdict(list)
    by_key: dict[int, EventBadge] = {}
    for entry in waiting:
        badge = badges.get(entry.code)
        if badge is None:
            entry.outcome = "unknown_code"
        elif badge.event_id != exhibit.event_id:
            entry.outcome = "other_event"
        else:
            by_key[badge.pk] = badge
            scanned[badge.pk].append(entry)
    if scanned:
        _merge(exhibit, by_key, scanned)


def _without_duplicates(exhibit: EventExhibit, entries: list[Entry]) -> list[Entry]:
    refs = {e.client_ref for e in entries if isinstance(e.client_ref, str) and "client_ref" not in e.fields}
    leads: dict[str, str] = dict(LEADS_OF_REFS.rows(exhibit.pk, list(refs)))
    waiting: dict[str, Entry] = {}
    for entry in entries:
        if "client_ref" not in entry.fields and entry.client_ref in leads:
            entry.outcome, entry.lead_id, entry.fields = "duplicate", leads[entry.client_ref], {}
        elif not entry.outcome:
            if entry.client_ref in waiting:
                entry.outcome = "duplicate"
            else:
                waiting[entry.client_ref] = entry
    return list(waiting.values())


def _badges_of(exhibit: EventExhibit, codes: set[str]) -> dict[str, EventBadge]:
    """Code → the enabled badge that it stands for, of whatever event of the account."""
    settings = exhibit.event.cfg_json if isinstance(exhibit.event.cfg_json, dict) else {}
    listed = settings.get("scan_codes")
    kinds = [kind for kind in CODES if kind in listed] if isinstance(listed, list) and listed else ["badge_token"]
    badges: dict[str, EventBadge] = {}
    doubtful: set[str] = set()
    for kind in reversed(kinds):  # the token counts before an external id that looks like one
        for values in BADGES_BY[kind].rows(list(codes)):
            badge = instance(EventBadge, BADGE_COLUMNS, values)
            code = badge.id_random if kind == "id" else getattr(badge, kind)
            if code not in codes:
                continue
            if kind == "external_id":
                # The same in another event is another badge; two of this event are nobody's.
                other = badges.get(code)
                if other is not None and other.event_id == badge.event_id == exhibit.event_id:
                    doubtful.add(code)
                if other is not None and other.event_id == exhibit.event_id:
                    continue
            else:
                doubtful.discard(code)
            badges[code] = badge
    return {code: badge for code, badge in badges.items() if code not in doubtful}


def _merge(exhibit: EventExhibit, badges: dict[int, EventBadge], scanned: dict[int, list[Entry]]) -> None:
    decisions = decisions_about(badges)
    shared = {key: shared_with(decisions[key], exhibit.pk, badge.allow_tracking) for key, badge in badges.items()}
    keys = [key for (key,) in LEADS_OF_BADGES.rows(exhibit.pk, list(badges))]
    leads = {lead.event_badge_id: lead for lead in EventExhibitTracking.objects.filter(pk__in=keys)} if keys else {}
    for lead in leads.values():
        lead.event_exhibit = exhibit  # known, and not asked for again
    stored = _kept_scans(leads)
    fresh = [_new_lead(exhibit, badges[key], shared[key]) for key in scanned if key not in leads]
    begun: list[EventExhibitScan] = []
    for lead in leads.values():
        if not stored[lead.pk]:
            stored[lead.pk] = beginnings(lead)
            begun += stored[lead.pk]
    for lead in fresh:  # folded before it is written, so that it is written once
        own = [_scan(lead, entry) for entry in scanned[lead.event_badge_id]]
        fold(lead, own)
    EventExhibitTracking.objects.bulk_create(fresh)
    leads |= {lead.event_badge_id: lead for lead in fresh}
    new_keys = {lead.pk for lead in fresh}
    scans: list[EventExhibitScan] = []
    for key, entries in scanned.items():
        lead = leads[key]
        scans += [_scan(lead, entry) for entry in entries]
        for number, entry in enumerate(entries):
            entry.lead_id = lead.id_random
            entry.outcome = "created" if lead.pk in new_keys and number == 0 else "merged"
            if not shared[key]:
                entry.outcome = "not_consented"
    EventExhibitScan.objects.bulk_create([*begun, *scans])
    for scan in scans:
        stored.setdefault(scan.event_exhibit_tracking_id, []).append(scan)
    for lead in leads.values():
        if lead.pk not in new_keys:
            fold(lead, stored[lead.pk])
            lead.hide, lead.folding = False, True
            lead.save()


def _kept_scans(leads: dict[int, Any]) -> dict[int, list[Any]]:
    by_lead: dict[int, list[Any]] = {lead.pk: [] for lead in leads.values()}
    if not by_lead:
        return {}
    for scan in EventExhibitScan.objects.filter(event_exhibit_tracking_id__in=by_lead).order_by("pk"):
        by_lead[scan.event_exhibit_tracking_id].append(scan)
    return by_lead


def _new_lead(exhibit: EventExhibit, badge: EventBadge, shared: bool) -> Any:
    lead = EventExhibitTracking(event_exhibit=exhibit, event_badge=badge, account_id=exhibit.account_id)
    lead.consent_known = shared
    return lead


def _scan(lead: Any, entry: Entry) -> Any:
    assert entry.captured_on is not None
    return scan_of(
        lead,
        entry.client_ref,
        entry.captured_on,
        device_captured_on=entry.device_captured_on,
        captured_by=entry.captured_by,
        values_json=entry.values,
    )
