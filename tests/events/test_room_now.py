"""What is on in a room, and the programme as calendars."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from events.icalendar import CalendarEntry, calendar
from tests.conftest import Caller, Party
from tests.events.rooms import NOBODY, Venue

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Day(Venue):
    """A session from noon with two talks of half an hour, and one after two hours."""

    def __init__(self, party: Party) -> None:
        super().__init__(party)
        self.first = self.timed("event_session", 0, 60, name="Opening", **self.place)
        self.talks = [
            self.timed("event_presentation", 30 * n, 30 * n + 30, name=f"Talk {n}", event_session_id=self.first["id"])
            for n in (0, 1)
        ]
        self.last = self.timed("event_session", 120, 180, name="Closing; the end", **self.place)
        self.speaker = self.staff.create(
            "event_presenter", event_presentation_id=self.talks[0]["id"], given_name="Ada", email="ada@example.org"
        )

    @property
    def place(self) -> dict[str, str]:
        return {"event_id": self.event["id"], "event_location_id": self.room["id"]}

    def timed(self, type_name: str, start: int, end: int, **values: Any) -> dict[str, Any]:
        moments = [(NOON + timedelta(minutes=minutes)).isoformat() for minutes in (start, end)]
        return self.staff.create(type_name, start_datetime=moments[0], end_datetime=moments[1], **values)

    def at(self, minutes: float) -> dict[str, Any]:
        moment = (NOON + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
        answer = self.staff.get(f"/v3/action/event_location/{self.room['id']}/now?at={moment}")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.data
        return found


@pytest.fixture
def day(north: Party) -> Day:
    return Day(north)


def names(found: dict[str, Any]) -> tuple[str | None, str | None]:
    return tuple(found[turn] and found[turn]["name"] for turn in ("now", "next"))  # type: ignore[return-value]


def test_now_and_next(day: Day) -> None:
    told = {
        -10: ((None, "Talk 0"), None, 0),
        0: (("Talk 0", "Talk 1"), 1800, 0),
        29.5: (("Talk 0", "Talk 1"), 30, 0),
        30: (("Talk 1", "Closing; the end"), 1800, 0),
        65: (("Talk 1", "Closing; the end"), 0, 300),
        90: ((None, "Closing; the end"), None, 0),
        120: (("Closing; the end", None), 3600, 0),
        185: (("Closing; the end", None), 0, 300),
        211: ((None, None), None, 0),
    }
    for minutes, (turns, left, over) in told.items():
        found = day.at(minutes)
        assert (names(found), found["seconds_left"], found["over_run_seconds"]) == (turns, left, over), minutes
    found = day.at(10)
    assert (found["time_zone"], found["server_time"]) == ("Europe/Berlin", "2026-05-01T12:10:00Z")
    assert found["now"]["session_name"] == "Opening"
    day.staff.delete(f"/v3/crud/event_presentation/{day.talks[0]['id']}?method=hide")
    assert names(day.at(10)) == (None, "Talk 1")
    day.staff.delete(f"/v3/crud/event_session/{day.first['id']}?method=disable")
    assert names(day.at(10)) == (None, "Closing; the end")


def test_whether_the_speaker_has_come(day: Day, south: Party) -> None:
    path = f"/v3/action/event_presenter/{day.speaker['id']}/arrived"
    assert [one["arrived_on"] for one in day.at(-5)["presenters"]] == [None]
    came = day.party.member.post(path, {"arrived": True}).data["arrived_on"]
    assert day.party.member.post(path, {"arrived": True}).data["arrived_on"] == came
    (speaker,) = day.at(5)["presenters"]
    assert (speaker["full_name"], speaker["arrived_on"]) == ("Ada", came)
    assert "ada@example.org" not in str(day.at(5))
    assert day.party.member.post(path, {"arrived": False}).data["arrived_on"] is None
    history = day.staff.get(f"/v3/crud/event_presenter/{day.speaker['id']}/history").data
    assert [entry["action"] for entry in history] == ["updated", "updated", "created"]
    for caller in (day.party.guest, south.manager, day.machine("signage").caller):
        assert caller.post(path, {"arrived": True}).status == 403
    for body in ({}, {"arrived": 1}, {"arrived": True, "x": 1}, []):
        assert day.staff.post(path, body).status == 400
    assert day.staff.patch(f"/v3/crud/event_presenter/{day.speaker['id']}", {"arrived_on": None}).status == 400


def test_who_may_ask(day: Day, south: Party) -> None:
    path = f"/v3/action/event_location/{day.room['id']}/now"
    sign = day.machine("signage").caller
    for caller in (day.party.member, sign, day.machine().caller):
        assert caller.get(path).status == 200
        assert caller.get(f"{path}?at=2026-05-01T12:00:00Z").status == 403
    elsewhere = day.add_room("Hall 2")
    assert sign.get(f"/v3/action/event_location/{elsewhere['id']}/now").status == 403
    for caller in (day.party.guest, south.manager, day.machine("kiosk").caller):
        assert caller.get(path).status == 403
    for wrong in ("x", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00%2B14:00"):
        assert day.staff.get(f"{path}?at={wrong}").status == 400, wrong


# --- calendars


def read(content: bytes) -> dict[str, Any]:
    """By a parser that is not ours: what stands in a calendar, by title."""
    lines = content.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert lines[-1] == b""
    found = Calendar.from_ical(content)
    assert not found.errors
    return {str(event["summary"]): event for event in found.walk("VEVENT")}


def test_calendars(day: Day) -> None:
    answer = day.staff.get(f"/v3/action/event/{day.event['id']}/calendar.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    events = read(answer.raw.content)
    assert set(events) == {"Opening", "Closing; the end"}
    opening = events["Opening"]
    assert opening["dtstart"].dt == NOON
    assert opening["dtstart"].params["TZID"] == "Europe/Berlin"
    assert opening["dtend"].dt == NOON + timedelta(hours=1)
    assert str(opening["location"]) == "Hall 1"
    assert str(opening["uid"]) == f"{day.first['id']}.event_session@aether"
    room = read(day.staff.get(f"/v3/action/event_location/{day.room['id']}/calendar.ics").raw.content)
    assert set(room) == set(events)
    empty = day.add_room("Hall 2")
    assert read(day.staff.get(f"/v3/action/event_location/{empty['id']}/calendar.ics").raw.content) == {}
    own = read(day.staff.get(f"/v3/action/event_presenter/{day.speaker['id']}/calendar.ics").raw.content)
    assert {title: event["dtstart"].dt for title, event in own.items()} == {"Talk 0": NOON}


def test_a_presenter_is_a_person(day: Day) -> None:
    person = day.staff.create("person", given_name="Ada")
    both = {"person_id": person["id"], "given_name": "Ada"}
    first = day.staff.create("event_presenter", event_presentation_id=day.talks[0]["id"], **both)
    day.staff.create("event_presenter", event_presentation_id=day.talks[1]["id"], **both)
    path = f"/v3/action/event_presenter/{first['id']}/calendar.ics"
    assert set(read(day.staff.get(path).raw.content)) == {"Talk 0", "Talk 1"}
    day.staff.delete(f"/v3/crud/event_presentation/{day.talks[1]['id']}?method=hide")
    assert set(read(day.staff.get(path).raw.content)) == {"Talk 0"}


def test_who_reads_calendars(day: Day, south: Party) -> None:
    guest = day.party.guest
    assert guest.get(f"/v3/action/event/{day.event['id']}/calendar.ics").status == 200
    assert guest.get(f"/v3/action/event_location/{day.room['id']}/calendar.ics").status == 403
    day.staff.delete(f"/v3/crud/event/{day.event['id']}?method=hide")
    assert guest.get(f"/v3/action/event/{day.event['id']}/calendar.ics").status == 403
    for stranger in (south.manager, south.guest):
        assert stranger.get(f"/v3/action/event/{day.event['id']}/calendar.ics").status in (403, 404)


def test_a_link_to_a_calendar(day: Day, south: Party) -> None:
    path = f"/v3/action/event/{day.event['id']}/calendar_url"
    answer = day.party.member.post(path, {})
    assert (answer.status, answer.headers["Cache-Control"]) == (201, "private, no-store")
    address = answer.data["url"].removeprefix("http://testserver")

    def opened(at: str = address) -> int:
        return NOBODY.get(at).status

    page = NOBODY.get(address)
    assert set(read(page.raw.content)) == {"Opening", "Closing; the end"}
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "private, no-store"
    assert opened(address.replace(".ics", "x.ics")) == opened("/calendar/aec_x.ics") == 404
    assert Caller()("POST", address).status == 405
    for method in ("hide", "disable"):
        day.staff.delete(f"/v3/crud/event/{day.event['id']}?method={method}")
        assert opened() == 404
        day.staff.patch(f"/v3/crud/event/{day.event['id']}", {"hide": False, "enable": True})
        assert opened() == 200
    for stranger in (day.party.guest, south.manager):
        assert stranger.post(path, {}).status == 403
        assert stranger.delete(path).status == 403
    assert day.party.member.delete(path).status == 403
    assert day.staff.delete(path).data == {"revoked": 1}
    assert opened() == 404


HARD = 'A, b; c\\d "e"\r\nsecond line\x07 ' + "ä😀" * 60


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/Denver", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]
)
def test_zones_and_hard_texts(zone: str) -> None:
    """The moments are the same by the zone that stands in the calendar as by the one that everybody knows."""
    moments = [datetime(2026, month, 15, 23, 30, tzinfo=UTC) for month in range(1, 13)]
    moments.append(datetime(2026, 3, 29, 0, 30, tzinfo=UTC))
    entries = [
        CalendarEntry(f"{n}@x", moment, moment, moment + timedelta(hours=1), f"{n}", HARD, HARD)
        for n, moment in enumerate(moments)
    ]
    content = calendar(HARD, zone, entries)
    events = read(content)
    for n, moment in enumerate(moments):
        event = events[str(n)]
        assert event["dtstart"].dt.astimezone(UTC) == moment
        assert str(event["description"]) == HARD.replace("\r\n", "\n").replace("\x07", "")
    if zone != "UTC":
        (described,) = Calendar.from_ical(content).walk("VTIMEZONE")
        own = described.to_tz()
        for moment in moments:
            assert moment.astimezone(own).utcoffset() == moment.astimezone(ZoneInfo(zone)).utcoffset(), moment
