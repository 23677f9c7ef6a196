"""A database that is lost around a COMMIT: nobody knows whether it took place, and nothing is written twice (FLT-03)."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from content.models import Journal
from tenancy.context import every_tenant

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(connection.vendor != "mysql", reason="MariaDB's"),
]
COMMIT = b"\x03COMMIT"
"""How the client sends it, after the four bytes of its length."""


class Line:
    """A way to the database. It breaks at the next COMMIT, once, if it is told to: `before` the server has got it, or
    `after` the server has done it, and then nobody hears of that."""

    def __init__(self, place: Path, server: str) -> None:
        self.server, self.breaks, self.broken = server, "", 0
        self.door = socket.socket(socket.AF_UNIX)
        self.door.bind(str(place))
        self.door.listen()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        with suppress(OSError):  # closed at the test's end
            while True:
                client, server = self.door.accept()[0], socket.socket(socket.AF_UNIX)
                server.connect(self.server)
                for way in (self.ask, self.answer):
                    threading.Thread(target=way, args=[client, server], daemon=True).start()

    def ask(self, client: socket.socket, server: socket.socket) -> None:
        while said := received(client):
            if said[4:].upper() == COMMIT and self.breaks:
                self.broken += 1
                if self.breaks == "before":
                    break
            server.sendall(said)
        end(client, server)

    def answer(self, client: socket.socket, server: socket.socket) -> None:
        while (said := received(server)) and not (self.broken and self.breaks == "after"):
            client.sendall(said)
        end(client, server)


def received(end: socket.socket) -> bytes:
    with suppress(OSError):
        return end.recv(2**16)
    return b""


def end(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def line(inhabited: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Line]:
    options = connection.settings_dict["OPTIONS"]
    with tempfile.TemporaryDirectory(prefix="aether-") as short:  # the path of a socket is limited to 107 bytes
        made = Line(Path(short) / "line", options["unix_socket"])
        connections.close_all()
        with monkeypatch.context() as patched, closing(made.door):
            patched.setitem(options, "unix_socket", f"{short}/line")
            patched.setitem(options, "ssl_mode", "DISABLED")
            yield made
            connections.close_all()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_is_sent_again_is_there_once(line: Line, inhabited: Any, moment: str) -> None:
    north = inhabited[1].manager
    line.breaks = moment
    answer = north.post("/v3/crud/journal/", {"name": "Sent"}, idempotency_key=moment)
    assert line.broken == 1, "it was tried again, or nobody wrote"
    assert answer.status == 503
    assert answer.error[0] == "database_connection"
    line.breaks = ""
    again = north.post("/v3/crud/journal/", {"name": "Sent"}, idempotency_key=moment)
    assert again.status == 201
    assert again.headers.get("Idempotent-Replayed") == ("true" if moment == "after" else None)
    with every_tenant(reason="the test counts what is there"):
        assert [row.id_random for row in Journal.objects.all()] == [again.data["id"]]
