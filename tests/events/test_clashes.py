"""What can't take place as planned is told: on create and PATCH in `meta.warnings`, of a whole event by an action."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenancy.context import tenant
from tests.conftest import Answer, Party


class Programme:
    """An event of two days in Denver with a room, and what is made in it."""

    def __init__(self, party: Party) -> None:
        self.party = party
        days = {"start_datetime": "2031-05-01T14:00:00Z", "end_datetime": "2031-05-02T20:00:00Z"}
        self.event = party.manager.create("event", name="E", time_zone="America/Denver", **days)["id"]
        self.room = self.made("event_location", name="Hall").data["id"]

    def made(self, type_name: str, **values: Any) -> Answer:
        body = {"event_id": self.event} | values if type_name in ("event_location", "event_session") else values
        answer = self.party.manager.post(f"/v3/crud/{type_name}/", body)
        assert answer.status == 201, answer.body
        return answer

    def session(self, name: str, start: str, end: str, **values: Any) -> Answer:
        times = {"start_datetime": f"2031-05-{start}:00Z", "end_datetime": f"2031-05-{end}:00Z"}
        return self.made("event_session", name=name, **{"event_location_id": self.room} | times | values)

    def talk(self, session: str, **values: Any) -> Answer:
        presentation = self.made("event_presentation", event_session_id=session, name="T").data["id"]
        return self.made("event_presenter", event_presentation_id=presentation, given_name="Ada", **values)

    def patch(self, public_id: str, **values: Any) -> Answer:
        return self.party.manager.patch(f"/v3/crud/event_session/{public_id}", values)

    def clashes(self) -> list[dict[str, Any]]:
        answer = self.party.member.get(f"/v3/action/event/{self.event}/clashes")
        assert answer.status == 200, answer.body
        found: list[dict[str, Any]] = answer.data
        return found


@pytest.fixture
def programme(north: Party) -> Programme:
    return Programme(north)


def warnings(answer: Answer) -> list[str]:
    found: list[str] = answer.meta.get("warnings", [])
    return found


def test_a_room_that_is_taken(programme: Programme) -> None:
    first = programme.session("a", "01T16:00", "01T17:00")
    assert warnings(first) == []
    second = programme.session("b", "01T16:30", "01T17:30")
    assert warnings(second) == [
        f"event_location_id: the room is taken at that time by event_session {first.data['id']}, a."
    ]
    assert programme.clashes() == [
        {
            "kind": "room",
            "sessions": [first.data["id"], second.data["id"]],
            "event_location_id": programme.room,
            "from": "2031-05-01T16:30:00Z",
            "to": "2031-05-01T17:00:00Z",
        }
    ]
    assert warnings(programme.patch(second.data["id"], name="c")) == []
    assert warnings(programme.patch(second.data["id"], start_datetime="2031-05-01T17:00:00Z")) == []  # it touches
    assert programme.clashes() == []
    assert len(warnings(programme.patch(second.data["id"], start_datetime="2031-05-01T16:59:59Z"))) == 1
    assert warnings(programme.patch(second.data["id"], event_location_id=None)) == []
    assert len(warnings(programme.patch(second.data["id"], event_location_id=programme.room))) == 1


@pytest.mark.parametrize("state", [{"hide": True}, {"enable": False}])
def test_what_is_hidden_or_disabled_does_not_count(programme: Programme, state: dict[str, bool]) -> None:
    first = programme.session("a", "01T16:00", "01T17:00").data["id"]
    assert warnings(programme.session("b", "01T16:00", "01T17:00", **state)) == []
    assert programme.clashes() == []
    programme.patch(first, **state)
    assert warnings(programme.session("c", "01T16:00", "01T17:00")) == []
    assert (
        len(warnings(programme.patch(first, hide=False, enable=True))) == 1
    )  # it comes back into a room that is taken


def test_bulk_warns_too(programme: Programme) -> None:
    body = {"event_id": programme.event, "event_location_id": programme.room, "name": "x"}
    times = {"start_datetime": "2031-05-01T16:00:00Z", "end_datetime": "2031-05-01T17:00:00Z"}
    answer = programme.party.manager.post("/v3/crud/event_session/bulk", {"create": [body | times, body | times]})
    assert (answer.status, len(warnings(answer))) == (200, 2)


def test_a_session_outside_its_events_days(programme: Programme) -> None:
    """By the event's clocks: the first day begins at 06:00Z, the last one ends at 06:00Z of the next."""
    inside = [("01T06:00", "01T07:00"), ("03T05:00", "03T06:00")]
    outside = [("01T05:59", "01T07:00"), ("03T05:00", "03T06:01"), ("20T10:00", "20T11:00")]
    for start, end in inside:
        assert warnings(programme.session("s", start, end, event_location_id=None)) == []
    for start, end in outside:
        made = programme.session("s", start, end, event_location_id=None)
        assert warnings(made) == ["start_datetime: the session is outside the days of its event."]
    assert [clash["kind"] for clash in programme.clashes()] == ["outside_event"] * 3


def test_a_room_of_another_event(programme: Programme) -> None:
    other = Programme(programme.party)
    theirs = other.session("theirs", "01T16:00", "01T17:00").data["id"]
    made = programme.session("s", "01T16:30", "01T17:30", event_location_id=other.room)
    assert warnings(made) == [
        f"event_location_id: the room is taken at that time by event_session {theirs}, theirs.",
        "event_location_id: the room is one of another event.",
    ]
    assert {clash["kind"] for clash in programme.clashes()} == {"room", "foreign_room"}
    assert [clash["kind"] for clash in other.clashes()] == ["room"]


def test_a_presenter_in_two_places(programme: Programme) -> None:
    other_room = programme.made("event_location", name="Other").data["id"]
    first = programme.session("a", "01T16:00", "01T17:00").data["id"]
    second = programme.session("b", "01T16:30", "01T17:30", event_location_id=other_room).data["id"]
    assert warnings(programme.talk(first, email="ada@example.org")) == []
    assert warnings(programme.talk(first, email="ada@example.org")) == []  # twice in one place
    sentence = f"Ada presents in event_session {first}, a, at the same time."
    assert warnings(programme.talk(second, email="ADA@example.org")) == [sentence]
    [clash] = programme.clashes()
    assert (clash["kind"], clash["sessions"], clash["person"]) == ("presenter", [first, second], "Ada")
    assert (clash["from"], clash["to"]) == ("2031-05-01T16:30:00Z", "2031-05-01T17:00:00Z")
    assert warnings(programme.patch(second, start_datetime="2031-05-01T17:00:00Z")) == []
    assert programme.clashes() == []
    moved = programme.patch(second, start_datetime="2031-05-01T16:00:00Z")
    assert warnings(moved) == [sentence]
    person = programme.party.manager.create("person", given_name="Ada")["id"]
    assert warnings(programme.talk(second, person_id=person, email="ada@example.org")) == []  # known by the person
    assert len(warnings(programme.talk(first, person_id=person))) == 1


def test_a_talk_has_its_own_times(programme: Programme) -> None:
    first = programme.session("a", "01T16:00", "01T18:00", event_location_id=None).data["id"]
    second = programme.session("b", "01T16:00", "01T18:00", event_location_id=None).data["id"]
    for session, start, end in ((first, "16:00", "17:00"), (second, "17:00", "18:00")):
        times = {"start_datetime": f"2031-05-01T{start}:00Z", "end_datetime": f"2031-05-01T{end}:00Z"}
        talk = programme.made("event_presentation", event_session_id=session, name="T", **times).data["id"]
        made = programme.made("event_presenter", event_presentation_id=talk, email="ada@example.org", given_name="Ada")
        assert warnings(made) == []
    earlier = {"start_datetime": "2031-05-01T16:30:00Z"}
    assert len(warnings(programme.party.manager.patch(f"/v3/crud/event_presentation/{talk}", earlier))) == 1
    assert [clash["kind"] for clash in programme.clashes()] == ["presenter"]


def test_who_may_ask(programme: Programme, south: Party) -> None:
    path = f"/v3/action/event/{programme.event}/clashes"
    assert programme.party.guest.get(path).status == 403
    assert south.member.get(path).error == ("permission", 403)
    assert programme.party.member.get("/v3/action/event/AAAAAAAAAAA/clashes").status == 404
    assert programme.party.member.get(f"{path}?x=1").status == 400


def test_another_accounts_sessions_are_not_told_of(programme: Programme, south: Party) -> None:
    theirs = Programme(south)
    theirs.session("secret", "01T16:00", "01T17:00")
    assert warnings(programme.session("a", "01T16:00", "01T17:00")) == []
    assert programme.clashes() == []


def test_a_great_programme_costs_as_many_queries_as_a_small_one(programme: Programme) -> None:
    def queries() -> int:
        with tenant(programme.party.account.pk), CaptureQueriesContext(connection) as captured:
            programme.clashes()
        return len(captured)

    programme.talk(programme.session("a", "01T16:00", "01T17:00").data["id"], email="a@example.org")
    queries()  # the key and the account are remembered from here on
    before = queries()
    for number in range(5):
        session = programme.session(f"s{number}", "01T16:00", "01T17:00", event_location_id=None).data["id"]
        programme.talk(session, email="a@example.org")
    assert len(programme.clashes()) == 15
    assert queries() == before
