"""As in service: nginx before the API, a worker in a process of its own, Redis between them. One of them is killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, repeat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from aether.settings import ROOT
from tests.background import children_of, free_port, own_redis, runs, wait_for, worker
from tests.docs.conftest import own_environment, serving
from tests.docs.markdown import blocks_of
from tests.files.media import film, pdf, seconds_of
from tests.files.raw_pdf import page, stream
from tests.files.service import Reply, Service

pytestmark = pytest.mark.timeout(400)

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
class WholeService(Service):
    """Through nginx."""

    worker: subprocess.Popen[bytes]
    worker_log: Path

    @property
    def environment(self) -> dict[str, str]:
        return self.live.environment


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeService]:
    home = tmp_path_factory.mktemp("service")
    environment = own_environment(home, "aether_files")
    with own_redis(home) as broker:
        environment |= {
            "CELERY_BROKER_URL": broker,
            "AETHER_WORKER_THREADS": "0",
            "AETHER_X_ACCEL_PREFIX": "/files-inside/",
        }
        log = home / "worker.log"
        with (
            serving(ROOT, home, environment) as live,
            nginx(home, live.base) as base,
            worker(environment, log) as process,
        ):
            yield WholeService(base, live, process, log)


def test_nginx_sends_the_bytes_with_our_headers(service: WholeService) -> None:
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
    assert whole.headers.get_all("Accept-Ranges") == ["bytes"]
    page = service(path, origin="http://localhost:5173").headers
    assert [page["Access-Control-Allow-Origin"], page["Vary"]] == ["http://localhost:5173", "origin"]
    assert "content-disposition" in page["Access-Control-Expose-Headers"]
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


def test_nobody_gets_inside_without_the_application(service: WholeService) -> None:
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


def test_the_same_bytes_from_many_at_once_and_again_while_they_are_swept(service: WholeService) -> None:
    def upload_often(account: int, data: bytes) -> list[Any]:
        """No more at once than an account's share of the threads, within which nobody is refused."""
        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(lambda _: service.upload("a", data, **service.of(account, "user")), range(18)))

    with ThreadPoolExecutor(2) as accounts:
        for _ in range(3):
            data = os.urandom(2_000)
            rows = list(chain(*accounts.map(upload_often, range(2), repeat(data))))
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


def convert_path(service: WholeService, source: str, name: str) -> str:
    link = f"link_to_type=journal_entry&link_to_id={service.live.demo['accounts'][0]['samples']['journal_entry']}"
    return f"/v3/action/hosted_file/{source}/convert_file?{link}&filename_no_ext={name}"


def test_many_conversions_at_once_leave_threads_for_everybody_else(service: WholeService) -> None:
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
    assert int(replies[0].headers["Retry-After"]) in (1, 5)  # beyond the account's share, or all places are taken
    assert service("/v3/crud/journal/").status == 200
    assert 200 not in [reply.status for reply in replies]  # all threads would have been theirs until then
    for thread in threads:
        thread.join()
    assert {reply.status for reply in replies} == {200, 429}


def test_the_same_conversion_many_times_at_once_is_one_file(service: WholeService) -> None:
    """MED-08: who finds no place asks again, and finds what the first one made."""
    source = service.upload("slides.pdf", pdf())
    path = convert_path(service, source["id"], "cover")
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: service(path), range(10)))
    made = {reply.data["id"] for reply in replies if reply.status == 200}
    assert {reply.status for reply in replies} <= {200, 429}
    assert made == {service(path).data["id"]}
    listed = service(f"/v3/crud/hosted_file/?source_hosted_file_id={source['id']}").data
    assert {row["id"] for row in listed} == made


def test_a_clip_survives_the_worker_that_is_killed_at_it(service: WholeService) -> None:
    source = service.upload("talk.mp4", film(20, picture="640x360", sound=False))
    entry = service.live.demo["accounts"][0]["samples"]["journal_entry"]
    times = "start_time=00:00:00&end_time=00:00:19&reencode=true&background=true"
    link = f"link_to_type=journal_entry&link_to_id={entry}"
    asked = service(f"/v3/action/hosted_file/{source['id']}/clip_video?{link}&{times}")
    assert (asked.status, asked.data["status"]) == (202, "queued")
    made = asked.data["id"]
    wait_for(lambda: service.file(made)["status"] == "processing", "the first attempt")
    for child in children_of(service.worker.pid):
        os.kill(child, signal.SIGKILL)
    done = wait_for(lambda: (row := service.file(made))["status"] in ("ready", "failed") and row, "the end", 200)
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


def test_a_clip_survives_the_death_of_its_whole_worker(service: WholeService) -> None:
    """No process is left that could give the message back: another worker looks when the lease has run out. (No beat.)"""
    source = service.upload("talk2.mp4", film(20, picture="640x360", sound=False))
    entry = service.live.demo["accounts"][0]["samples"]["journal_entry"]
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
    with worker(service.environment, service.worker_log.with_name("worker2.log")):
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        done = wait_for(lambda: (row := service.file(made))["status"] in ("ready", "failed") and row, "the end", 200)
    assert (done["status"], done["progress"]) == ("ready", 100)
    assert 17.5 < seconds_of(service(f"/v3/action/hosted_file/{made}/download").body) < 18.5
    listed = service(f"/v3/crud/hosted_file/?source_hosted_file_id={source['id']}").data
    assert [row["id"] for row in listed] == [made]
    assert not any(runs(pid) for pid in media)  # nothing goes on without it
