"""Devices on the websocket: by their own token, with commands and answers, until they are revoked."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from realtime.protocol import Close
from tests.background import wait_for
from tests.realtime.conftest import World
from tests.realtime.servers import Account, Socket


def post(base: str, path: str, body: Any) -> Any:
    request = Request(f"{base}{path}", json.dumps(body).encode(), {"content-type": "application/json"})
    with urlopen(request, timeout=60) as response:
        return json.load(response)["data"]


@pytest.fixture
def room(north: Account) -> Any:
    event = north.make("event", name="Congress")
    return north.make("event_location", event_id=event["id"], name="Hall")


def enrolled(account: Account, room: Any, profile: str = "launcher") -> Any:
    wanted = {"event_location_id": room["id"], "profile": profile}
    token = account.call("POST", "/v3/action/event_device/provision", wanted)["token"]
    return post(account.server.base, "/v3/device/enrol", {"token": token, "name": "Lectern"})


def socket_of(account: Account, device: Any) -> Socket:
    socket = Socket(account.server)
    socket.hello = socket.ask("auth", device_token=device["device_token"])
    assert socket.hello["type"] == "ok", socket.hello
    return socket


def test_commands_and_answers_and_the_end(north: Account, room: Any) -> None:
    device, other = enrolled(north, room), enrolled(north, room, "kiosk")
    path = f"/v3/action/event_device/{device['event_device_id']}"
    before = north.call("POST", f"{path}/command", {"command": "identify"})
    with socket_of(north, device) as socket, socket_of(north, other) as neighbour:
        assert (socket.hello["role"], socket.hello["account_id"]) == ("device", north.id)
        assert socket.next("command")["command_id"] == before["id"]
        made = north.call("POST", f"{path}/command", {"command": "open", "payload": {"hash_sha256": "ab"}})
        frame = {"type": "command", "command_id": made["id"], "command": "open", "payload": {"hash_sha256": "ab"}}
        assert socket.next("command") == frame
        row = f"/v3/crud/event_device_command/{made['id']}"
        assert north.call("GET", row)["status"] == "sent"
        assert neighbour.refusal("ack", command_id=made["id"], ok=True) == "not_found"
        assert socket.refusal("ack", command_id=made["id"], ok="yes") == "validation"
        assert socket.ask("ack", command_id=made["id"], ok=False, message="no such file")["status"] == "failed"
        answered = north.call("GET", row)
        assert (answered["status"], answered["message"]) == ("failed", "no such file")
        for kind, values in (
            ("subscribe", {"obj_type": "event"}),
            ("subscribe", {"obj_type": "event_file"}),
            ("join", {"group": "g"}),
        ):
            assert socket.refusal(kind, **values) == "permission"
        north.call("POST", f"{path}/revoke", {})
        assert socket.closed() == Close.NO_ACCESS
        assert neighbour.ask("ping")["type"] == "pong"
        assert [frame for frame in neighbour.everything() if frame["type"] == "command"] == []
    with Socket(north.server) as again:
        again.say("auth", device_token=device["device_token"])
        assert again.closed() == Close.NO_ACCESS
    with north.socket() as staff:
        assert staff.refusal("ack", command_id=made["id"], ok=True) == "permission"


def test_a_token_goes_alone(world: World, north: Account, room: Any) -> None:
    token = enrolled(north, room)["device_token"]
    with Socket(world.server) as socket:
        socket.say("auth", device_token=token, account_id=north.id)
        assert socket.closed() == Close.NO_ACCESS
    with Socket(world.server, {"authorization": f"Bearer {token}"}) as socket:
        assert socket.next("ok")["role"] == "device"


def test_how_ready_rooms_are_is_told_as_it_changes(north: Account, south: Account, room: Any) -> None:
    event = north.call("GET", f"/v3/crud/event_location/{room['id']}")["event_id"]
    session = north.make("event_session", event_id=event, event_location_id=room["id"], name="Opening")
    launcher, sign = enrolled(north, room), enrolled(north, room, "signage")
    with north.socket("user") as staff, socket_of(north, sign) as board:
        number = staff.ask("subscribe", readiness=event)["subscription"]
        assert board.ask("subscribe", readiness=event)["type"] == "ok"

        def told(state: str, have: int, total: int) -> None:
            place = {"event_location_id": room["id"], "event_session_id": session["id"]}
            for socket in (staff, board):
                frame = socket.next("readiness")
                assert frame == {"type": "readiness", "subscription": frame["subscription"], **place} | {
                    "state": state,
                    "have": have,
                    "total": total,
                }

        report(north, launcher, have=[])
        told("ready", 0, 0)
        north.make("event_presentation", event_session_id=session["id"], name="Talk")
        told("missing", 0, 0)
        talk = north.call("GET", f"/v3/crud/event_session/{session['id']}/presentation/")[0]
        deck = upload(north, "event_presentation", talk["id"])
        told("stale", 0, 1)
        report(north, launcher, have=[deck])
        told("ready", 1, 1)
        report(north, launcher, opened=deck)
        told("opened", 1, 1)
        north.call("DELETE", f"/v3/crud/event_session/{session['id']}?method=hide")
        told(None, 0, 0)  # type: ignore[arg-type]
        assert staff.ask("unsubscribe", subscription=number)["type"] == "ok"
        assert staff.refusal("unsubscribe", subscription=number) == "validation"
        assert staff.refusal("subscribe", readiness="nowhere0000") == "not_found"
        assert staff.refusal("subscribe", readiness=event, obj_type="event") == "validation"
    foreign = south.make("event", name="Theirs")["id"]
    with north.socket() as staff, socket_of(north, launcher) as machine, socket_of(north, sign) as board:
        for socket in (staff, machine, board):
            assert socket.refusal("subscribe", readiness=foreign) == "permission"
        assert machine.refusal("subscribe", readiness=event) == "permission"


def report(account: Account, device: Any, **said: Any) -> None:
    """As soon as the server takes one."""
    headers = {"content-type": "application/json", "authorization": f"Bearer {device['device_token']}"}
    request = Request(f"{account.server.base}/v3/device/report", json.dumps(said).encode(), headers)

    def taken() -> bool:
        try:
            with urlopen(request, timeout=60):
                return True
        except HTTPError as error:
            if error.code != 429:
                raise
            return False

    wait_for(taken, "a report that is taken")


def upload(account: Account, for_type: str, for_id: str) -> str:
    """A deck for a talk; its hash."""
    parts = {"for_type": for_type, "for_id": for_id}
    body = "".join(f'--X\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in parts.items())
    body += '--X\r\nContent-Disposition: form-data; name="file"; filename="deck.pdf"\r\n\r\n%PDF-1.4\n\r\n--X--\r\n'
    headers = {
        "x-aether-api-key": account.keys["manager"],
        "x-account-id": account.id,
        "content-type": "multipart/form-data; boundary=X",
    }
    request = Request(f"{account.server.base}/v3/action/event_file/upload", body.encode(), headers)
    with urlopen(request, timeout=60) as response:
        digest: str = json.load(response)["data"]["hosted_file"]["hash_sha256"]
    return digest
