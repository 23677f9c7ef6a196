"""Whether the rooms are ready: the state of each session, what it costs, and who may know."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import (
    Event,
    EventDevice,
    EventDeviceReport,
    EventFile,
    EventLocation,
    EventPresentation,
    EventSession,
)
from events.readiness import readiness
from events.tasks import alert_of_rooms
from files.models import HostedFile
from mail.models import MailMessage
from mail.rendering import render
from tenancy.context import tenant
from tests.conftest import Party
from tests.events.rooms import Machine, Venue

PDF = b"%PDF-1.4\n%%EOF\n"
NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)


class Morning(Venue):
    """A session at noon with one talk, seen from some minutes before."""

    def __init__(self, party: Party) -> None:
        super().__init__(party)
        self.opening = self.session_at(0)
        self.talk = self.staff.create("event_presentation", event_session_id=self.opening["id"], name="Talk")

    def session_at(self, minutes: int, **more: Any) -> dict[str, Any]:
        start = NOON + timedelta(minutes=minutes)
        return self.session(
            start_datetime=start.isoformat(), end_datetime=(start + timedelta(hours=1)).isoformat(), **more
        )

    def deck(self, number: int = 1) -> str:
        row = self.upload("event_presentation", self.talk["id"], PDF + bytes([number]))
        return str(row["hosted_file"]["hash_sha256"])

    def rooms(self) -> list[dict[str, Any]]:
        answer = self.staff.get(f"/v3/action/event/{self.event['id']}/readiness")
        assert answer.status == 200, answer.body
        rooms: list[dict[str, Any]] = answer.data["rooms"]
        return rooms

    def state(self, number: int = 0) -> tuple[str, int, int]:
        found = self.rooms()[0]["sessions"][number]
        return found["state"], found["have"], found["total"]

    def report(self, machine: Machine, **said: Any) -> None:
        with tenant(self.party.account.pk):
            EventDevice.objects.filter(id_random=machine.id).update(last_report_on=None)
        assert machine.caller.post("/v3/device/report", said).status == 200


@pytest.fixture
def morning(north: Party) -> Morning:
    return Morning(north)


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOON - timedelta(minutes=60), tick=False) as traveller:
        yield traveller


def test_the_states_of_a_session(morning: Morning, own_store: Any, clock: Any) -> None:
    def at(minutes: int) -> None:
        clock.move_to(NOON + timedelta(minutes=minutes))

    assert morning.state() == ("unknown", 0, 0)
    machine = morning.machine()
    assert morning.state() == ("unknown", 0, 0)
    morning.report(machine)
    assert morning.state() == ("missing", 0, 0)
    deck = morning.deck()
    assert morning.state() == ("stale", 0, 1)
    morning.report(machine, have=[deck])
    assert morning.state() == ("ready", 1, 1)
    morning.report(machine, opened=deck)
    assert morning.state() == ("opened", 1, 1)
    morning.report(machine, opened=None)
    at(-16)
    morning.report(machine, have=[])
    assert morning.state() == ("stale", 0, 1)
    for minutes in (-15, 0, 59):
        at(minutes)
        morning.report(machine)
        assert morning.state() == ("late", 0, 1)
    at(61)
    morning.report(machine)
    assert morning.state() == ("stale", 0, 1)
    clock.shift(timedelta(seconds=60))
    assert morning.state() == ("stale", 0, 1)
    clock.shift(timedelta(seconds=1))
    assert morning.state() == ("unknown", 0, 1)


def test_the_worst_counts(morning: Morning, own_store: Any, clock: Any) -> None:
    """Of several machines, and of several sessions."""
    deck = morning.deck()
    good, bad = morning.machine(), morning.machine()
    morning.report(good, have=[deck])
    assert morning.state() == ("unknown", 0, 1)  # the other one never told
    morning.report(bad, have=["ab" * 32])
    assert morning.state() == ("stale", 0, 1)
    morning.session_at(120)
    assert morning.state(1) == ("ready", 0, 0)
    assert morning.rooms()[0]["state"] == "stale"
    clock.move_to(NOON + timedelta(minutes=70))
    morning.report(good)
    morning.report(bad)
    assert morning.rooms()[0]["state"] == "ready"  # what is over does not count
    for method in ("hide", "disable"):
        assert morning.staff.delete(f"/v3/crud/event_device/{bad.id}?method={method}").status == 200
        assert morning.state() == ("ready", 1, 1)
        assert morning.staff.patch(f"/v3/crud/event_device/{bad.id}", {"hide": False, "enable": True}).status == 200
    assert morning.staff.post(f"/v3/action/event_device/{bad.id}/revoke", {}).status == 200
    assert morning.state() == ("ready", 1, 1)
    kiosk = morning.machine("kiosk")
    morning.report(kiosk)
    assert morning.state() == ("ready", 1, 1)  # it holds no files


def test_what_is_told_of_a_room(morning: Morning, clock: Any) -> None:
    empty = morning.add_room("Hall 2")
    morning.session(room=empty, name="Some time")
    answer = morning.staff.get(f"/v3/action/event/{morning.event['id']}/readiness").data
    assert (answer["event_id"], answer["server_time"]) == (morning.event["id"], "2026-05-01T11:00:00Z")
    hall, other = answer["rooms"]
    assert (hall["event_location_id"], hall["name"], hall["last_report"]) == (morning.room["id"], "Hall 1", None)
    told = {name: hall["sessions"][0][name] for name in ("event_session_id", "name", "minutes_to_start")}
    assert told == {"event_session_id": morning.opening["id"], "name": "Session", "minutes_to_start": 60}
    assert (other["state"], other["sessions"][0]["minutes_to_start"]) == ("unknown", None)
    machine = morning.machine()
    morning.report(machine)
    assert morning.rooms()[0]["last_report"] == "2026-05-01T11:00:00Z"
    morning.staff.delete(f"/v3/crud/event_session/{morning.opening['id']}?method=hide")
    assert morning.rooms()[0]["sessions"] == []
    assert morning.rooms()[0]["state"] == "ready"


def test_who_may_know(morning: Morning, south: Party) -> None:
    path = f"/v3/action/event/{morning.event['id']}/readiness"
    assert morning.party.member.get(path).status == 200
    assert morning.machine("signage").caller.get(path).status == 200
    for stranger in (morning.party.guest, south.manager, morning.machine().caller, morning.machine("kiosk").caller):
        assert stranger.get(path).status == 403
    foreign = Venue(south)
    assert morning.machine("signage").caller.get(f"/v3/action/event/{foreign.event['id']}/readiness").status == 403
    assert morning.staff.get("/v3/action/event/nowhere0000/readiness").status == 404
    assert morning.staff.get(f"{path}?x=1").status == 400


def filled(party: Party, rooms: int, sessions: int) -> Event:
    """An event with a talk and a deck a session, and a machine a room that has half of them."""
    with tenant(party.account.pk):
        event = Event(name="Large")
        event.save()
        halls = EventLocation.objects.bulk_create([EventLocation(event=event, name=f"Hall {n}") for n in range(rooms)])
        held = EventSession.objects.bulk_create(
            [
                EventSession(
                    event=event,
                    event_location=halls[n % rooms],
                    name=f"Session {n}",
                    start_datetime=NOON + timedelta(minutes=n),
                    end_datetime=NOON + timedelta(minutes=n + 30),
                )
                for n in range(sessions)
            ]
        )
        talks = EventPresentation.objects.bulk_create(
            [EventPresentation(event_session=session, name="Talk") for session in held]
        )
        files = HostedFile.objects.bulk_create(
            [HostedFile(filename="deck.pdf", hash_sha256=f"{n:064x}", size=1) for n in range(sessions)]
        )
        EventFile.objects.bulk_create(
            [
                EventFile(
                    event=event, event_session=held[n], event_presentation=talk, hosted_file=files[n], slot="slides"
                )
                for n, talk in enumerate(talks)
            ]
        )
        machines = EventDevice.objects.bulk_create(
            [EventDevice(event=event, event_location=hall, name="PC", profile="launcher") for hall in halls]
        )
        EventDevice.objects.filter(event=event).update(last_report_on=NOON)
        have = " ".join(f"{n:064x}" for n in range(0, sessions, 2))
        for machine in machines:
            EventDeviceReport(event_device=machine, have=have).save()
        return event


def test_its_cost_does_not_grow_with_the_event(north: Party) -> None:
    counts = []
    for rooms, sessions in ((1, 1), (40, 500)):
        event = filled(north, rooms, sessions)
        with tenant(north.account.pk):
            readiness(event, NOON)
            with CaptureQueriesContext(connection) as asked:
                found = readiness(event, NOON)
        counts.append(len(asked))
        assert sum(len(room["sessions"]) for room in found["rooms"]) == sessions
    assert counts[0] == counts[1] <= 6
    states = {session["state"] for room in found["rooms"] for session in room["sessions"]}
    assert states == {"ready", "stale", "late"}


def test_mails_before_it_begins(morning: Morning, clock: Any) -> None:
    """Once an hour before, once a quarter of an hour before; to whom the event names, and for what is not ready."""
    path = f"/v3/crud/event/{morning.event['id']}"
    machine = morning.machine()

    def mails(minutes: float) -> list[tuple[str, str]]:
        clock.move_to(NOON + timedelta(minutes=minutes))
        morning.report(machine)
        with tenant(morning.party.account.pk):
            before = set(MailMessage.objects.values_list("pk", flat=True))
        alert_of_rooms()
        alert_of_rooms()
        with tenant(morning.party.account.pk):
            new = MailMessage.objects.exclude(pk__in=before).order_by("pk")
            return [(mail.to, render(mail, None).text) for mail in new]

    assert mails(-30) == []  # nobody is named
    named = {"cfg_json": {"readiness_emails": ["av@example.org", "no address", 7]}}
    assert morning.staff.patch(path, named).status == 200
    assert mails(-61) == []
    (told,) = mails(-59.5)
    assert told[0] == "av@example.org"
    assert "Session begins at 14:00 in Hall 1, in 59 minutes" in told[1]
    assert "a file that is expected is missing (0 of 0 files are there)" in told[1]
    assert mails(-20) == []
    assert len(mails(-14)) == 1
    assert mails(1) == []
    later = {"start_datetime": (NOON + timedelta(hours=3)).isoformat(), "end_datetime": None}
    assert morning.staff.patch(f"/v3/crud/event_session/{morning.opening['id']}", later).status == 200
    assert len(mails(130)) == 1  # another start is another thing
    assert morning.staff.delete(f"{path}?method=hide").status == 200
    assert mails(170) == []
