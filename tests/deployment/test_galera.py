"""A Galera cluster behind its proxy: what was acknowledged is there, whichever node dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from aether.settings import ROOT
from tests.background import free_port, wait_for
from tests.deployment.cluster import NODES, Cluster, first_node, join, start_proxy
from tests.deployment.load import repeated
from tests.deployment.processes import listens, load_tables

pytestmark = pytest.mark.timeout(300)

PREPARE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from accounts.models import Account, ApiKey
from tenancy.context import every_tenant
with every_tenant(reason="a test makes its account"):
    account = Account(code="g", name="G")
    account.save()
print(account.id_random, ApiKey.issue(name="g", role="manager", accounts=[account])[1])
"""


def environment(url: str, home: Path) -> dict[str, str]:
    own = {"DATABASE_URL", "REDIS_URL", "AETHER_TEST_SERVICES", "AETHER_TEST_RUN"}
    given = {name: value for name, value in os.environ.items() if name not in own and not name.startswith("PYTEST_")}
    settings = {"DJANGO_SETTINGS_MODULE": "aether.settings", "AETHER_ENV_FILE": "/dev/null", "AETHER_HOME": str(home)}
    return given | settings | {"DATABASE_URL": url, "AETHER_WORKER_THREADS": "0"}


class Api:
    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.address = f"http://127.0.0.1:{port}/v3/crud/journal/"
        self.headers = headers | {"content-type": "application/json"}

    def send(self, method: str, name: str, public_id: str = "", **headers: str) -> tuple[int, Any]:
        """The status, and the answer's data or what it says of the failure. 0 where no answer came."""
        body = None if method == "GET" else json.dumps({"name": name}).encode()
        headers = {key.replace("_", "-"): value for key, value in headers.items()}
        request = urllib.request.Request(self.address + public_id, body, self.headers | headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)["meta"]["details"]
        except OSError:
            return 0, None

    def create(self, name: str) -> tuple[int, Any]:
        return self.send("POST", name, idempotency_key=name)


@contextmanager
def serving(url: str, home: Path, headers: dict[str, str]) -> Iterator[Api]:
    port = free_port()
    command = [sys.executable, "manage.py", "serve", "--port", str(port)]
    with (home / f"{port}.log").open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=environment(url, home), stdout=output, stderr=output)
        try:
            wait_for(lambda: listens(port), "the API")
            yield Api(port, headers)
        finally:
            server.terminate()
            server.wait(60)


@pytest.fixture(scope="module")
def services(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Api]]:
    """The cluster, and the API by way of its proxy."""
    home = tmp_path_factory.mktemp("api")
    with first_node() as cluster, ExitStack() as servers:
        cluster.ask("db1", "SET GLOBAL innodb_flush_log_at_trx_commit = 0")  # while the tables are made
        load_tables(cluster.socket("db1"), "aether", "test_aether")
        done = subprocess.run(
            [sys.executable, "-c", PREPARE],
            cwd=ROOT,
            env=environment(cluster.url("db1"), home),
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        account, key = done.stdout.split()
        cluster.ask("db1", "SET GLOBAL innodb_flush_log_at_trx_commit = 1")
        # The way to copy that galera.cnf names waits ten seconds before it begins: one such, the other one quicker.
        join(cluster, "db2", "--wsrep-sst-method=rsync")
        wait_for(lambda: cluster.in_step("db2"), f"db2: {cluster.directory}", 180)
        join(cluster, "db3")
        start_proxy(cluster)
        api = servers.enter_context(serving(cluster.url(), home, {"x-aether-api-key": key, "x-account-id": account}))
        wait_for(lambda: cluster.in_step("db3"), f"db3: {cluster.directory}", 180)
        yield cluster, api


@pytest.fixture
def cluster(services: tuple[Cluster, Api]) -> Cluster:
    """Whole, as a test before this one may have hurt it."""
    cluster = services[0]
    for node in NODES:
        wait_for(lambda node=node: cluster.in_step(node), node, 180)
    return cluster


@pytest.fixture
def api(services: tuple[Cluster, Api]) -> Api:
    return services[1]


def test_the_write_tests_pass_on_the_cluster(cluster: Cluster, tmp_path: Path) -> None:
    paths = ["tests/crud/write/test_writer.py", "tests/crud/write/test_idempotency.py"]
    command = [sys.executable, "-m", "pytest", "-q", "--reuse-db", "-p", "no:cacheprovider", "-p", "no:xdist", *paths]
    done = subprocess.run(
        command, cwd=ROOT, env=environment(cluster.url(), tmp_path), check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-3_000:]


def test_who_meets_a_rival_on_another_node_is_run_again(cluster: Cluster, api: Api) -> None:
    """Two transactions that change one row on two nodes meet at COMMIT only; the later one gets a deadlock there, and
    its client never hears of it."""
    status, made = api.create("fought for")
    assert status == 201
    statuses: list[int] = []

    def change(number: int) -> bool:
        statuses.append(api.send("PATCH", f"fought for {number}", made["id"])[0])
        return statuses[-1] == 200

    def be_a_rival(number: int) -> bool:
        rival = f"UPDATE aether.journal SET sort = {number % 1000} WHERE id_random = '{made['id']}'"
        # It may lose as well, which is no matter here.
        client = ["mariadb", "--no-defaults", f"--socket={cluster.socket(other)}", "-uroot", "--force"]
        subprocess.run([*client, "-e", "; ".join([rival] * 50)], check=False, capture_output=True)
        return True

    here = cluster.writer()
    other = next(node for node in NODES if node != here)
    with repeated(change, be_a_rival):
        wait_for(lambda: cluster.conflicts(here) >= 10, "conflicts", 180)
    conflicts = cluster.conflicts(here)
    assert set(statuses) <= {200, 503}
    assert statuses.count(503) < conflicts / 4  # who meets a rival four times over is told to try again
    entries = f"SELECT COUNT(*) FROM aether.change_log WHERE obj_id = '{made['id']}' AND action = 'updated'"
    assert {cluster.ask(node, entries) for node in NODES} == {str(statuses.count(200))}


def test_no_acknowledged_write_is_lost_when_the_writers_node_is_killed(cluster: Cluster, api: Api) -> None:
    acknowledged: dict[str, str] = {}
    statuses: list[int] = []

    def create(prefix: str) -> Callable[[int], bool]:
        def work(number: int) -> bool:
            name = f"{prefix}-{number}"
            status, data = api.create(name)
            statuses.append(status)
            if status == 201:
                acknowledged[name] = data["id"]
            return status == 201

        return work

    with repeated(create("kept-a"), create("kept-b")) as writers:

        def each_has_made(more: int) -> Callable[[], bool]:
            numbers = [writer.number + more for writer in writers]
            return lambda: all(writer.number >= number for writer, number in zip(writers, numbers, strict=True))

        wait_for(each_has_made(20), "writes")
        victim = cluster.writer()
        cluster.kill(victim)
        began = time.monotonic()
        wait_for(each_has_made(20), "writes after the node's death", 180)
        away = time.monotonic() - began
    assert set(statuses) <= {201, 503}
    assert away < 30

    def made(node: str) -> list[list[str]]:
        rows = cluster.ask(node, "SELECT name, id_random FROM aether.journal WHERE name LIKE 'kept-%'")
        return sorted(row.split("\t") for row in rows.splitlines())

    survivors = [node for node in NODES if node != victim]
    for node in survivors:
        found = made(node)
        assert len(found) == len(dict(found)), "a write that was sent again was done twice"
        assert {name: dict(found).get(name) for name in acknowledged} == acknowledged
    # The node comes back, is given what it missed and nothing else, and holds everything too.
    cluster.start_again(victim)
    wait_for(lambda: cluster.in_step(victim), victim, 180)
    assert made(victim) == made(survivors[0])
    assert "WSREP: IST received" in cluster.processes.output(victim)
    assert cluster.writer() != victim  # nobody is sent back to it: one writer at a time


def test_without_a_majority_it_is_503_and_comes_back(cluster: Cluster, api: Api) -> None:
    assert api.create("before")[0] == 201
    left = cluster.writer()
    stopped = [cluster.processes.running[node].pid for node in NODES if node != left]
    answers: list[tuple[int, Any]] = []

    def write(number: int) -> bool:
        answers.append(api.create(f"cut-{number}"))
        return answers[-1][0] == 201

    with repeated(write):
        wait_for(lambda: len(answers) > 5, "writes")
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            wait_for(lambda: answers[-1][0] == 503, "a refusal")
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)
        wait_for(lambda: answers[-1][0] == 201, "the majority", 180)
    refused = [details for status, details in answers if status != 201]
    assert {status for status, _ in answers} == {201, 503}
    assert {(details["category"], details["recoverable"]) for details in refused} == {("database_connection", True)}
    count = "SELECT COUNT(*), COUNT(DISTINCT name) FROM aether.journal WHERE name LIKE 'cut-%'"
    made = sum(status == 201 for status, _ in answers)
    assert {cluster.ask(node, count) for node in NODES} == {f"{made}\t{made}"}
