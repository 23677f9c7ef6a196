"""Machines in rooms: enrolling once, standing for their room and nothing else, and being put out again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.signals import request_finished
from django.db import close_old_connections
from django.utils import timezone

from actions.action import actions
from crud.declare.object_type import registry
from events.devices import Profile
from events.models import EventDevice, EventDeviceToken
from tenancy.context import tenant
from tests.conftest import Answer, Caller, Party
from tests.events.rooms import NOBODY, Machine, Venue, at_once, enrol

PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture
def venue(north: Party) -> Venue:
    return Venue(north)


def test_a_machine_enrols_once(venue: Venue) -> None:
    given = venue.provision()
    assert given.status == 201
    assert given.headers["Cache-Control"] == "private, no-store"
    assert given.data["qr"].startswith("data:image/svg+xml")
    answer = enrol(given.data["token"])
    assert (answer.status, answer.headers["Cache-Control"]) == (201, "private, no-store")
    told = answer.data
    assert told["event_id"] == venue.event["id"]
    assert told["event_location_id"] == venue.room["id"]
    assert told["profile"] == "launcher"
    assert "display_token" not in told
    device = venue.staff.get(f"/v3/crud/event_device/{told['event_device_id']}").data
    assert (device["name"], device["platform"], device["version"]) == ("Left lectern", "Windows 11", "2.1.0")
    assert device["provisioned_by"].startswith("key:")
    history = venue.staff.get(f"/v3/crud/event_device/{told['event_device_id']}/history").data
    assert [entry["action"] for entry in history] == ["created"]
    assert told["device_token"] not in str(history)
    assert enrol(venue.provision("signage").data["token"]).data["display_token"].startswith("aev_")


def test_a_used_late_or_foreign_code_is_refused_alike(venue: Venue) -> None:
    used = venue.provision().data["token"]
    assert enrol(used).status == 201
    late = venue.provision(expires_in=10).data["token"]
    hidden = venue.provision(room=venue.add_room("Cellar")).data["token"]
    with tenant(venue.party.account.pk):
        from events.models import EventLocation

        EventLocation.objects.filter(name="Cellar").update(hide=True)
    fresh = venue.provision().data["token"]
    altered = fresh[:-1] + ("A" if fresh[-1] != "A" else "B")
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        answers = [enrol(token) for token in (used, late, hidden, altered, "aee_", "x" * 250, "😀")]
    assert {answer.status for answer in answers} == {403}
    assert len({answer.meta["status_message"] for answer in answers}) == 1
    assert EventDevice.objects.model is EventDevice
    with tenant(venue.party.account.pk):
        assert EventDevice.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"token": "x"},
        {"token": "", "name": "x"},
        {"token": "x", "name": " "},
        {"token": 7, "name": "x"},
        {"token": "x", "name": "\x00"},
        {"token": "x", "name": "x" * 256},
        {"token": "x", "name": "x", "role": "super"},
        [],
    ],
)
def test_enrolling_wrongly(db: None, body: Any) -> None:
    answer = NOBODY.post("/v3/device/enrol", body)
    assert answer.status == 400, answer.body


def test_who_provisions_what(venue: Venue, south: Party) -> None:
    path, good = "/v3/action/event_device/provision", {"event_location_id": venue.room["id"], "profile": "kiosk"}
    for caller in (venue.party.member, venue.party.guest, venue.machine().caller):
        assert caller.post(path, good).status == 403
    assert south.administrator.post(path, good).error == ("database_constraint", 1452)
    wrong: list[Any] = [
        {"profile": "robot"},
        {"profile": None},
        {"expires_in": 601},
        {"expires_in": 9},
        {"expires_in": True},
        {"event_location_id": 7},
        {"event_location_id": "nowhere0000"},
        {"more": 1},
    ]
    for change in wrong:
        assert venue.staff.post(path, good | change).status == 400, change
    assert venue.staff.post(path, []).status == 400


def test_a_token_goes_alone(venue: Venue, south: Party) -> None:
    caller = venue.machine().caller
    path = f"/v3/action/event/{venue.event['id']}/file_manifest"
    assert caller.get(path).status == 200
    beside: list[dict[str, str]] = [
        {"x-aether-api-key": venue.party.keys["manager"]},
        {"x-account-id": venue.party.id},
        {"x-account-id": south.id},
        {"x-no-account-id": "bypass"},
    ]
    for headers in beside:
        assert caller.with_headers(**headers).get(path).status == 403, headers
    assert caller.get(f"{path}?jwt=x").status == 403
    token = caller.headers["authorization"]
    for wrong in (f"{token}x", token[:-1], "Bearer aed_", f"Bearer aed_{'x' * 5_000}"):
        answer = Caller({"authorization": wrong}).get(path)
        assert answer.status == 401, wrong
        assert "WWW-Authenticate" in answer.headers
    assert Caller({"authorization": "Bearer x"}).get(path).status == 403


def test_a_launcher_reads_its_rooms_files(venue: Venue, own_store: Any) -> None:
    other_room = venue.add_room("Hall 2")
    mine = venue.upload("event_session", venue.session()["id"], PDF + b"mine")
    in_room = venue.upload("event_location", venue.room["id"], PDF + b"room")
    theirs = venue.upload("event_session", venue.session(other_room)["id"], PDF + b"theirs")
    whole = venue.upload("event", venue.event["id"], PDF + b"event")
    moved = venue.upload("event_session", venue.session()["id"], PDF + b"moved")
    assert (
        venue.staff.patch(f"/v3/crud/event_file/{moved['id']}", {"event_location_id": other_room["id"]}).status == 200
    )
    caller = venue.machine().caller
    base = f"/v3/action/event/{venue.event['id']}/file_manifest"
    listed = caller.get(base).data["files"]
    assert {entry["event_file_id"] for entry in listed} == {mine["id"], in_room["id"]}
    assert caller.get(f"{base}?event_location_id={venue.room['id']}").data["files"] == listed
    assert caller.get(f"{base}?event_location_id={other_room['id']}").status == 403

    def asked(row: Any) -> set[int]:
        file = row["hosted_file"]
        paths = [
            f"event_file/{row['id']}/download",
            f"hosted_file/{file['id']}/download",
            f"hosted_file/{row['id']}/download",
            f"hosted_file/download?id={row['id']}",
            f"hosted_file/hash/{file['hash_sha256']}/download",
        ]
        return {status_of(caller.get(f"/v3/action/{path}")) for path in paths}

    assert asked(mine) == asked(in_room) == {200}
    for row in (theirs, whole, moved):
        assert asked(row) <= {403, 404}
    part = caller.get(f"/v3/action/event_file/{mine['id']}/download", range="bytes=0-3")
    assert status_of(part) == 206
    assert venue.staff.delete(f"/v3/crud/event_file/{mine['id']}?method=hide").status == 200
    assert asked(mine) <= {403, 404}
    assert asked(in_room) == {200}
    signage = venue.machine("signage").caller
    for path in (base, f"/v3/action/event_file/{in_room['id']}/download"):
        assert signage.get(path).status == 403


@pytest.mark.parametrize("without", [None, {}, {"files_need_approval": None}, {"files_need_approval": False}])
def test_a_launcher_reads_what_is_approved_where_the_event_says_so(
    venue: Venue, without: dict[str, Any] | None, own_store: Any
) -> None:
    """Manifest, work and downloads say the same, and follow the event's setting."""
    event = f"/v3/crud/event/{venue.event['id']}"
    row = venue.upload("event_session", venue.session()["id"], PDF)
    digest = row["hosted_file"]["hash_sha256"]
    caller = venue.machine().caller

    def reaches() -> bool:
        """Whether it does by every way."""
        work = caller.get("/v3/device/work").data
        listed = caller.get(f"/v3/action/event/{venue.event['id']}/file_manifest").data["files"]
        paths = [
            f"event_file/{row['id']}/download",
            f"hosted_file/{row['hosted_file']['id']}/download",
            f"hosted_file/download?id={row['id']}",
            f"hosted_file/hash/{digest}/download",
        ]
        found = {bool(work["manifest"]["files"]), bool(work["prefetch"]), bool(listed)}
        found |= {status_of(caller.get(f"/v3/action/{path}")) == 200 for path in paths}
        assert len(found) == 1
        return found.pop()

    assert venue.staff.patch(event, {"cfg_json": without}).status == 200
    assert reaches()
    assert venue.staff.patch(event, {"cfg_json": {"files_need_approval": True}}).status == 200
    assert not reaches()
    assert venue.staff.post(f"/v3/action/event_file/{row['id']}/approve", {}).status == 200
    assert reaches()
    assert venue.staff.post(f"/v3/action/event_file/{row['id']}/reject", {"reason": "No film"}).status == 200
    assert not reaches()
    assert venue.staff.patch(event, {"cfg_json": without}).status == 200
    assert not reaches()


def status_of(answer: Answer) -> int:
    """Of a download that nobody takes: until it is closed, it counts as going on."""
    request_finished.disconnect(close_old_connections)  # as Django's test client does: the test's transaction is on it
    answer.raw.close()
    request_finished.connect(close_old_connections)
    return answer.status


@pytest.mark.parametrize("profile", Profile.values)
def test_everything_else_is_closed(venue: Venue, south: Party, profile: str) -> None:
    """What guests read, too."""
    machine = venue.machine(profile)
    caller = machine.caller
    for name in registry:
        for path in (f"/v3/crud/{name}/", f"/v3/crud/{name}/schema", f"/v3/crud/{name}/nowhere0000"):
            assert caller.get(path).status == 403, path
        assert caller.search(name, {}).status == 403
        assert caller.post(f"/v3/crud/{name}/", {}).status == 403
        assert caller.get(f"/v2/crud/{name}/list").status == 403
    session = venue.session()["id"]
    for path in (
        *(f"/v3/crud/event/{venue.event['id']}", f"/v3/crud/event/{venue.event['id']}/session/{session}"),
        *(f"/v3/crud/event_device/{machine.id}", "/v3/crud/", "/v3/lookup/country", "/v3/auth/whoami"),
    ):
        assert caller.get(path).status == 403, path
    for path in ("/v3/mcp", "/v3/auth/guest", "/v3/auth/login", "/api/authenticate_exhibit"):
        assert caller.post(path, {}).status == 403, path
    foreign = Venue(south)
    open_to_it = 0
    for (path, method), action in actions.items():
        asked = path.replace("{id}", foreign.event["id"]).replace("{sha256}", "0" * 64).replace("{consent_token}", "x")
        answer = caller(method, f"/v3/action/{asked}", None if method == "GET" else {})
        if profile in action.devices:
            open_to_it += 1
            assert answer.status in (400, 403, 404), (method, asked)
        else:
            assert answer.status == 403, (method, asked)
    assert bool(open_to_it) is (profile in ("launcher", "signage"))


def test_rotating(venue: Venue) -> None:
    machine = venue.machine()
    path = f"/v3/action/event/{venue.event['id']}/file_manifest"
    answer = machine.caller.post("/v3/device/rotate", {})
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "private, no-store")
    following = Machine({**machine.told, **answer.data})
    assert following.token != machine.token
    assert machine.caller.get(path).status == following.caller.get(path).status == 200
    assert machine.caller.post("/v3/device/rotate", {}).status == 403
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        assert machine.caller.get(path).status == 401
        assert following.caller.get(path).status == 200
    assert following.caller.post("/v3/device/rotate", {}).status == 200
    assert venue.staff.post("/v3/device/rotate", {}).status == 403
    with tenant(venue.party.account.pk):
        assert EventDeviceToken.objects.count() <= 3


def test_what_ends_a_device(venue: Venue, south: Party) -> None:
    path = f"/v3/action/event/{venue.event['id']}/file_manifest"
    crud = "/v3/crud/event_device"

    def after(change: Any) -> int:
        machine = venue.machine()
        assert machine.caller.get(path).status == 200
        assert change(machine).status == 200
        at_once()
        return machine.caller.get(path).status

    revoked = venue.machine()
    answer = venue.staff.post(f"/v3/action/event_device/{revoked.id}/revoke", {})
    assert answer.status == 200
    assert revoked.caller.get(path).status == 401
    assert venue.staff.post(f"/v3/action/event_device/{revoked.id}/revoke", {}).data == answer.data
    history = venue.staff.get(f"{crud}/{revoked.id}/history").data
    assert [entry["action"] for entry in history] == ["updated", "created"]
    for method in ("hide", "disable", "delete"):
        assert after(lambda machine, m=method: venue.staff.delete(f"{crud}/{machine.id}?method={m}")) == 401
    assert after(lambda m: venue.staff.patch(f"{crud}/{m.id}", {"event_location_id": None})) == 401
    for stranger in (venue.party.member, venue.party.guest, south.administrator):
        machine = venue.machine()
        assert stranger.post(f"/v3/action/event_device/{machine.id}/revoke", {}).status == 403
        assert machine.caller.get(path).status == 200
    assert after(lambda m: venue.staff.delete(f"/v3/crud/event_location/{venue.room['id']}?method=hide")) == 401


def test_a_profile_is_nobodys_to_change(venue: Venue) -> None:
    machine = venue.machine("kiosk")
    for name in ("profile", "enrolled_on", "revoked_on", "provisioned_by", "last_report_on"):
        answer = venue.staff.patch(f"/v3/crud/event_device/{machine.id}", {name: None})
        assert answer.status == 400, name


def test_a_heartbeat_by_a_key_works_as_before(venue: Venue) -> None:
    device = venue.staff.create("event_device", event_id=venue.event["id"], name="Old")
    values = {"status_json": {"cpu": 4}, "last_seen_on": "2026-05-01T09:30:00Z"}
    answer = venue.staff.patch(f"/v3/crud/event_device/{device['id']}", values)
    assert {name: answer.data[name] for name in values} == values
