"""Clients that are slow, and those that leave, at the application itself: nothing stands before it."""

from __future__ import annotations

import http.client
import json
import os
import random
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from aether.settings import ROOT
from tests.background import answers, free_port, wait_for
from tests.docs.conftest import own_environment, serving
from tests.files.sending import BOUNDARY, UPLOAD, multipart, stored
from tests.files.service import Service

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("slow")
    all_of_it = {"AETHER_BODY_PATIENCE": "2", "AETHER_FAIR_SHARE": "1"}  # here one account takes all threads
    environment = own_environment(home, "aether_slow") | all_of_it
    with serving(ROOT, home, environment) as live:
        yield Service(live.base, live)


def address(service: Service) -> tuple[str, int]:
    """Of the application itself."""
    at = urlsplit(service.base)
    return str(at.hostname), int(at.port or 80)


def beginning(service: Service, path: str, content_type: str, begun: bytes, length: int = 90_000) -> bytes:
    """A request that says it has more to come."""
    account = service.live.demo["accounts"][0]
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", f"content-type: {content_type}", f"content-length: {length}"]
    lines += [f"x-aether-api-key: {account['api_keys']['user']}", f"x-account-id: {account['id']}", "", ""]
    return "\r\n".join(lines).encode() + begun


def begun_upload(service: Service, name: str, size: int) -> bytes:
    begun = multipart((name, bytes(size)))[: size - 10_000]
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return beginning(service, UPLOAD, kind, begun, size + 40_000)


def test_bodies_that_come_too_slowly_give_their_threads_back(service: Service) -> None:
    """FILE-11, without nginx before the application: four trickle in, four fall silent; all threads are theirs."""
    begun = [
        begun_upload(service, "slow.bin", 50_000),
        beginning(service, "/v3/crud/journal/", "application/json", b'{"name": "'),
    ] * 4
    before, until = stored(service.live.home / "files"), time.monotonic() + 15
    with ExitStack() as opened:
        clients = [opened.enter_context(socket.create_connection(address(service), 20)) for _ in begun]
        for client, request in zip(clients, begun, strict=True):
            client.sendall(request)
        while not select.select(clients, [], [], 0.2)[0] and time.monotonic() < until:
            for client in clients[:4]:
                client.sendall(b"x")
        assert service("/v3/crud/journal/").status == 200
        for client in clients:
            answer = http.client.HTTPResponse(client)
            answer.begin()
            details = json.loads(answer.read())["meta"]["details"]
            assert (answer.status, answer.headers["connection"], details["category"], details["code"]) == (
                *(408, "close"),
                *("validation", 408),
            )
    assert stored(service.live.home / "files") == before


@contextmanager
def gunicorn(service: Service, **environment: str) -> Iterator[Service]:
    """The same service once more, as containers run it."""
    home = service.live.home
    base = f"http://127.0.0.1:{(port := free_port())}"
    command = [sys.executable, "-m", "gunicorn", "--config", "docker/gunicorn.conf.py", "aether.wsgi"]
    environment = service.live.environment | environment | {"AETHER_API_BIND": f"127.0.0.1:{port}"}
    with (home / "gunicorn.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        try:
            wait_for(lambda: answers(port), f"gunicorn ({log.name})")
            yield Service(base, service.live)
        finally:
            process.terminate()
            process.wait(20)


def test_gunicorn_gives_up_on_connections_that_are_silent(service: Service) -> None:
    """Should nginx's machine vanish in the middle of requests: the configuration waits a minute, here a second."""
    before = stored(service.live.home / "files")
    with (
        gunicorn(service, AETHER_API_SILENCE="1", AETHER_API_WORKERS="1", AETHER_WEB_THREADS="2") as behind,
        ExitStack() as opened,
    ):
        clients = [opened.enter_context(socket.create_connection(address(behind), 20)) for _ in range(2)]
        for client in clients:  # both threads are theirs
            client.sendall(begun_upload(behind, "silent.bin", 50_000))
        assert behind("/v3/crud/journal/").status == 200
        for client in clients:
            answer = http.client.HTTPResponse(client)
            answer.begin()
            assert (answer.status, json.loads(answer.read())["meta"]["details"]["code"]) == (408, 408)
    assert stored(service.live.home / "files") == before


def test_an_account_that_takes_long_leaves_threads_to_others(service: Service) -> None:
    """It may have two of four while others are about; what is more is told to wait, and it alone."""
    settings = {"AETHER_API_WORKERS": "1", "AETHER_WEB_THREADS": "4", "AETHER_FAIR_SHARE": "0.5"}
    with gunicorn(service, **settings) as behind, ExitStack() as opened:
        other = behind.of(1, "user")
        assert behind("/v3/crud/journal/", **other).status == 200
        for _ in range(2):
            client = opened.enter_context(socket.create_connection(address(behind), 20))
            client.sendall(begun_upload(behind, "long.bin", 50_000))
        wait_for(lambda: behind("/v3/crud/journal/").status == 429, "a refusal")
        refused = behind("/v3/crud/journal/")
        details = json.loads(refused.body)["meta"]["details"]
        assert (refused.status, refused.headers["Retry-After"]) == (429, "1")
        assert (details["category"], details["reason"], details["recoverable"]) == ("throttled", "busy", True)
        assert [behind("/v3/crud/journal/", **other).status for _ in range(20)] == [200] * 20
        counted = behind("/metrics").body.decode()
        assert f'aether_held_back_total{{account="{behind.of(0, "user")["x_account_id"]}",lane="all"}}' in counted
        assert "aether_held_back_timestamp" not in counted
        assert 'aether_server_info{server="gunicorn"} 1.0' in counted
        opened.close()
        wait_for(lambda: behind("/v3/crud/journal/").status == 200, "its threads")


def test_readers_who_take_nothing_give_their_threads_back(service: Service) -> None:
    made = service.upload("long.bin", bytes(24 * 2**20))  # more than there is room for between us
    account = service.live.demo["accounts"][0]
    lines = [f"GET /v3/action/hosted_file/{made['id']}/download HTTP/1.1", "host: 127.0.0.1"]
    lines += [f"x-aether-api-key: {account['api_keys']['user']}", f"x-account-id: {account['id']}", "", ""]
    with ExitStack() as opened:
        clients = [opened.enter_context(socket.create_connection(address(service), 20)) for _ in range(8)]
        for client in clients:
            client.sendall("\r\n".join(lines).encode())
            assert client.recv(9) == b"HTTP/1.1 "
        assert service("/v3/crud/journal/").status == 200  # all eight threads were theirs


def held(service: Service) -> int:
    """Connections of clients, and files of the store, that the application has open."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    ours = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{address(service)[1]:04X}")}
    count = 0
    for link in Path(f"/proc/{service.live.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed
            place = os.readlink(link)
            count += place in ours or place.startswith(str(service.live.home / "files"))
    return count


def test_uploads_that_break_off_anywhere_leave_nothing(service: Service) -> None:
    """FILE-10: by a reset or in order, anywhere in the request, and when a part of the file is on the disk."""
    before, open_before, chance = stored(service.live.home / "files"), held(service), random.Random(10)
    request = begun_upload(service, "aborted.bin", 2_500_000)
    for number in range(200):
        with socket.create_connection(address(service), 20) as client:
            if number < 20:
                client.sendall(request)
                wait_for(lambda: stored(service.live.home / "files") != before, "a draft")
            else:
                client.sendall(request[: chance.randrange(1, len(request))])
            if number % 2:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if number < 20:
            wait_for(lambda: stored(service.live.home / "files") == before, "the end of the draft")
    wait_for(lambda: stored(service.live.home / "files") == before, "the end of the drafts")
    wait_for(lambda: held(service) <= open_before, "the end of the connections")
    assert service("/v3/crud/hosted_file/?filename=aborted.bin").data == []
