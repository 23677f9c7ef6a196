"""/metrics adds up what every process of the machine has counted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from aether.settings import ROOT
from kernel.metrics import template
from tests.background import own_redis
from tests.conftest import Caller, Party


def samples(text: str) -> dict[tuple[str, ...], float]:
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(caller: Caller) -> dict[tuple[str, ...], float]:
    answer = caller.get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return samples(answer.raw.content.decode())


def grown(before: dict[tuple[str, ...], float], after: dict[tuple[str, ...], float]) -> dict[tuple[str, ...], float]:
    return {
        key[1:]: value - before.get(key, 0)
        for key, value in after.items()
        if key[0] == "aether_http_request_seconds_count" and value != before.get(key, 0)
    }


@pytest.mark.django_db
def test_requests_are_counted_by_method_route_status_and_type(north: Party, south: Party) -> None:
    journal = north.manager.create("journal", name="J")["id"]
    before = read(Caller())
    north.manager.get(f"/v3/crud/journal/{journal}")
    north.manager.get("/v3/crud/journal/nowhere0000/")
    north.manager.get(f"/v3/crud/journal/{journal}/entry")
    north.manager.search("journal", {"q": "x"})
    north.manager.get("/v3/crud/no-such-type/")
    north.manager.get("/v3/no-such-route/x")
    south.manager.get(f"/v3/crud/journal/{journal}")
    north.manager("PROPFIND", "/v3/auth/whoami")
    north.manager.get(f"/v2/crud/journal/{journal}")
    assert grown(before, read(Caller())) == {
        ("GET", "/metrics", "200", ""): 1,
        ("GET", "/v3/crud/{type}/{id}", "200", "journal"): 1,
        ("GET", "/v3/crud/{type}/{id}", "404", "journal"): 1,
        ("GET", "/v3/crud/{type}/{id}", "403", "journal"): 1,
        ("GET", "/v3/crud/{parent}/{id}/{type}/", "200", "journal_entry"): 1,
        ("POST", "/v3/crud/{type}/search", "200", "journal"): 1,
        ("GET", "/v3/crud/{path}", "404", ""): 1,
        ("GET", "unknown", "404", ""): 1,
        ("other", "/v3/auth/whoami", "405", ""): 1,
        ("GET", "/v2/crud/{path}", "200", ""): 1,
    }


@pytest.mark.django_db
def test_nothing_that_a_caller_chose_is_a_label(north: Party) -> None:
    """Else anybody could make as many series as he likes."""
    for number in range(3):
        north.manager.get(f"/v3/crud/evil{number}/x")
        north.manager.get(f"/v3/crud/event/evil{number}/evil{number}")
        north.manager.get(f"/v3/action/evil{number}/x")
        north.manager.get(f"/v2/crud/evil{number}/list")
        north.manager(f"EVIL{number}", "/health/live")
        north.manager.get(f"/admin/evil{number}/")
    assert "evil" not in Caller().get("/metrics").raw.content.decode().lower()


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"^v3/crud(?:/(?P<path>.*))?\Z", "/v3/crud/{path}"),
        (r"^v2/crud(?:/(?P<path>(?s:.*)))?\Z", "/v2/crud/{path}"),
        (r"^v3/action/hosted_file/(?P<id>[^/]+)/download/?\Z", "/v3/action/hosted_file/{id}/download"),
        (r"^health/live/?\Z", "/health/live"),
        ("static/<path:path>", "/static/{path}"),
        ("admin/accounts/user/<path:object_id>/change/", "/admin/"),
        (r"^\Z", "/"),
    ],
)
def test_a_route_is_named_by_its_template(pattern: str, expected: str) -> None:
    assert template(pattern) == expected


# who may read it


@pytest.mark.parametrize(
    ("proxies", "headers", "status"),
    [
        (0, {}, 200),
        (0, {"x-forwarded-for": "127.0.0.1"}, 403),  # came through a proxy that nobody vouches for
        (1, {"x-forwarded-for": "127.0.0.1"}, 200),
        (1, {"x-forwarded-for": "203.0.113.9"}, 403),
        (1, {"x-forwarded-for": "127.0.0.1, 203.0.113.9"}, 403),  # the first was the caller's own claim
        (0, {"remote-addr": "203.0.113.9"}, 200),  # a header, not the address
    ],
)
def test_only_configured_addresses_may_read_it(settings: Any, proxies: int, headers: Any, status: int) -> None:
    settings.AETHER_TRUSTED_PROXY_COUNT = proxies
    assert Caller().get("/metrics/", **headers).status == status


def test_strangers_may_not_read_it(client: Any) -> None:
    for address in ("203.0.113.9", "10.0.0.1", "::2", "", "unix:"):
        assert client.get("/metrics", REMOTE_ADDR=address).status_code == 403
    assert client.get("/metrics", REMOTE_ADDR="::1").status_code == 200


# several processes

COUNT = """
import os, sys, django
django.setup()
from kernel.metrics import count_lookups, count_socket, count_task
count_task("t", "SUCCESS", 0.5)
child = os.fork()
for _ in range(500):
    count_task("t", "SUCCESS", 0.5)
count_socket(+1)
count_lookups("m", hits=3, misses=1)
if child:
    assert os.waitpid(child, 0)[1] == 0
sys.stdout.write("counted\\n")
sys.stdout.flush()
if child:
    sys.stdin.readline()  # lives on with its open socket
os._exit(0)
"""
SHOW = """
import sys, django
django.setup()
from kernel.metrics import exposition
sys.stdout.write(exposition().decode())
"""


def environment_of(home: Path) -> dict[str, str]:
    given = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    return given | {"AETHER_HOME": str(home), "DJANGO_SETTINGS_MODULE": "aether.settings"}


def run(environment: dict[str, str], code: str) -> subprocess.Popen[str]:
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, env=environment, **pipes)


def test_processes_add_up_and_leave_no_files_behind(tmp_path: Path) -> None:
    environment = environment_of(tmp_path)

    def shown() -> dict[tuple[str, ...], float]:
        return samples(run(environment, SHOW).communicate()[0])

    together = [run(environment, COUNT) for _ in range(2)]
    for process in together:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["counted\n"] * 2
    counted = shown()
    assert counted["aether_task_seconds_count", "SUCCESS", "t"] == 2 * 1001
    assert counted["aether_sockets", "v3"] == 2  # those of the children closed with them
    assert counted["aether_cache_lookups_total", "m", "hit"] == 12
    for process in together:
        process.communicate("\n")
    files = sorted((tmp_path / "metrics").iterdir())
    later = run(environment, COUNT)
    later.communicate("\n")
    counted = shown()
    assert counted["aether_task_seconds_count", "SUCCESS", "t"] == 3 * 1001
    assert counted.get(("aether_sockets", "v3"), 0) == 0
    assert [file for file in sorted((tmp_path / "metrics").iterdir()) if "gauge" not in file.name] == [
        file for file in files if "gauge" not in file.name
    ]


def test_a_full_disk_costs_the_count_and_not_the_request(tmp_path: Path) -> None:
    environment = environment_of(tmp_path)
    code = """
import django, resource, sys
django.setup()
from kernel.metrics import count_task
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
count_task("t", "SUCCESS", 0.5)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
count_task("t", "SUCCESS", 0.5)
"""
    writer = run(environment, code)
    writer.communicate()
    assert writer.returncode == 0
    text = run(environment, SHOW).communicate()[0]
    assert re.search(r"^aether_task_seconds_count.* 1.0$", text, re.MULTILINE)


def test_how_much_work_waits_is_told(tmp_path: Path) -> None:
    """By a Redis of its own, where nobody works it off; and when Redis is gone all else is told in time."""
    look = "from kernel.metrics import exposition; from crud.background.task_queue import tasks_waiting\n"
    code = "import django; django.setup()\nfrom crud.tasks import forget_answers\n" + look
    code += "print(tasks_waiting())\nfor _ in range(3): forget_answers.delay()\n"
    code += "print([line for line in exposition(tasks_waiting()).decode().splitlines() if 'waiting' in line][-1])\n"
    code += "import os, signal, time; os.kill(int(os.environ['REDIS_PID']), signal.SIGSTOP); began = time.monotonic()\n"
    code += "text = exposition(tasks_waiting()).decode(); print('waiting' in text, time.monotonic() - began < 10)"
    with own_redis(tmp_path) as url:
        pid = subprocess.run(["redis-cli", "-u", url, "info", "server"], capture_output=True, text=True, check=True)
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "aether.settings",
            "AETHER_HOME": str(tmp_path),
            "REDIS_URL": url,
            "REDIS_PID": re.findall(r"process_id:(\d+)", pid.stdout)[0],
        }
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        os.kill(int(environment["REDIS_PID"]), signal.SIGCONT)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["0", "aether_tasks_waiting 3.0", "False True"]
