"""A clip in the background: the API in one process, a worker in another, Redis between them, and a kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from aether.settings import ROOT
from tests.background import own_redis, wait_for, worker
from tests.docs.conftest import own_environment, serving
from tests.files.media import film, seconds_of
from tests.files.sending import BOUNDARY, multipart


class Api:
    """The demo's first account, over the wire."""

    def __init__(self, base: str, demo: Any) -> None:
        self.base = base
        account = demo["accounts"][0]
        self.headers = {"x-aether-api-key": account["api_keys"]["user"], "x-account-id": account["id"]}
        self.entry = account["samples"]["journal_entry"]

    def __call__(self, path: str, body: bytes | None = None, **headers: str) -> Any:
        request = urllib.request.Request(self.base + path, body, self.headers | headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            data = response.read()
        return json.loads(data)["data"] if response.headers["Content-Type"] == "application/json" else data

    def file(self, public_id: str) -> Any:
        return self(f"/v3/crud/hosted_file/{public_id}")


def children_of(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.timeout(180)
def test_a_clip_survives_the_worker_that_is_killed_at_it(tmp_path: Path) -> None:
    environment = own_environment(tmp_path, "aether_files")
    with own_redis(tmp_path) as broker:
        environment |= {"CELERY_BROKER_URL": broker, "AETHER_WORKER_THREADS": "0"}
        with serving(ROOT, tmp_path, environment) as live, worker(environment, tmp_path / "worker.log") as process:
            api = Api(live.base, live.demo)
            body = multipart(("talk.mp4", film(20, picture="640x360", sound=False)))
            source = api(
                "/v3/action/hosted_file/upload", body, **{"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
            )
            link = f"link_to_type=journal_entry&link_to_id={api.entry}"
            times = "start_time=00:00:00&end_time=00:00:19&reencode=true&background=true"
            made = api(f"/v3/action/hosted_file/{source['id']}/clip_video?{link}&{times}")
            assert made["status"] == "queued"
            wait_for(lambda: api.file(made["id"])["status"] == "processing", "the first attempt")
            for child in children_of(process.pid):
                os.kill(child, signal.SIGKILL)
            done = wait_for(
                lambda: (row := api.file(made["id"]))["status"] in ("ready", "failed") and row, "the end", 90
            )
            assert (done["status"], done["progress"]) == ("ready", 100)
            assert 18.5 < seconds_of(api(f"/v3/action/hosted_file/{made['id']}/download")) < 19.5
            assert "WorkerLostError" in (tmp_path / "worker.log").read_text()
            listed = api(f"/v3/crud/hosted_file/?source_hosted_file_id={source['id']}")
            assert [row["id"] for row in listed] == [made["id"]]


def test_the_sweep_is_a_command(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "sweep_files", "--help"]
    told = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ | {"AETHER_HOME": str(tmp_path)}
    )
    assert "manage.py sweep_files --dry-run" in told.stdout
