"""What devices say of themselves, what they are told to do, and what staff see of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crud.models import ChangeLog
from events.device_commands import expire
from events.models import EventDevice
from events.tasks import expire_commands
from tenancy.context import tenant
from tests.conftest import Answer, Caller, Party
from tests.events.rooms import Machine, Venue

PDF = b"%PDF-1.4\n%%EOF\n"
HASH = "ab" * 32


@pytest.fixture
def venue(north: Party) -> Venue:
    return Venue(north)


def report(venue: Venue, machine: Machine, **said: Any) -> Answer:
    """One that comes long enough after the one before."""
    with tenant(venue.party.account.pk):
        EventDevice.objects.filter(id_random=machine.id).update(last_report_on=timezone.now() - timedelta(seconds=9))
    return machine.caller.post("/v3/device/report", said)


def test_a_report(venue: Venue) -> None:
    machine = venue.machine()
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        ahead = (now + timedelta(seconds=90.52)).isoformat()
        said = {"have": [HASH, HASH], "playing": None, "opened": HASH, "disk_free": 10**12, "battery": 81.5}
        answer = report(venue, machine, **said, clock=ahead, version="2.2")
        assert answer.status == 200, answer.body
        assert (answer.data["clock_error_seconds"], answer.data["work"]) == (90.5, None)
        assert answer.data["server_time"].endswith("Z")
        row = venue.staff.get(f"/v3/crud/event_device/{machine.id}").data
    assert (row["version"], row["clock_error_seconds"]) == ("2.2", 90.5)
    assert row["last_report_on"] == row["last_seen_on"] == answer.data["server_time"]
    assert report(venue, machine).data["clock_error_seconds"] is None


def test_heartbeats_leave_no_history_and_few_statements(venue: Venue, own_store: Any) -> None:
    machine = venue.machine()
    session = venue.session()
    for number in range(3):
        venue.upload("event_session", session["id"], PDF + bytes([number]), f"{number}.pdf")
    report(venue, machine, have=[HASH])
    with tenant(venue.party.account.pk):
        before, updated = ChangeLog.objects.count(), EventDevice.objects.get(id_random=machine.id).updated_on
    counts = []
    for have in ([HASH], [HASH, "cd" * 32], [f"{number:064x}" for number in range(500)]):
        with CaptureQueriesContext(connection) as asked:
            assert report(venue, machine, have=have, opened=have[-1]).status == 200
        counts.append(len([query for query in asked if "SAVEPOINT" not in query["sql"]]))
    with tenant(venue.party.account.pk):
        assert ChangeLog.objects.count() == before
        assert EventDevice.objects.get(id_random=machine.id).updated_on == updated
    assert max(counts) <= 6  # one of them is the test's own
    history = venue.staff.get(f"/v3/crud/event_device/{machine.id}/history").data
    assert [entry["action"] for entry in history] == ["created"]


def test_at_most_one_a_second(venue: Venue) -> None:
    caller = venue.machine().caller
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        assert caller.post("/v3/device/report", {}).status == 200
        answer = caller.post("/v3/device/report", {"opened": HASH})
        assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
        clock.shift(timedelta(seconds=1))
        assert caller.post("/v3/device/report", {}).status == 200
        clock.shift(timedelta(days=-1))  # the server's clock was set right
        assert caller.post("/v3/device/report", {}).status == 200


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"have": [HASH] * 5_001}, 413),
        ({"have": "x"}, 400),
        ({"have": [HASH.upper()]}, 400),
        ({"have": [None]}, 400),
        ({"have": [HASH + "\n"]}, 400),
        ({"opened": "x"}, 400),
        ({"playing": 7}, 400),
        ({"disk_free": -1}, 400),
        ({"disk_free": 10**30}, 400),
        ({"disk_free": True}, 400),
        ({"battery": 101}, 400),
        ({"clock": "yesterday"}, 400),
        ({"clock": 5}, 400),
        ({"version": "x" * 101}, 400),
        ({"version": "😀\x00"}, 400),
        ({"more": 1}, 400),
        ([], 400),
    ],
)
def test_a_report_that_does_not_fit_changes_nothing(venue: Venue, said: Any, status: int) -> None:
    machine = venue.machine()
    assert machine.caller.post("/v3/device/report", said).status == status
    assert venue.staff.get(f"/v3/crud/event_device/{machine.id}").data["last_report_on"] is None


def test_who_reports(venue: Venue) -> None:
    for caller in (venue.staff, venue.party.guest, venue.machine("signage").caller):
        assert caller.post("/v3/device/report", {}).status == 403
        assert caller.get("/v3/device/work").status == 403
    assert Caller().post("/v3/device/report", {}).status == 403
    for profile in ("scanner", "kiosk"):
        machine = venue.machine(profile)
        assert machine.caller.post("/v3/device/report", {}).status == 200
        assert machine.caller.get("/v3/device/work").status == 403


def test_work(venue: Venue, own_store: Any) -> None:
    """What a room needs next comes first, then what has no time, then what is over."""
    machine = venue.machine()
    now = timezone.now()
    hours = {"over": (-3, -2), "later": (5, 6), "next": (1, 2)}
    hashes = {}
    for name, (start, end) in hours.items():
        times = {"start_datetime": now + timedelta(hours=start), "end_datetime": now + timedelta(hours=end)}
        session = venue.session(name=name, **{key: moment.isoformat() for key, moment in times.items()})
        file = venue.upload("event_session", session["id"], PDF + name.encode())
        hashes[name] = file["hosted_file"]["hash_sha256"]
    hashes["any"] = venue.upload("event_location", venue.room["id"], PDF + b"any")["hosted_file"]["hash_sha256"]
    venue.upload("event_location", venue.add_room("Hall 2")["id"], PDF + b"elsewhere")
    order = [hashes[name] for name in ("next", "later", "any", "over")]
    work = machine.caller.get("/v3/device/work").data
    assert work["prefetch"] == order
    assert {entry["hash_sha256"] for entry in work["manifest"]["files"]} == set(order)
    assert work["messages"] == []
    assert report(venue, machine, have=[hashes["next"]]).data["work"] == {"files": 3, "messages": 0}
    assert machine.caller.get("/v3/device/work").data["prefetch"] == order[1:]
    since = machine.caller.get(f"/v3/device/work?since={work['manifest']['cursor']}").data
    assert since["manifest"]["files"] == []
    assert report(venue, machine).data["work"] == {"files": 3, "messages": 0}  # what it has was kept
    assert report(venue, machine, have=order).data["work"] is None
    assert machine.caller.get("/v3/device/work?since=x").status == 400
    assert machine.caller.get("/v3/device/work?until=x").status == 400


def test_a_command_for_an_absent_device(venue: Venue, south: Party) -> None:
    machine, other = venue.machine(), venue.machine("kiosk")
    path = f"/v3/action/event_device/{machine.id}/command"
    answer = venue.staff.post(path, {"command": "message", "payload": {"text": "Five minutes 😀"}})
    assert (answer.status, answer.data["status"]) == (201, "queued")
    command = answer.data["id"]

    def status() -> str:
        return str(venue.staff.get(f"/v3/crud/event_device_command/{command}").data["status"])

    assert status() == "queued"
    assert report(venue, machine).data["work"] == {"files": 0, "messages": 1}
    assert machine.caller("HEAD", "/v3/device/work").status == 200
    assert status() == "queued"
    frame = {
        "type": "command",
        "command_id": command,
        "command": "message",
        "payload": {"text": "Five minutes 😀"},
    }
    for _ in range(2):  # until it is answered
        assert machine.caller.get("/v3/device/work").data["messages"] == [frame]
        assert status() == "sent"
    ack = {"command_id": command, "ok": True, "message": "shown"}
    assert other.caller.post("/v3/device/ack", ack).status == 404
    for _ in range(2):
        assert machine.caller.post("/v3/device/ack", ack).data == {"command_id": command, "status": "acknowledged"}
    assert machine.caller.post("/v3/device/ack", {"command_id": command, "ok": False}).data["status"] == "acknowledged"
    assert machine.caller.get("/v3/device/work").data["messages"] == []
    row = venue.staff.get(f"/v3/crud/event_device/{machine.id}/command/").data[0]
    assert (row["message"], row["payload_json"]["text"]) == ("shown", "Five minutes 😀")
    actions = [entry["action"] for entry in venue.staff.get(f"/v3/crud/event_device_command/{command}/history").data]
    assert actions == ["updated", "updated", "created"]
    failed = venue.staff.post(path, {"command": "open"}).data["id"]
    assert machine.caller.post("/v3/device/ack", {"command_id": failed, "ok": False}).data["status"] == "failed"
    for wrong in ({}, [], {"command_id": 7, "ok": True}, {"command_id": failed}, {"command_id": failed, "ok": 1}):
        assert machine.caller.post("/v3/device/ack", wrong).status == 400
    for body in ({}, [], {"command": "explode"}, {"command": "open", "more": 1}):
        assert venue.staff.post(path, body).status == 400
    assert venue.staff.post(path, {"command": "open", "payload": "x" * 17_000}).status == 413
    unenrolled = venue.staff.create("event_device", event_id=venue.event["id"], name="Old")
    assert venue.staff.post(f"/v3/action/event_device/{unenrolled['id']}/command", {"command": "open"}).status == 400
    for stranger in (venue.party.member, venue.party.guest, south.administrator, machine.caller):
        assert stranger.post(path, {"command": "open"}).status == 403
    assert venue.staff.patch(f"/v3/crud/event_device_command/{command}", {"status": "queued"}).status == 403


def test_what_nobody_answers_expires(venue: Venue) -> None:
    machine = venue.machine()
    path = f"/v3/action/event_device/{machine.id}/command"
    command = venue.staff.post(path, {"command": "reload"}).data["id"]
    assert expire_commands() == 0
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
        assert machine.caller.get("/v3/device/work").data["messages"] == []
        assert machine.caller.post("/v3/device/ack", {"command_id": command, "ok": True}).status == 400
        assert expire_commands() == 1
        with tenant(venue.party.account.pk):
            assert expire() == 0
    assert venue.staff.get(f"/v3/crud/event_device_command/{command}").data["status"] == "expired"
