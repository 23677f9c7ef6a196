"""Clients that break the rules, or just read too slowly: nobody else notices."""

from __future__ import annotations

import json
import socket as sockets
import time
from contextlib import ExitStack

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from tests.background import wait_for
from tests.realtime.servers import Account, Socket


def closed_by(account: Account, *texts: str | bytes) -> int:
    with account.socket() as socket:
        try:
            for text in texts:
                socket.connection.send(text)
        except ConnectionClosed:
            pass
        return socket.closed()


def test_mistakes_are_answered_and_forgiven(north: Account) -> None:
    with north.socket() as socket:
        for text in ("", "null", "[]", '"x"', "{", '{"type":5}', '{"type":"nope"}', '{"type":"ping","x":1}', "NaN"):
            socket.connection.send(text)
            assert socket.next("error")["category"] == "validation"
        socket.connection.send('{"type":"ping","id":{}}')
        assert socket.next("error")["category"] == "validation"
        socket.connection.send('{"type":"nope","id":"mine"}')
        assert socket.next("error")["id"] == "mine"
        for deep in ('{"a":' * 1_000 + "1" + "}" * 1_000, "[" * 60_000):
            socket.connection.send(deep)
            assert socket.next("error")["category"] == "validation"
        assert socket.ask("ping")["type"] == "pong"


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("x" * 65_537, 1009),
        ("x" * 1_000_000, 1009),
        ("😀" * 20_000, 1009),
        (b"\x00" * 10, 1003),
    ],
    ids=["a byte too many", "a million characters", "characters of four bytes", "binary"],
)
def test_frames_that_end_the_socket(north: Account, frame: str | bytes, code: int) -> None:
    # What the client was still sending may hide the code from it.
    assert closed_by(north, frame) in ((code, 1006) if len(frame) > 100_000 else (code,))


def test_a_frame_as_long_as_allowed(north: Account) -> None:
    with north.socket() as socket:
        socket.ask("join", group="long")
        payload = "x" * (65_536 - len(json.dumps({"type": "send", "id": 3, "group": "long", "payload": ""})))
        assert socket.ask("send", group="long", payload=payload)["type"] == "ok"


def test_text_that_is_none(north: Account) -> None:
    with north.socket() as socket:
        with socket.connection.protocol_mutex:
            socket.connection.protocol.send_frame(Frame(Opcode.TEXT, b"\xff\xfe{}"))
            socket.connection.send_data()
        assert socket.closed() == 1007


def test_fragments_without_end(north: Account) -> None:
    def endless():  # type: ignore[no-untyped-def]
        while True:
            yield "x" * 8_192

    with north.socket() as socket:
        with pytest.raises(ConnectionClosed):
            socket.connection.send(endless())
        assert socket.closed() in (1009, 1006)  # it was still sending


def test_a_flood_and_a_heap_of_mistakes(north: Account) -> None:
    assert closed_by(north, *['{"type":"ping"}'] * 20_000) == 1008
    assert closed_by(north, *["{"] * 60) == 1008


def test_one_that_never_reads_is_dropped_and_the_others_hear_on(north: Account) -> None:
    text = "x" * 4_000
    with north.socket() as good, north.socket() as lazy:
        lazy.connection.socket.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4_096)
        lazy.subscribe("journal")  # and from here on it reads no more
        good.subscribe("journal")
        slowest = 0.0
        for _ in range(6):
            north.call("POST", "/v3/crud/journal/bulk", {"create": [{"name": "n", "description": text}] * 200})
            written = time.monotonic()
            for _ in range(200):
                good.next()
            slowest = max(slowest, time.monotonic() - written)
        assert slowest < 5
        assert good.ask("ping")["type"] == "pong"
        wait_for(lambda: "Socket closed: 4408" in log_of(north), "its line in the log")


def test_a_flood_of_pings_whose_pongs_are_not_read(north: Account) -> None:
    """The server answers them beneath the protocol of frames, so it is the connection that gives it away."""
    host, _, port = north.server.base.removeprefix("http://").partition(":")
    headers = {
        "Host": f"{host}:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        "x-aether-api-key": north.keys["user"],
        "x-account-id": north.id,
    }
    asked = "GET /v3/ws HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
    pings = (b"\x89\xfd\x00\x00\x00\x00" + b"x" * 125) * 4_000
    with sockets.create_connection((host, int(port)), timeout=30) as raw:
        raw.sendall(asked.encode())
        heard = b""
        while b'"seq":' not in heard:
            heard += raw.recv(65_536)

        def flood() -> None:
            end = time.monotonic() + 30
            while time.monotonic() < end:
                raw.sendall(pings)

        with pytest.raises(ConnectionError):
            flood()


def log_of(account: Account) -> str:
    return (account.server.home / "logs" / "realtime.log").read_text()


def test_a_socket_that_says_nothing_is_closed_after_five_seconds(north: Account) -> None:
    started = time.monotonic()
    with Socket(north.server) as silent:
        assert silent.closed() == 4401
        assert 4 < time.monotonic() - started < 15
        assert [frame["category"] for frame in silent.heard] == ["permission"]


def test_an_account_has_so_many_sockets_and_takes_none_from_others(north: Account, south: Account) -> None:
    with ExitStack() as opened:
        refused = None
        for _ in range(21):
            socket = opened.enter_context(Socket(north.server))
            socket.hello = socket.ask("auth", api_key=north.keys["manager"], account_id=north.id)
            if socket.hello["type"] == "error":
                refused = socket
                break
        assert refused is not None
        assert (refused.hello["category"], refused.closed()) == ("throttled", 1013)
        opened.enter_context(south.socket())
