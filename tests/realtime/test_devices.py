"""Devices on the websocket: by their own token, with commands and answers, until they are revoked."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import Request, urlopen

import pytest

from realtime.protocol import Close
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
