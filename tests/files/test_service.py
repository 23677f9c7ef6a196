"""As in service: nginx before the API, a worker in a process of its own, Redis between them. One of them is killed."""

from __future__ import annotations

import http.client
import json
import os
import random
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from aether.settings import ROOT
from tests.background import children_of, free_port, own_redis, runs, wait_for, worker
from tests.docs.conftest import own_environment, serving
from tests.docs.markdown import blocks_of
from tests.files.media import film, seconds_of
from tests.files.raw_pdf import page, stream
from tests.files.sending import BOUNDARY, multipart, stored

pytestmark = pytest.mark.timeout(240)

NGINX = """
daemon off; pid {home}/nginx.pid; error_log stderr; {user}
events {{ }}
http {{
    access_log off; client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/f;
    uwsgi_temp_path {home}/u; scgi_temp_path {home}/s;
    upstream aether_api {{ server {api}; }}
    server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://aether_api; }} {locations} }}
}}
"""


@contextmanager
def nginx(home: Path, api: str) -> Iterator[str]:
    """With the locations that docs/files.md shows."""
    locations = "".join(block.text for block in blocks_of("docs/files.md") if block.language == "nginx")
    port = free_port()
    config = home / "nginx.conf"
    config.write_text(
        NGINX.format(
            home=home,
            user="user root;" if os.getuid() == 0 else "",
            api=urlsplit(api).netloc,
            port=port,
            locations=locations.replace("FILES_DIRECTORY", str(home / "files")),
        )
    )
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    assert program, "nginx is missing; scripts/test_packages.sh installs it"
    process = subprocess.Popen([program, "-p", str(home), "-c", str(config)])
    try:
        base = f"http://127.0.0.1:{port}"
        wait_for(lambda: _answers(base), "nginx")
        yield base
    finally:
        process.terminate()
        process.wait(60)


def _answers(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/health/live", timeout=5) as response:
            return bool(response.status == 200)
    except urllib.error.URLError:
        return False


@dataclass
class Reply:
    status: int
    headers: Any
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)["data"]


@dataclass
class Service:
    """The demo's first account, over the wire, through nginx."""

    base: str
    direct: str
    """The application's own address, without nginx."""
    pid: int
    home: Path
    demo: Any
    worker: subprocess.Popen[bytes]
    worker_log: Path
    environment: dict[str, str]

    def __call__(self, path: str, body: bytes | None = None, method: str | None = None, **headers: str) -> Reply:
        account = self.demo["accounts"][0]
        own = {"x-aether-api-key": account["api_keys"]["user"], "x-account-id": account["id"]}
        url = path if path.startswith("http") else self.base + path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(url, body, own | named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Reply(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.headers, error.read())

    def of(self, number: int, role: str) -> dict[str, str]:
        """Headers of somebody of an account of the demo."""
        account = self.demo["accounts"][number]
        return {"x_aether_api_key": account["api_keys"][role], "x_account_id": account["id"]}

    def upload(self, name: str, data: bytes, **headers: str) -> Any:
        content_type = f"multipart/form-data; boundary={BOUNDARY}"
        reply = self("/v3/action/hosted_file/upload", multipart((name, data)), content_type=content_type, **headers)
        assert reply.status == 201, reply.body
        return reply.data

    def file(self, public_id: str) -> Any:
        return self(f"/v3/crud/hosted_file/{public_id}").data


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    home = tmp_path_factory.mktemp("service")
    environment = own_environment(home, "aether_files")
    with own_redis(home) as broker:
        environment |= {
            "CELERY_BROKER_URL": broker,
            "AETHER_WORKER_THREADS": "0",
            "AETHER_X_ACCEL_PREFIX": "/files-inside/",
            "AETHER_BODY_PATIENCE": "2",
        }
        log = home / "worker.log"
        with (
            serving(ROOT, home, environment) as live,
            nginx(home, live.base) as base,
            worker(environment, log) as process,
        ):
            yield Service(base, live.base, live.pid, home, live.demo, process, log, environment)


def test_nginx_sends_the_bytes_with_our_headers(service: Service) -> None:
    data = bytes(range(256)) * 8_000
    made = service.upload("Größe.bin", data)
    path = f"/v3/action/hosted_file/{made['id']}/download"
    whole = service(path)
    assert (whole.status, whole.body) == (200, data)
    told = {name: whole.headers[name] for name in ("ETag", "X-Content-Type-Options", "Content-Security-Policy")}
    assert told == {
        "ETag": f'"{made["hash_sha256"]}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    assert whole.headers.get_all("Content-Disposition") == [
        "attachment; filename=\"Groe.bin\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.bin"
    ]
    assert whole.headers["X-Accel-Redirect"] is None
    part = service(path, range="bytes=256-511")
    assert (part.status, part.body) == (206, data[256:512])
    assert part.headers["Content-Range"] == f"bytes 256-511/{len(data)}"
    resumed = service(path, range="bytes=2047990-", if_range=f'"{made["hash_sha256"]}"')
    assert (resumed.status, resumed.body) == (206, data[2_047_990:])
    guarded = service(path, if_match=f'"{made["hash_sha256"]}"')
    assert (guarded.status, guarded.body) == (200, data)
    several = service(path, range="bytes=0-1,10-11")
    assert (several.status, several.body.count(b"Content-Range")) == (206, 2)
    head = service(path, method="HEAD")
    assert (head.status, head.headers["Content-Length"], head.body) == (200, str(len(data)), b"")
    assert service(path, if_none_match=f'"{made["hash_sha256"]}"').status == 304
    assert service(path, range="bytes=9999999-").status == 416


def test_nobody_gets_inside_without_the_application(service: Service) -> None:
    made = service.upload("a.bin", b"inside")
    inside = f"/files-inside/{made['subdirectory_path']}/{made['hash_sha256']}"
    assert service(inside).status == 404
    assert service(f"/v3/action/hosted_file/{made['id']}/download", **service.of(1, "manager")).status == 403


SWEEP_ON = """
import django; django.setup()
import sys, threading
from datetime import timedelta
from django.utils import timezone
from files.models import StoredBytes
from files.sweep import sweep
def sweep_on():
    while not over.is_set():
        swept.append(sweep().contents)
over, swept = threading.Event(), []
StoredBytes.objects.update(touched_on=timezone.now() - timedelta(hours=25))
print("they are old now", flush=True)
threads = [threading.Thread(target=sweep_on) for _ in range(2)]
for thread in threads: thread.start()
sys.stdin.read()
over.set()
for thread in threads: thread.join()
print(sum(swept))
"""


def test_the_same_bytes_from_many_at_once_and_again_while_they_are_swept(service: Service) -> None:
    with ThreadPoolExecutor(12) as pool:
        for _ in range(3):
            data = os.urandom(2_000)
            rows = list(
                pool.map(lambda n, data=data: service.upload("a", data, **service.of(n % 2, "user")), range(36))
            )
            assert len({row["id"] for row in rows}) == 36
            assert {row["hash_sha256"] for row in rows} == {sha256(data).hexdigest()}

    contents = [os.urandom(2_000) for _ in range(40)]
    for data in contents:
        path = f"/v3/action/hosted_file/{service.upload('b', data)['id']}"
        assert service(path, method="DELETE", **service.of(0, "administrator")).status == 200
    environment = service.environment | {"DJANGO_SETTINGS_MODULE": "aether.settings"}
    command = [sys.executable, "-c", SWEEP_ON]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True) as sweeps:
        assert sweeps.stdout
        assert sweeps.stdout.readline() == "they are old now\n"
        with ThreadPoolExecutor(4) as pool:
            again = list(pool.map(lambda data: service.upload("c", data, **service.of(1, "user")), contents))
        swept, _ = sweeps.communicate()
    assert sweeps.returncode == 0
    assert int(swept) > 0
    paths = [f"/v3/action/hosted_file/{row['id']}/download" for row in again]
    assert [service(path, **service.of(1, "user")).body for path in paths] == contents


def convert_path(service: Service, source: str, name: str) -> str:
    link = f"link_to_type=journal_entry&link_to_id={service.demo['accounts'][0]['samples']['journal_entry']}"
    return f"/v3/action/hosted_file/{source}/convert_file?{link}&filename_no_ext={name}"


def test_many_conversions_at_once_leave_threads_for_everybody_else(service: Service) -> None:
    """Those that find no place are told at once, and do not wait in the way of short requests."""
    source = service.upload(
        "heavy.pdf", page(stream(zlib.compress(b"0 0 200 200 re f " * 500), b"/Filter/FlateDecode"))
    )
    replies: list[Reply] = []

    def convert(number: int) -> None:
        replies.append(service(convert_path(service, source["id"], f"heavy{number}")))

    threads = [threading.Thread(target=convert, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    wait_for(lambda: replies, "the first answer")
    assert replies[0].status == 429
    assert replies[0].headers["Retry-After"] == "5"
    assert service("/v3/crud/journal/").status == 200
    assert 200 not in [reply.status for reply in replies]  # all threads would have been theirs until then
    for thread in threads:
        thread.join()
    assert {reply.status for reply in replies} == {200, 429}


def test_a_clip_survives_the_worker_that_is_killed_at_it(service: Service) -> None:
    source = service.upload("talk.mp4", film(20, picture="640x360", sound=False))
    entry = service.demo["accounts"][0]["samples"]["journal_entry"]
    times = "start_time=00:00:00&end_time=00:00:19&reencode=true&background=true"
    link = f"link_to_type=journal_entry&link_to_id={entry}"
    asked = service(f"/v3/action/hosted_file/{source['id']}/clip_video?{link}&{times}")
    assert (asked.status, asked.data["status"]) == (202, "queued")
    made = asked.data["id"]
    wait_for(lambda: service.file(made)["status"] == "processing", "the first attempt")
    for child in children_of(service.worker.pid):
        os.kill(child, signal.SIGKILL)
    done = wait_for(lambda: (row := service.file(made))["status"] in ("ready", "failed") and row, "the end", 90)
    assert (done["status"], done["progress"]) == ("ready", 100)
    assert 18.5 < seconds_of(service(f"/v3/action/hosted_file/{made}/download").body) < 19.5
    assert "WorkerLostError" in service.worker_log.read_text()
    listed = service(f"/v3/crud/hosted_file/?source_hosted_file_id={source['id']}").data
    assert [row["id"] for row in listed] == [made]


EXPIRE = """
import django; django.setup()
from files.models import DerivedFile
from tenancy.context import every_tenant
with every_tenant(reason="as if half a minute had passed"):
    DerivedFile.objects.update(lease_until="2020-01-01T00:00:00Z")
"""


def test_a_clip_survives_the_death_of_its_whole_worker(service: Service) -> None:
    """No process is left that could give the message back: what is lost is found in its row."""
    source = service.upload("talk2.mp4", film(20, picture="640x360", sound=False))
    entry = service.demo["accounts"][0]["samples"]["journal_entry"]
    times = "start_time=00:00:00&end_time=00:00:18&reencode=true&background=true"
    link = f"link_to_type=journal_entry&link_to_id={entry}"
    made = service(f"/v3/action/hosted_file/{source['id']}/clip_video?{link}&{times}").data["id"]
    wait_for(lambda: service.file(made)["status"] == "processing", "the first attempt")
    workers = [service.worker.pid, *children_of(service.worker.pid)]
    media = [child for pid in workers[1:] for child in children_of(pid)]
    for pid in workers:
        os.kill(pid, signal.SIGKILL)
    service.worker.wait(60)
    command = [sys.executable, "-c", EXPIRE]
    environment = service.environment | {"DJANGO_SETTINGS_MODULE": "aether.settings"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    with worker(service.environment, service.worker_log.with_name("worker2.log")):
        done = wait_for(lambda: (row := service.file(made))["status"] in ("ready", "failed") and row, "the end", 90)
    assert (done["status"], done["progress"]) == ("ready", 100)
    assert 17.5 < seconds_of(service(f"/v3/action/hosted_file/{made}/download").body) < 18.5
    listed = service(f"/v3/crud/hosted_file/?source_hosted_file_id={source['id']}").data
    assert [row["id"] for row in listed] == [made]
    assert not any(runs(pid) for pid in media)  # nothing goes on without it


# slow clients, and those that leave


def address(service: Service) -> tuple[str, int]:
    """Of the application itself."""
    at = urlsplit(service.direct)
    return str(at.hostname), int(at.port or 80)


def beginning(service: Service, path: str, content_type: str, begun: bytes, length: int = 90_000) -> bytes:
    """A request that says it has more to come."""
    account = service.demo["accounts"][0]
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", f"content-type: {content_type}", f"content-length: {length}"]
    lines += [f"x-aether-api-key: {account['api_keys']['user']}", f"x-account-id: {account['id']}", "", ""]
    return "\r\n".join(lines).encode() + begun


def begun_upload(service: Service, name: str, size: int) -> bytes:
    begun = multipart((name, bytes(size)))[: size - 10_000]
    kind = f"multipart/form-data; boundary={BOUNDARY}"
    return beginning(service, "/v3/action/hosted_file/upload", kind, begun, size + 40_000)


def test_bodies_that_come_too_slowly_give_their_threads_back(service: Service) -> None:
    """FILE-11, without nginx before the application: four trickle in, four fall silent; all threads are theirs."""
    begun = [
        begun_upload(service, "slow.bin", 50_000),
        beginning(service, "/v3/crud/journal/", "application/json", b'{"name": "'),
    ] * 4
    before, until = stored(service.home / "files"), time.monotonic() + 15
    with ExitStack() as opened:
        clients = [opened.enter_context(socket.create_connection(address(service), 20)) for _ in begun]
        for client, request in zip(clients, begun, strict=True):
            client.sendall(request)
        while not select.select(clients, [], [], 0.2)[0] and time.monotonic() < until:
            for client in clients[:4]:
                client.sendall(b"x")
        assert service(f"{service.direct}/v3/crud/journal/").status == 200
        for client in clients:
            answer = http.client.HTTPResponse(client)
            answer.begin()
            details = json.loads(answer.read())["meta"]["details"]
            assert (answer.status, answer.headers["connection"], details["category"], details["code"]) == (
                *(408, "close"),
                *("validation", 408),
            )
    assert stored(service.home / "files") == before


def test_readers_who_take_nothing_give_their_threads_back(service: Service) -> None:
    made = service.upload("long.bin", bytes(24 * 2**20))  # more than there is room for between us
    account = service.demo["accounts"][0]
    lines = [f"GET /v3/action/hosted_file/{made['id']}/download HTTP/1.1", "host: 127.0.0.1", "if-match: *"]
    lines += [f"x-aether-api-key: {account['api_keys']['user']}", f"x-account-id: {account['id']}", "", ""]
    with ExitStack() as opened:
        clients = [opened.enter_context(socket.create_connection(address(service), 20)) for _ in range(8)]
        for client in clients:
            client.sendall("\r\n".join(lines).encode())
            assert client.recv(9) == b"HTTP/1.1 "
        assert service(f"{service.direct}/v3/crud/journal/").status == 200  # all eight threads were theirs


def held(service: Service) -> int:
    """Connections of clients, and files of the store, that the application has open."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()]
    ours = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{address(service)[1]:04X}")}
    count = 0
    for link in Path(f"/proc/{service.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed since it was listed
            place = os.readlink(link)
            count += place in ours or place.startswith(str(service.home / "files"))
    return count


def test_uploads_that_break_off_anywhere_leave_nothing(service: Service) -> None:
    """FILE-10: by a reset or in order, anywhere in the request, and when a part of the file is on the disk."""
    before, open_before, chance = stored(service.home / "files"), held(service), random.Random(10)
    request = begun_upload(service, "aborted.bin", 2_500_000)
    for number in range(200):
        with socket.create_connection(address(service), 20) as client:
            if number < 20:
                client.sendall(request)
                wait_for(lambda: stored(service.home / "files") != before, "a draft")
            else:
                client.sendall(request[: chance.randrange(1, len(request))])
            if number % 2:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if number < 20:
            wait_for(lambda: stored(service.home / "files") == before, "the end of the draft")
    wait_for(lambda: stored(service.home / "files") == before, "the end of the drafts")
    wait_for(lambda: held(service) <= open_before, "the end of the connections")
    assert service("/v3/crud/hosted_file/?filename=aborted.bin").data == []
