"""Coming in, and being shown the door: the handshake, authentication as by HTTP, the end of a right."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any
from urllib.request import urlopen

import pytest
from websockets.exceptions import InvalidStatus

from accounts import tokens
from aether.settings import ROOT
from tests.background import wait_for
from tests.realtime.conftest import World
from tests.realtime.servers import ORIGIN, Account, Socket


def first_answer(world: World, frame: Any, **more: Any) -> tuple[dict[str, Any], int]:
    """What a new socket hears after its first frame, and how it is closed."""
    with Socket(world.server, **more) as socket:
        socket.connection.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))
        code = socket.closed()
        return socket.heard[-1] if socket.heard else {}, code


def test_a_key_with_an_account(north: Account) -> None:
    with north.socket("administrator") as socket:
        assert socket.hello == {
            "type": "ok",
            "id": 1,
            "account_id": north.id,
            "role": "administrator",
            "seq": socket.hello["seq"],
            "client": socket.hello["client"],
        }
        assert socket.refusal("auth", api_key=north.keys["manager"], account_id=north.id) == "validation"
        assert socket.ask("ping")["type"] == "pong"


def test_a_key_with_a_token(north: Account) -> None:
    with north.socket("publishable", jwt=north.log_in("administrator")) as socket:
        assert (socket.hello["account_id"], socket.hello["role"]) == (north.id, "administrator")


@pytest.mark.parametrize("with_token", [False, True])
def test_headers(north: Account, with_token: bool) -> None:
    headers = {"x-aether-api-key": north.keys["publishable" if with_token else "user"]}
    headers |= {"authorization": f"Bearer {north.log_in('manager')}"} if with_token else {"x-account-id": north.id}
    with Socket(north.server, headers) as socket:
        hello = socket.next("ok")
        assert (hello["account_id"], hello["role"]) == (north.id, "manager" if with_token else "user")
        assert socket.refusal("auth", api_key="x", account_id=north.id) == "validation"


def test_whoever_is_not_known_gets_no_socket(world: World, north: Account, south: Account) -> None:
    key, south_token = north.keys["user"], south.log_in("manager")
    good = {"type": "auth", "api_key": key, "account_id": north.id}
    refused: list[tuple[Any, str]] = [
        ({**good, "api_key": "aes_nonsense"}, "permission"),
        ({**good, "api_key": key[:-1]}, "permission"),
        ({**good, "api_key": None}, "validation"),
        ({**good, "api_key": 0}, "validation"),
        ({**good, "api_key": [key]}, "validation"),
        ({**good, "api_key": "x" * 5_000}, "validation"),
        ({**good, "account_id": south.id}, "permission"),
        ({**good, "account_id": north.pk}, "validation"),
        ({**good, "account_id": "*"}, "permission"),
        ({"type": "auth", "api_key": key}, "permission"),
        ({**good, "jwt": "nonsense"}, "authentication"),
        ({**good, "jwt": south_token}, "permission"),
        ({**good, "jwt": "😀"}, "authentication"),
        ({**good, "bypass": True}, "validation"),
        ({**good, "type": "subscribe"}, "permission"),
        ({"type": "ping"}, "permission"),
        ({}, "validation"),
        ([], "validation"),
        ("", "validation"),
        ("{", "validation"),
        ('{"type":"auth","type":"auth"}', "validation"),
        ('{"type":"auth","api_key":"\\ud800"}', "validation"),
        ("[" * 1_000, "validation"),
    ]
    for frame, category in refused:
        heard, code = first_answer(world, frame)
        assert (heard.get("type"), heard.get("category"), code) == ("error", category, 4401), frame
        assert south.id not in json.dumps(heard)
    assert first_answer(world, b"\x00\x01")[1] == 1003


def test_headers_that_do_not_authenticate(world: World, north: Account, south: Account) -> None:
    mine = {"x-aether-api-key": north.keys["manager"]}
    for headers, category in (
        ({"x-aether-api-key": "aes_nonsense", "x-account-id": north.id}, "permission"),
        ({**mine, "x-account-id": south.id}, "permission"),
        (mine, "permission"),
        ({**mine, "x-no-account-id": "bypass"}, "permission"),
        ({"authorization": f"Bearer {north.log_in('manager')}"}, "permission"),
        ({**mine, "x-account-id": north.id, "authorization": "Bearer x"}, "authentication"),
    ):
        with Socket(world.server, headers) as socket:
            assert socket.closed() == 4401
            assert [frame.get("category") for frame in socket.heard] == [category]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (ORIGIN, True),
        ("same", True),
        ("null", False),
        ("https://evil.example.org", False),
        (f"{ORIGIN}.evil.org", False),
        (f"{ORIGIN}:8443", False),
        (ORIGIN.replace("https", "http"), False),
        ("https://app.example.org@evil.org", False),
        ("same/", False),
        ("ftp://same", False),
    ],
)
def test_pages_of_other_origins_do_not_get_in(world: World, origin: str, allowed: bool) -> None:
    host = world.server.base.removeprefix("http://")
    origin = {"same": f"http://{host}", "same/": f"http://{host}/", "ftp://same": f"ftp://{host}"}.get(origin, origin)
    if allowed:
        Socket(world.server, origin=origin).connection.close()
        return
    with pytest.raises(InvalidStatus) as refused:
        Socket(world.server, origin=origin)
    assert refused.value.response.status_code == 403


def test_a_token_in_the_address_is_refused(world: World, north: Account) -> None:
    token = north.log_in("user")
    with pytest.raises(InvalidStatus) as refused:
        Socket(world.server, query=f"?jwt={token}")
    assert refused.value.response.status_code == 403
    logs = world.server.said() + "".join(file.read_text() for file in (world.server.home / "logs").glob("*.log"))
    assert token not in logs
    assert north.keys["user"] not in logs


def test_a_right_that_ends_ends_the_socket(world: World, north: Account, settings: Any) -> None:
    """A revoked key, a disabled user, an expired token: each within five seconds."""
    settings.AETHER_API_JWT_KEY = json.loads((world.server.home / "secrets.json").read_text())["AETHER_API_JWT_KEY"]
    lasting = tokens.read(north.log_in("manager"), tokens.ENTRANCE)
    claims = {name: lasting[name] for name in ("account", "role", "key", "password", "family") if name in lasting}
    short = tokens.make(tokens.Use.ACCESS, lasting["sub"], timedelta(seconds=4), **claims)[0]
    stale = tokens.make(tokens.Use.ACCESS, lasting["sub"], timedelta(seconds=-5), **claims)[0]
    assert first_answer(world, {"type": "auth", "api_key": north.keys["publishable"], "jwt": stale})[1] == 4401

    opened = {
        "expired": north.socket("publishable", jwt=short),
        "disabled": north.socket("publishable", jwt=north.log_in("user")),
        "revoked": north.socket("read_only"),
        "untouched": north.socket("manager"),
    }
    prefix = north.keys["read_only"].split("_")[1]
    command = [sys.executable, "manage.py", "revoke_api_key", prefix]
    subprocess.run(command, cwd=ROOT, env=world.server.environment, check=True, capture_output=True)
    users = north.users
    north.call("PATCH", f"/v3/crud/user/{users['user']['id']}", {"enable": False})
    started = time.monotonic()
    try:
        codes = {why: socket.closed() for why, socket in opened.items() if why != "untouched"}
        assert codes == dict.fromkeys(codes, 4401)
        assert time.monotonic() - started < 12  # five, and what a busy machine takes
        assert opened["untouched"].ask("ping")["type"] == "pong"
    finally:
        for socket in opened.values():
            socket.connection.close()
        north.call("PATCH", f"/v3/crud/user/{users['user']['id']}", {"enable": True})


def test_other_addresses_have_no_socket(world: World) -> None:
    with pytest.raises(InvalidStatus) as refused:
        Socket(world.server, query="/other")
    assert refused.value.response.status_code == 403


def test_open_sockets_are_counted(world: World, north: Account) -> None:
    def counted() -> float:
        with urlopen(f"{world.server.base}/metrics", timeout=60) as answer:
            found = re.search(r"^aether_sockets\{.*\} ([\d.]+)$", answer.read().decode(), re.MULTILINE)
        return float(found[1]) if found else 0

    with north.socket(), north.socket():
        assert counted() >= 2
        open_ones = counted()
    wait_for(lambda: counted() <= open_ones - 2, "the end of two")
