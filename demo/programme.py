"""The conference: events, rooms, sessions, presentations, presenters, devices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from demo.loader import Demo, Rows
from demo.words import company_of, email_of, html, names_of_person, paragraph, pick, subject_of
from events.models import Event, EventDevice, EventLocation, EventPresentation, EventPresenter, EventSession
from events.models.event_device_command import EventDeviceCommand

DAYS = 3
MORNING, NOON, AFTERNOON, EVENING = 9 * 60, 11 * 60, 13 * 60 + 30, 16 * 60
SLOTS = (
    *((0, MORNING), (0, AFTERNOON), (0, EVENING)),
    *((1, MORNING), (1, AFTERNOON), (1, EVENING)),
    *((2, MORNING), (2, NOON)),
)
"""Day and minute at which sessions begin."""
SESSION_MINUTES = 90
TALK_MINUTES = 40
FORMATS = ("symposium", "workshop", "poster", "debate")
MAIN, LAST_YEARS, NEXT_YEARS, CANCELLED = range(4)


def event(demo: Demo, number: int) -> dict[str, Any]:
    association = demo.association
    name, code, days_away, type_code = (
        (association.conference, association.conference_code, 0, "conference"),
        (in_year(association.conference, 25), in_year(association.conference_code, 25), -364, "conference"),
        (in_year(association.conference, 27), in_year(association.conference_code, 27), 364, "conference"),
        (f"{association.short_name} winter workshop", "WINTER", 120, "workshop"),
    )[number]
    return {
        "site_id": demo.key("site"),
        "code": code,
        "name": name,
        "summary": f"{name} in {association.city}: three days, one programme.",
        "description": html(f"{association.name} {association.purpose}.", paragraph(number, 4)),
        "type_code": type_code,
        "start_datetime": demo.moment(days_away, 8 * 60),
        "end_datetime": demo.moment(days_away + DAYS - 1, 18 * 60),
        "time_zone": association.time_zone,
        "location_text": association.venue,
        "external_id": f"EV-{2026 - number}",
        "cfg_json": {"badge_printing": True, "lead_retrieval": number == MAIN, "launcher": {"refresh_seconds": 30}},
    }


def in_year(name: str, year: int) -> str:
    return f"{name.removesuffix('26')}{year}"


def location(demo: Demo, number: int) -> dict[str, Any]:
    rooms = demo.association.rooms
    block = number // len(rooms)
    name = pick(rooms, number)
    return {
        "event_id": demo.key("event", MAIN),
        "code": f"R{number + 1}",
        "name": f"{name} {block + 1}" if block else name,
        "description": html(f"Level {number % 3}, {name}."),
        "capacity": (600, 180, 120, 80, 60)[number % len(rooms)],
        "sort": number,
    }


def spare_location(demo: Demo, number: int) -> dict[str, Any]:
    name = ("Staff lounge", "Closed wing")[number]
    return {"event_id": demo.key("event", MAIN), "code": f"X{number + 1}", "name": name}


def room_of(demo: Demo, session_number: int) -> int:
    """Sessions go round the rooms of their block, so that none has two at a time."""
    block, place = divmod(session_number, demo.sizes.sessions)
    return block * demo.sizes.rooms + place % demo.sizes.rooms


def start_of(demo: Demo, session_number: int) -> datetime:
    return demo.moment(*SLOTS[session_number % demo.sizes.sessions // demo.sizes.rooms])


def session(demo: Demo, number: int) -> dict[str, Any]:
    start = start_of(demo, number)
    return {
        "event_id": demo.key("event", MAIN),
        "event_location_id": demo.key("event_location", room_of(demo, number)),
        "poc_person_id": demo.key("person", number) if number % 2 == 0 else None,
        "code": f"S{number + 1:02d}",
        "name": "Opening plenary" if number == 0 else subject_of(demo, number),
        "description": html(paragraph(number, 4), paragraph(number + 5, 2)),
        "type_code": "plenary" if number == 0 else pick(FORMATS, number),
        "start_datetime": start,
        "end_datetime": start + timedelta(minutes=SESSION_MINUTES),
        "external_id": f"SES-{1_000 + number}",
        "priority": number == 0,
        "group": f"Track {number % 4 + 1}",
    }


def presentation(demo: Demo, number: int) -> dict[str, Any]:
    session_number = number // 2
    start = start_of(demo, session_number) + timedelta(minutes=(TALK_MINUTES + 5) * (number % 2))
    return {
        "event_session_id": demo.key("event_session", session_number),
        "code": f"P{number + 1:03d}",
        "name": "Opening keynote" if number == 0 else subject_of(demo, number + 17),
        "description": html(paragraph(number + 2)),
        "start_datetime": start,
        "end_datetime": start + timedelta(minutes=TALK_MINUTES),
        "external_id": f"ABS-{20_000 + number}",
        "sort": number % 2,
    }


def presentation_of(demo: Demo, presenter_number: int) -> int:
    """Every presentation has a speaker; the first ones have a co-author too."""
    block, place = divmod(presenter_number, demo.sizes.presenters)
    return block * demo.sizes.presentations + place % demo.sizes.presentations


def presenter(demo: Demo, number: int) -> dict[str, Any]:
    presentation_number = presentation_of(demo, number)
    person_number = number % (demo.sizes.people * demo.blocks)
    speaker = number % demo.sizes.presenters < demo.sizes.presentations
    return speaks(demo, person_number) | {
        "event_presentation_id": demo.key("event_presentation", presentation_number),
        "event_session_id": demo.key("event_session", presentation_number // 2),
        "person_id": demo.key("person", person_number),
        "role_code": "speaker" if speaker else "co_author",
        "agreed_on": demo.moment(-40, 10 * 60 + number % 300) if number % 5 else None,
        "external_id": f"SPK-{5_000 + number}",
        "sort": 0 if speaker else 1,
    }


def speaks(demo: Demo, person_number: int) -> dict[str, Any]:
    names = names_of_person(demo, person_number)
    title = pick(demo.association.titles, person_number)
    return {
        **names,
        "professional_title": title,
        "affiliations": company_of(demo, person_number % demo.sizes.exhibits),
        "email": email_of(names, person_number),
        "biography": html(f"{title} in {demo.association.city}. {paragraph(person_number, 2)}"),
    }


def device(demo: Demo, number: int) -> dict[str, Any]:
    """A machine in every room."""
    return {
        "event_id": demo.key("event", MAIN),
        "event_location_id": demo.key("event_location", number),
        "code": f"PC-{number + 1}",
        "name": f"Podium {pick(demo.association.rooms, number)}",
        "type_code": "room_pc",
        "cfg_json": {"display": {"width": 1920, "height": 1080}, "autostart": True},
        "status_json": {"online": number % 4 != 2, "files_cached": 12 + number, "disk_free_percent": 61},
        "last_seen_on": demo.moment(1, 17 * 60 + number % 30),
        "profile": EventDevice.Profile.LAUNCHER,
        "platform": "Windows 11",
        "version": "2.1.0",
        "enrolled_on": demo.moment(-1, 8 * 60 + number),
    }


def command(demo: Demo, number: int) -> dict[str, Any]:
    """What the machines were told."""
    commands = EventDeviceCommand.Command
    samples = (commands.IDENTIFY, None), (commands.MESSAGE, {"text": "Five minutes left"}), (commands.RELOAD, None)
    at = demo.moment(1, 9 * 60 + number)
    return {
        "event_device_id": demo.key("event_device", number % 2),
        "command": samples[number][0],
        "payload_json": samples[number][1],
        "status": EventDeviceCommand.Status.ACKNOWLEDGED,
        "sent_on": at,
        "answered_on": at + timedelta(seconds=1),
    }


def special_device(demo: Demo, number: int) -> dict[str, Any]:
    code, name, type_code = (
        ("KIOSK-1", "Kiosk at the entrance", "kiosk"),
        ("PRINT-1", "Badge printer", "badge_printer"),
        ("KIOSK-2", "Spare kiosk", "kiosk"),
        ("OLD-1", "Broken kiosk", "kiosk"),
    )[number]
    return {"event_id": demo.key("event", MAIN), "code": code, "name": name, "type_code": type_code, "cfg_json": {}}


# What hangs on the other events: last year's is public, next year's hidden, the workshop disabled. Visitors must see
# the first one's programme, and nothing of the others'.

OTHERS = (LAST_YEARS, NEXT_YEARS, CANCELLED)


def other_session(demo: Demo, number: int) -> dict[str, Any]:
    start = demo.moment((-364, 364, 120)[number], 9 * 60)
    return {
        "event_id": demo.key("event", OTHERS[number]),
        "code": "S01",
        "name": ("Last year's opening", "Next year's opening (draft)", "Cancelled workshop")[number],
        "start_datetime": start,
        "end_datetime": start + timedelta(minutes=SESSION_MINUTES),
    }


def other_presentation(demo: Demo, number: int) -> dict[str, Any]:
    name = ("Looking back", "Secret topic", "Called off")[number]
    return {"event_session_id": demo.key("other_session", number), "code": "P001", "name": name}


def other_presenter(demo: Demo, number: int) -> dict[str, Any]:
    return speaks(demo, number + 3) | {
        "event_presentation_id": demo.key("other_presentation", number),
        "event_session_id": demo.key("other_session", number),
        "person_id": demo.key("person", number + 3),
        "role_code": "speaker",
    }


PROGRAMME = [
    Rows(Event, event, 4, hidden=frozenset({NEXT_YEARS}), disabled=frozenset({CANCELLED})),
    Rows(EventLocation, location, "rooms"),
    Rows(EventLocation, spare_location, 2, label="spare_location", hidden=frozenset({0}), disabled=frozenset({1})),
    Rows(EventSession, session, "sessions", hidden=frozenset({17}), disabled=frozenset({21})),
    Rows(EventSession, other_session, len(OTHERS), label="other_session"),
    Rows(EventPresentation, presentation, "presentations", hidden=frozenset({19}), disabled=frozenset({27})),
    Rows(EventPresentation, other_presentation, len(OTHERS), label="other_presentation"),
    Rows(EventPresenter, presenter, "presenters", hidden=frozenset({23}), disabled=frozenset({29})),
    Rows(EventPresenter, other_presenter, len(OTHERS), label="other_presenter"),
    Rows(EventDevice, device, "rooms"),
    Rows(EventDevice, special_device, 4, label="special_device", hidden=frozenset({2}), disabled=frozenset({3})),
    Rows(EventDeviceCommand, command, 3),
]
