"""A Novi AMS of the tests' own, over real HTTP on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "raw/key+of==Novi:1"

ADA = {"UniqueID": "x", "Name": "Ada Lovelace", "FirstName": "Ada", "LastName": "Lovelace", "Active": True}
ADA |= {"Email": "ada novi@example.org", "MembershipExpires": "2030-01-01", "MemberStatus": "current"}
ADA |= {"BillingAddress": {"City": "London"}}


class FakeNovi:
    """Answers as the test has said last; keeps what it was asked."""

    def __init__(self) -> None:
        self.answer: Callable[[Any], None] = self.member()
        self.seen: list[tuple[str, str, str]] = []
        """Method, path, Authorization."""
        self.over = threading.Event()
        """Set at the end of the test: whoever waits goes home."""

    @property
    def paths(self) -> list[str]:
        return [path for _, path, _ in self.seen]

    # what it can say

    def says(self, body: bytes, status: int = 200, **headers: str) -> Callable[[Any], None]:
        sent = {"Content-Length": str(len(body)), "Content-Type": "application/json", **headers}

        def answer(handler: Any) -> None:
            handler.send_response(status)
            for name, value in sent.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(body)

        return answer

    def member(self, **fields: Any) -> Callable[[Any], None]:
        return self.says(json.dumps(ADA | fields).encode())

    def raw(self, *parts: bytes) -> Callable[[Any], None]:
        def answer(handler: Any) -> None:
            for part in parts:
                handler.wfile.write(part)
            handler.wfile.flush()

        return answer

    def silent(self, handler: Any) -> None:
        self.over.wait(20)

    def trickling(self, begin: bytes) -> Callable[[Any], None]:
        """A byte now and then, always soon enough for the read timeout."""

        def answer(handler: Any) -> None:
            handler.wfile.write(begin)
            while not self.over.wait(0.03):
                handler.wfile.write(b" ")

        return answer

    def endless(self, handler: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not self.over.is_set():
            handler.wfile.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")


@contextmanager
def fake_novi() -> Iterator[tuple[FakeNovi, str]]:
    """The fake, and its base address."""
    novi = FakeNovi()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            novi.seen.append((self.command, self.path, self.headers.get("Authorization", "")))
            with suppress(ConnectionError):
                novi.answer(self)

        def log_message(self, *args: Any) -> None:
            """The tests look at what was seen."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 100

        def handle_error(self, *args: Any) -> None:
            """A caller that hung up."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield novi, f"http://127.0.0.1:{server.server_port}/api"
    finally:
        novi.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
