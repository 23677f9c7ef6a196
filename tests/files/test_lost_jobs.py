"""A job that was answered 202 is done, whatever is killed or away meanwhile, and nobody runs beat."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from aether.settings import ROOT
from tests.background import free_port, own_redis, wait_for, worker
from tests.docs.conftest import bring_demo, own_environment, serving, started
from tests.files.media import film, pdf
from tests.files.service import Service

pytestmark = pytest.mark.timeout(400)
ROUNDS = int(os.environ.get("AETHER_TEST_KILLS", "2"))


def ask(service: Service, source: Any, verb: str, query: str) -> str:
    entry = service.live.demo["accounts"][0]["samples"]["journal_entry"]
    link = f"link_to_type=journal_entry&link_to_id={entry}&background=true"
    reply = service(f"/v3/action/hosted_file/{source['id']}/{verb}?{link}&{query}")
    assert (reply.status, reply.data["status"]) == (202, "queued")
    return str(reply.data["id"])


def all_ready(service: Service, jobs: list[str]) -> bool:
    ready = {row["id"] for row in service("/v3/crud/hosted_file/?status=ready&limit=200").data}
    return ready.issuperset(jobs)


def begin(service: Service, number: int) -> list[str]:
    """Ask for three clips, none of which was asked for before; answers when one is being made."""
    source = service.upload(f"talk{number}.mp4", film(sound=False))
    ends = [f"{end}.{number:02}" for end in (1, 2, 3)]
    times = [f"start_time=00:00:00&end_time=00:00:0{end}&reencode=true" for end in ends]
    jobs = [ask(service, source, "clip_video", query) for query in times]
    wait_for(lambda: any(service.file(job)["status"] != "queued" for job in jobs), "a start")
    return jobs


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_one_process_that_is_stopped_again_and_again(tmp_path: Path, how: signal.Signals) -> None:
    environment = own_environment(tmp_path, "aether_killed")
    bring_demo(tmp_path, environment)
    jobs: list[str] = []
    for number in range(ROUNDS):
        with started(ROOT, tmp_path, environment) as live:
            jobs += begin(Service(live.base, live), number)
            os.kill(live.pid, how)
    with started(ROOT, tmp_path, environment) as live:
        last = Service(live.base, live)
        wait_for(lambda: all_ready(last, jobs), "the end of all", 60)


def test_the_broker_is_away_when_it_is_asked_for(tmp_path: Path) -> None:
    environment = own_environment(tmp_path, "aether_away")
    port = free_port()
    environment |= {"CELERY_BROKER_URL": f"redis://127.0.0.1:{port}/0", "AETHER_WORKER_THREADS": "0"}
    with serving(ROOT, tmp_path, environment) as live:
        service = Service(live.base, live)
        source = service.upload("pages.pdf", pdf())
        job = ask(service, source, "convert_file", "page=2")
        with own_redis(tmp_path, port), worker(environment, tmp_path / "worker.log"):
            wait_for(lambda: all_ready(service, [job]), "what was asked for")
