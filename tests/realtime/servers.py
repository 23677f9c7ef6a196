"""Servers of the tests' own, and sockets to them."""

from __future__ import annotations

import json
import os
import re
import socket as sockets
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from aether.settings import ROOT

ORIGIN = "https://app.example.org"


class Server:
    """One process: HTTP and websockets."""

    def __init__(self, home: Path, environment: dict[str, str], command: list[str] | None = None) -> None:
        self.home = home
        self.environment = environment
        self.command = command or [sys.executable, "manage.py", "serve", "--port", "0"]
        self.start()

    def start(self) -> None:
        self.log = (self.home / f"serve-{time.monotonic_ns()}.log").open("w+")
        self.process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
            bufsize=1,
        )
        said = []
        for line in self.process.stdout or ():
            said.append(line)
            if found := re.search(r"http://\S+", line):
                self.base = found[0]
                return
        raise AssertionError(f"the server did not start: {said} {self.said()}")

    def said(self) -> str:
        return Path(self.log.name).read_text()

    def kill(self) -> None:
        self.process.kill()
        self.stop()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)
        if self.process.stdout:
            self.process.stdout.close()
        self.log.close()


class Redis:
    """One of the tests' own, which they may kill."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        with sockets.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port: int = listener.getsockname()[1]
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        options = ["--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--dir", str(self.directory)]
        self.process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while True:
            try:
                sockets.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.02)
            else:
                return

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)


@dataclass
class Account:
    """Somebody's account, as the tests act in it."""

    server: Server
    pk: int
    id: str
    keys: dict[str, str]
    users: dict[str, dict[str, str]]
    password: str

    def call(self, method: str, path: str, body: Any = None, *, key: str = "manager", status: int | None = None) -> Any:
        headers = {"x-aether-api-key": self.keys[key], "x-account-id": self.id, "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.server.base + path, data=data, method=method, headers=headers)
        try:
            with urlopen(request, timeout=60) as response:
                answer = json.load(response)
        except HTTPError as error:
            answer = json.load(error)
        if status is None:
            assert answer["meta"]["success"], answer
        else:
            assert answer["meta"]["status_code"] == status, answer
        return answer["data"]

    def make(self, path: str, **values: Any) -> Any:
        return self.call("POST", f"/v3/crud/{path}/", values)

    def log_in(self, role: str) -> str:
        who = {"username": self.users[role]["username"], "password": self.password}
        token: str = self.call("POST", "/v3/auth/login", who, key="publishable")["access"]
        return token

    def socket(self, key: str = "manager", *, server: Server | None = None, jwt: str = "", **more: Any) -> Socket:
        """An open socket that is logged in."""
        socket = Socket(server or self.server, **more)
        who = {"jwt": jwt} if jwt else {"account_id": self.id}
        socket.hello = socket.ask("auth", api_key=self.keys[key], **who)
        assert socket.hello["type"] == "ok", socket.hello
        return socket


@dataclass
class Socket:
    """A websocket; asking returns the answer and keeps what came before it."""

    server: Server
    headers: dict[str, str] = field(default_factory=dict)
    origin: str | None = None
    query: str = ""
    hello: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        address = self.server.base.replace("http", "ws") + "/v3/ws" + self.query
        opened = connect(
            address,
            additional_headers=self.headers,
            origin=self.origin,  # type: ignore[arg-type]
            compression=None,
            proxy=None,
            close_timeout=1,
            open_timeout=60,
        )
        self.connection: ClientConnection = opened.__enter__()
        self.heard: list[dict[str, Any]] = []
        self._ids = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.__exit__(None, None, None)

    def say(self, kind: str, **values: Any) -> None:
        self.connection.send(json.dumps({"type": kind, **values}))

    def ask(self, kind: str, **values: Any) -> dict[str, Any]:
        self._ids += 1
        self.say(kind, id=self._ids, **values)
        return self.until(lambda frame: frame.get("id") == self._ids)

    def until(self, right: Callable[[dict[str, Any]], bool], timeout: float = 60) -> dict[str, Any]:
        """The next frame that is right; the ones before it are kept in `heard`."""
        end = time.monotonic() + timeout
        while True:
            frame: dict[str, Any] = json.loads(self.connection.recv(max(0.01, end - time.monotonic())))
            if right(frame):
                return frame
            self.heard.append(frame)

    def next(self, kind: str = "change", timeout: float = 60) -> dict[str, Any]:
        for index, frame in enumerate(self.heard):
            if frame["type"] == kind:
                return self.heard.pop(index)
        return self.until(lambda frame: frame["type"] == kind, timeout)

    def told_or_resync(self, ids: list[str], timeout: float = 30) -> list[dict[str, Any]]:
        """The frames until all these objects were told of, or a `resync` came."""
        missing, frames = set(ids), []
        while missing:
            frame = self.until(lambda frame: frame["type"] in ("change", "resync"), timeout)
            frames.append(frame)
            missing.discard(frame.get("obj_id", ""))
            if frame["type"] == "resync":
                break
        return frames

    def everything(self) -> list[dict[str, Any]]:
        """All frames that the server had sent before it answered this."""
        self.ask("ping")
        heard, self.heard = self.heard, []
        return heard

    def subscribe(self, obj_type: str, **more: Any) -> int:
        answer = self.ask("subscribe", obj_type=obj_type, **more)
        assert answer["type"] == "ok", answer
        number: int = answer["subscription"]
        return number

    def refusal(self, kind: str, **values: Any) -> str:
        answer = self.ask(kind, **values)
        assert answer["type"] == "error", answer
        category: str = answer["category"]
        return category

    def closed(self, timeout: float = 60) -> int:
        """Waits until the server closes; the code."""
        end = time.monotonic() + timeout
        try:
            while True:
                self.heard.append(json.loads(self.connection.recv(max(0.01, end - time.monotonic()))))
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


def environment_of(home: Path, **more: str) -> dict[str, str]:
    passed = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "PORT", "HOST")}
    return (
        passed
        | {
            "AETHER_HOME": str(home),
            "AETHER_ENV_FILE": "/dev/null",
            "AETHER_WORKER_THREADS": "1",
            "AETHER_ACCOUNT_SOCKETS": "20",
            "PYTHONUNBUFFERED": "1",
        }
        | more
    )


def cast_in(environment: dict[str, str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "tests.realtime.cast"]
    made = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(made.stdout)
    return found
