"""Who comes: registrations and badges, exhibitors and their leads."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.hashers import make_password

from demo import credentials
from demo.files import BADGE_BACKGROUND
from demo.loader import Demo, Rows
from demo.words import company_of, email_of, html, names_of_person, paragraph, phone_of, pick
from events.models import (
    EventBadge,
    EventBadgeConsent,
    EventBadgeTemplate,
    EventExhibit,
    EventExhibitTracking,
    EventPerson,
)

CATEGORIES = ("member", "member", "guest", "student", "speaker", "press")
STRIDE = 37
"""Prime to every number of registrations, so that leads go round all badges before one comes again."""
DECISIONS = 12
"""So many attendees have decided who gets their contact data: the holders of the first leads' badges."""
INTERESTS = ["Offer", "Demonstration", "Newsletter"]
TIMES = ["This week", "This month", "Later"]
QUESTIONS = [
    {"code": "interest", "label": "Interested in", "type": "choice", "options": INTERESTS},
    {"code": "when", "label": "When to call back", "type": "choice", "options": TIMES},
    {"code": "remarks", "label": "Remarks", "type": "text"},
]
REMARKS = ("Asked for prices.", "Knows us from last year.", "=SUM(1;2) is what they typed", "-20 % promised", "")


def registration(demo: Demo, number: int) -> dict[str, Any]:
    names = names_of_person(demo, number)
    people = demo.sizes.people * demo.blocks
    return {
        **names,
        "event_id": demo.key("event"),
        "person_id": demo.key("person", number) if number < people else None,
        "registration_type_code": pick(CATEGORIES, number),
        "external_id": f"REG-{30_000 + number}",
        "professional_title": pick(demo.association.titles, number),
        "affiliations": company_of(demo, number % demo.sizes.exhibits),
        "email": email_of(names, number),
        "phone": phone_of(demo, number),
    }


def badge_template(demo: Demo, number: int) -> dict[str, Any]:
    name = ("Participants", "Exhibitors", "Participants, new layout", "Participants 2024")[number]
    return {
        "event_id": demo.key("event"),
        "name": name,
        "width_mm": 86.0,
        "height_mm": 54.0,
        "background_hosted_file_id": demo.key("hosted_file", BADGE_BACKGROUND),
        "layout_json": {"elements": layout(demo.association.conference, name)},
    }


def layout(heading: str, kind: str) -> list[dict[str, Any]]:
    return [
        {"type": "text", "text": heading, "x": 4, "y": 2.5, "w": 78, "h": 5, "size": 9, "colour": "#ffffff"},
        {"type": "field", "field": "full_name", "x": 4, "y": 15, "w": 58, "h": 10, "size": 20, "bold": True},
        {"type": "field", "field": "professional_title", "x": 4, "y": 26, "w": 58, "h": 6, "size": 10},
        {"type": "field", "field": "affiliations", "x": 4, "y": 33, "w": 58, "h": 6, "size": 10},
        {"type": "qr", "field": "id", "x": 62, "y": 30, "w": 20, "h": 20},
        {"type": "box", "x": 4, "y": 44, "w": 30, "h": 6, "fill": "#e4e4e4"},
        {"type": "text", "text": kind, "x": 5, "y": 45, "w": 28, "h": 4, "size": 8},
    ]


def badge(demo: Demo, number: int) -> dict[str, Any]:
    names = names_of_person(demo, number)
    printed = number % 3 + (number % 5 == 0)
    first = demo.moment(0, 7 * 60 + number % 240)
    return {
        **names,
        "event_id": demo.key("event"),
        "event_person_id": demo.key("event_person", number),
        "event_badge_template_id": demo.key("event_badge_template", 1 if number % 10 == 9 else 0),
        "full_name_override": f"Prof. {names['family_name']}" if number % 16 == 3 else None,
        "professional_title": pick(demo.association.titles, number),
        "affiliations": company_of(demo, number % demo.sizes.exhibits),
        "location": f"{demo.association.city}, {demo.association.country}",
        "email": email_of(names, number),
        "phone": phone_of(demo, number),
        "badge_type_code": pick(CATEGORIES, number),
        "allow_tracking": number % 3 != 2,
        "print_count": printed,
        "first_printed_on": first if printed else None,
        "last_printed_on": demo.moment(printed - 1, 7 * 60 + number % 240) if printed else None,
        "external_id": f"B-{30_000 + number}",
    }


def exhibit(demo: Demo, number: int) -> dict[str, Any]:
    name = company_of(demo, number)
    return {
        "event_id": demo.key("event"),
        "organization_id": demo.key("organization", number),
        "event_location_id": demo.key("event_location") if number % 2 else None,
        "code": f"{pick(('A', 'B', 'C'), number)}{number + 11}",
        "name": name,
        "description": html(f"{name} shows what is new.", paragraph(number, 2)),
        "leads_api_access": number % 4 != 3,
        "leads_questions_json": QUESTIONS if number % 4 != 2 else QUESTIONS[:1],
        "passcode": passcode_hash(demo),
    }


def passcode_hash(demo: Demo) -> str:
    """One for all exhibits: a hash is slow to make, on purpose."""
    if not demo.exhibit_passcode:
        demo.exhibit_passcode = make_password(credentials.passcode(f"{demo.association.code}/exhibit"))
    return demo.exhibit_passcode


def meeting(demo: Demo, number: int) -> tuple[int, int]:
    """The numbers of a lead's exhibit and badge."""
    sizes = demo.sizes
    block, place = divmod(number, sizes.leads)
    badge_place = place * STRIDE % sizes.registrations
    exhibit_place = popular(place, sizes.registrations, sizes.exhibits)
    return block * sizes.exhibits + exhibit_place, block * sizes.registrations + badge_place


def lead(demo: Demo, number: int) -> dict[str, Any]:
    exhibit_number, badge_number = meeting(demo, number)
    dice = demo.dice("lead", number)
    return {
        "event_exhibit_id": demo.key("event_exhibit", exhibit_number),
        "event_badge_id": demo.key("event_badge", badge_number),
        "captured_on": demo.moment(dice.randrange(2), 9 * 60 + dice.randrange(8 * 60)),
        "captured_by": f"Scanner {dice.randrange(3) + 1}",
        "rating": dice.randrange(6),
        "exhibitor_notes": html(pick(REMARKS, number), "<b>Call back.</b>") if number % 3 == 0 else None,
        "responses_json": answers(number),
    }


def consent(demo: Demo, number: int) -> dict[str, Any]:
    """What the holder of a lead's badge decided, the day after."""
    exhibit_number, badge_number = meeting(demo, number)
    return {
        "event_badge_id": demo.key("event_badge", badge_number),
        "event_exhibit_id": None if number % 4 == 3 else demo.key("event_exhibit", exhibit_number),
        "share": number % 3 == 0,
        "decided_on": demo.moment(2, 9 * 60 + number * 20),
        "decided_by": "attendee",
        "how": EventBadgeConsent.How.ATTENDEE,
    }


def popular(place: int, round_length: int, exhibits: int) -> int:
    """The exhibit of a lead. The first ones draw more people; nobody is at the same one in two rounds.

    The first badge has not been to the first exhibit: who tries the API takes that lead.
    """
    turn, step = divmod(place, round_length)
    share = ((step * 7 + round_length // 2) % round_length) / round_length
    return (int(share * share * exhibits) + turn) % exhibits


def answers(number: int) -> Any:
    """As clients have stored them over the years: an object, or a list."""
    match number % 4:
        case 0:
            return {"interest": INTERESTS[number % 3], "when": TIMES[number % 2], "remarks": REMARKS[number % 5]}
        case 1:
            return [{"code": "interest", "answer": INTERESTS[:2]}, {"code": "when", "answer": TIMES[2]}]
        case 2:
            return [{"question": "interest", "response": INTERESTS[1]}, {"question": "budget", "value": 5_000 + number}]
        case _:
            return None


REGISTRATION = [
    Rows(EventPerson, registration, "registrations", hidden=frozenset({61}), disabled=frozenset({72})),
    Rows(EventBadgeTemplate, badge_template, 4, hidden=frozenset({2}), disabled=frozenset({3})),
    Rows(EventBadge, badge, "registrations", hidden=frozenset({33}), disabled=frozenset({44})),
    Rows(EventExhibit, exhibit, "exhibits", hidden=frozenset({4}), disabled=frozenset({5})),
    Rows(EventBadgeConsent, consent, DECISIONS),  # before the leads, which take from them what they share
    Rows(EventExhibitTracking, lead, "leads", hidden=frozenset({71}), disabled=frozenset({82})),
]
