"""The timetable: what it shows, by which clock, and that a move is the engine's write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event, EventLocation, EventPresentation, EventSession
from tenancy.context import tenant
from tests.crud.staff.pages import Staff
from tests.desk.conftest import Congress, saved

pytestmark = pytest.mark.django_db


def shown(office: Staff, congress: Congress, day: str = "2026-09-14") -> dict[str, Any]:
    page = office.get(congress.address(f"timetable/?day={day}"))
    assert page.status_code == 200
    script = page.content.decode().partition('id="timetable-data"')[2].partition(">")[2]
    found: dict[str, Any] = json.loads(script.partition("</script>")[0])
    return found


def move(office: Staff, congress: Congress, session: str, version: str, **change: Any) -> Any:
    address = congress.address(f"timetable/{session}/")
    headers = {"HTTP_IF_MATCH": version} if version else {}
    return office.client.post(address, json.dumps(change), content_type="application/json", **headers)


def stored(congress: Congress, session: EventSession) -> tuple[Any, ...]:
    with tenant(congress.party.account.pk):
        row = EventSession.objects.get(pk=session.pk)
    return row.event_location_id, row.start_datetime and f"{row.start_datetime:%H:%M}", row.updated_on


def test_a_day_by_the_event_s_clock(office: Staff, congress: Congress, elsewhere: Congress) -> None:
    data = shown(office, congress)
    opening, late = data["sessions"]
    assert (opening["start"], opening["end"]) == ("2026-09-14T09:00", "2026-09-14T10:00")
    assert opening["room"] == congress.rooms[0].id_random
    assert [room["name"] for room in data["rooms"]] == ["Room 1 North", "Room 2 North"]
    assert [one["name"] for one in data["tray"]] == ["waiting North"]
    assert data["clashes"]["total"] == 0
    assert shown(office, congress, "2026-09-15")["sessions"] == []
    assert shown(office, congress, "no day")["day"] in ("2026-09-14", "2026-09-15")
    assert late["type"] == "plenary"


def test_a_move_is_a_write_like_any_other(office: Staff, congress: Congress) -> None:
    """By the event's clock, with the talks, in the change log, and its clash told."""
    opening, late = shown(office, congress)["sessions"]
    answer = move(
        office,
        congress,
        late["id"],
        late["version"],
        start_datetime="2026-09-14T09:30",
        end_datetime="2026-09-14T10:30",
    )
    assert answer.status_code == 200
    told = answer.json()
    assert (told["session"]["start"], told["session"]["clashes"]) == ("2026-09-14T09:30", ["room"])
    assert told["clashing"] == {opening["id"]: ["room"], late["id"]: ["room"]}
    assert told["clashes"]["counts"] == [{"kind": "room", "words": "Two sessions in one room", "count": 1}]
    assert "the room is taken at that time" in told["warnings"][0]
    assert stored(congress, congress.sessions["late"])[1] == "07:30"
    history = congress.party.administrator.get(f"/v3/crud/event_session/{late['id']}/history").data
    assert history[0]["principal"].startswith("user:")

    told = move(
        office,
        congress,
        opening["id"],
        opening["version"],
        start_datetime="2026-09-14T12:00",
        end_datetime="2026-09-14T13:00",
        event_location_id=congress.rooms[1].id_random,
        with_talks=True,
    ).json()
    assert told["clashes"]["total"] == 0
    with tenant(congress.party.account.pk):
        talk = EventPresentation.objects.get(pk=congress.talk.pk)
    assert f"{talk.start_datetime:%H:%M}–{talk.end_datetime:%H:%M}" == "10:00–10:30"

    told = move(
        office, congress, late["id"], answer.json()["session"]["version"], start_datetime=None, end_datetime=None
    ).json()
    assert told["session"]["start"] == ""
    assert [one["name"] for one in shown(office, congress)["tray"]] == ["late North", "waiting North"]


def test_a_stale_move_is_refused_and_told(office: Staff, congress: Congress) -> None:
    """Talks stay as well: it is all or nothing."""
    opening = shown(office, congress)["sessions"][0]
    congress.party.administrator.patch(f"/v3/crud/event_session/{opening['id']}/", {"name": "Renamed meanwhile"})
    before = stored(congress, congress.sessions["opening"])
    answer = move(
        office, congress, opening["id"], opening["version"], start_datetime="2026-09-14T11:00", with_talks=True
    )
    assert answer.status_code == 412
    assert answer.json()["session"]["name"] == "Renamed meanwhile"
    assert "nothing was written" in answer.json()["problem"]
    assert stored(congress, congress.sessions["opening"]) == before


def test_what_is_no_move_changes_nothing(office: Staff, congress: Congress, elsewhere: Congress) -> None:
    opening = shown(office, congress)["sessions"][0]
    version, before = opening["version"], stored(congress, congress.sessions["opening"])
    with tenant(congress.party.account.pk):
        other = saved(Event(name="Other"))
        other_session = saved(EventSession(event=other, name="Of another event"))
    cases: list[tuple[str, str, dict[str, Any], int]] = [
        (opening["id"], version, {"start_datetime": "yesterday"}, 400),
        (opening["id"], version, {"start_datetime": "2026-09-14T11:00"}, 400),  # it would end before it begins
        (opening["id"], version, {"start_datetime": "2026-03-29T02:30", "end_datetime": None}, 400),  # Berlin skips it
        (opening["id"], version, {"event_location_id": elsewhere.rooms[0].id_random}, 400),
        (opening["id"], version, {"event_location_id": "\x00"}, 400),
        (opening["id"], version, {"name": "Not by this door"}, 400),
        (opening["id"], "", {"event_location_id": None}, 400),
        (opening["id"], '"0000000000000000-"', {"event_location_id": None}, 412),
        (other_session.id_random, "*", {"start_datetime": None}, 404),
        (elsewhere.sessions["opening"].id_random, "*", {"start_datetime": None}, 403),
        ("nothere0000", "*", {"start_datetime": None}, 404),
    ]
    for session, tag, change, status in cases:
        answer = move(office, congress, session, tag, **change)
        assert (answer.status_code, bool(answer.json()["problem"])) == (status, True), (change, answer.content)
    for body in (b"", b"[1]", b"{", b'{"start_datetime": NaN}'):
        address = congress.address(f"timetable/{opening['id']}/")
        assert office.client.post(address, body, content_type="application/json", HTTP_IF_MATCH="*").status_code == 400
    assert stored(congress, congress.sessions["opening"]) == before


def test_a_room_of_another_event_is_shown_but_not_offered(office: Staff, congress: Congress) -> None:
    with tenant(congress.party.account.pk):
        other = saved(Event(name="Other"))
        foreign = saved(EventLocation(event=other, name="Foreign room"))
        saved(EventSession(event=other, name="Theirs", event_location=foreign))
        late = congress.sessions["late"]
        late.event_location = foreign
        late.save()
    data = shown(office, congress)
    assert [room["name"] for room in data["rooms"]] == ["Room 1 North", "Room 2 North"]
    assert [one["foreign_room"] for one in data["sessions"]] == ["", "Foreign room"]
    assert [kind["kind"] for kind in data["clashes"]["counts"]] == ["foreign_room"]


def test_it_asks_as_often_for_many_sessions(office: Staff, congress: Congress) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            shown(office, congress)
        return len(caught)

    shown(office, congress)
    few = asked()
    with tenant(congress.party.account.pk):
        opening = congress.sessions["opening"]
        for number in range(30):
            saved(
                EventSession(
                    event=congress.event,
                    name=f"More {number}",
                    event_location=congress.rooms[number % 2],
                    start_datetime=opening.start_datetime,
                    end_datetime=opening.end_datetime,
                )
            )
    assert asked() == few
