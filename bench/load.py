"""Load on one server, by wrk, or else by a generator of our own, which manages some 10,000 requests a second.

`python -m bench.load HOST PORT REQUESTS SECONDS SEED` is the latter.
"""

from __future__ import annotations

import json
import re
import selectors
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.processes import LOAD_CORE, pinned

CONNECTIONS = 8
UNIQUE = b"@@@@@@@@"
"""In a request: becomes a number that no other request of the run has."""
LAST_CHUNK = b"\r\n0\r\n\r\n"
_seeds = count(int(time.time()) % 1000 * 100_000, 1_000_003)


@dataclass(slots=True)
class Load:
    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int


def write_requests(file: Path, requests: list[bytes]) -> None:
    file.write_bytes(b"".join(b"%d\n%b" % (len(request), request) for request in requests))


def run_load(port: int, requests: Path, seconds: float) -> Load:
    seed = str(next(_seeds))
    if shutil.which("wrk"):
        script = str(Path(__file__).with_name("wrk.lua"))
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "20s", "--latency"]
        command += ["-s", script, f"http://127.0.0.1:{port}", "--", str(requests), seed]
    else:
        command = [sys.executable, "-m", "bench.load", "127.0.0.1", str(port), str(requests), str(seconds), seed]
    root = Path(__file__).parent.parent
    done = subprocess.run(pinned(LOAD_CORE, command), capture_output=True, text=True, check=False, cwd=root)
    for line in done.stdout.splitlines():
        if line.startswith("RESULT "):
            return Load(**json.loads(line.removeprefix("RESULT ")))
    raise SystemExit(f"The load generator failed:\n{done.stdout}{done.stderr}")


class Connection:
    """One keep-alive connection: a request, its answer, the next."""

    def __init__(self, address: tuple[str, int]) -> None:
        self.socket = socket.create_connection(address, timeout=20)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = self.tail = b""
        self.status = 0
        self.missing: int | None = None
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.received, self.status, self.sent_at = b"", 0, time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> int:
        """The status once the whole answer is there; 0 before."""
        data = self.socket.recv(262_144)
        if not data:
            raise ConnectionError("the server closed the connection")
        if not self.status:
            self.received += data
            head, found, data = self.received.partition(b"\r\n\r\n")
            if not found:
                return 0
            self.status = int(head[9:12])
            length = re.search(rb"\r\ncontent-length: *(\d+)", head.lower())
            self.missing = int(length[1]) if length else None
            self.tail = b""
        if self.missing is not None:
            self.missing -= len(data)
            return 0 if self.missing else self.status
        self.tail = (self.tail + data)[-len(LAST_CHUNK) :]
        return self.status if self.tail == LAST_CHUNK else 0


def generate(address: tuple[str, int], requests: list[bytes], seconds: float, number: int) -> Load:
    selector = selectors.DefaultSelector()
    unique = UNIQUE in requests[0]
    at, errors, times = number % len(requests), 0, []

    def following() -> bytes:
        nonlocal at, number
        at, number = (at + 1) % len(requests), number + 1
        return requests[at].replace(UNIQUE, b"%08d" % (number % 10**8)) if unique else requests[at]

    started = time.perf_counter()
    for _ in range(CONNECTIONS):
        connection = Connection(address)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(following())
    now = started
    while now < started + seconds:
        for key, _ in selector.select(1):
            connection = key.data
            status = connection.receive()
            if status:
                times.append(time.perf_counter() - connection.sent_at)
                errors += status >= 400
                connection.send(following())
        now = time.perf_counter()
    times.sort()
    p50, p99 = (times[int(len(times) * share)] * 1000 for share in (0.5, 0.99))
    return Load(len(times), now - started, p50, p99, errors)


def read_requests(file: Path) -> list[bytes]:
    requests = []
    with file.open("rb") as stream:
        while length := stream.readline():
            requests.append(stream.read(int(length)))
    return requests


if __name__ == "__main__":
    host, port, file, seconds, seed = sys.argv[1:]
    load = generate((host, int(port)), read_requests(Path(file)), float(seconds), int(seed))
    print("RESULT", json.dumps({name: getattr(load, name) for name in Load.__slots__}))
