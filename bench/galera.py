"""`python -m bench.galera`: what three Galera nodes cost, what two writers on two nodes lose to each other, and how
long nobody can write when the writers' node is killed.

nginx before one or two gunicorn processes, as in `bench.cluster`; the nodes are those of the suite's tests, with
docker/mariadb.cnf and docker/galera.cnf, and haproxy before them for the last measurement. All on one machine: a node's
commit waits for no network, and for the cores that it shares with the others. Needs mariadb-server, galera-4,
mariadb-backup, haproxy, nginx and redis-server, and what `make test` installs.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from argparse import ArgumentParser
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from bench.client import Client
from bench.cluster import Cluster, cells
from bench.load import run_load
from bench.processes import Server, say
from bench.realtime.service import install
from bench.report import table
from bench.workloads import Request
from tests.background import wait_for
from tests.deployment.cluster import NODES, first_node, join, start_proxy
from tests.deployment.cluster import Cluster as Nodes
from tests.deployment.processes import listens

FEW = 5
"""Rows that are fought for."""


@dataclass
class FirstNode:
    """The database of the installation."""

    nodes: Nodes

    @property
    def url(self) -> str:
        return self.nodes.url("db1")

    def query(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        assert not params
        return [tuple(row.split("\t")) for row in self.nodes.ask("db1", sql).splitlines()]


@dataclass
class Bench:
    nodes: Nodes
    cluster: Cluster
    seconds: float

    def api(self, node: str | None, name: str) -> Server:
        """On one node, or by way of the proxy."""
        return self.cluster.api(name, DATABASE_URL=self.nodes.url(node))

    def patches(self, title: str, front: Server, rows: int | None = None) -> list[str]:
        """Of the account's rows; with what gave way to another one's, for each thousand that were answered."""
        requests = self.cluster.requests("PATCH", rows)
        run_load(front.port, requests, 1)
        before = self.conflicts()
        load = run_load(front.port, requests, self.seconds)
        conflicts = 1_000 * (self.conflicts() - before) / load.requests
        return cells(title, load, f"{conflicts:.1f}")

    def conflicts(self) -> int:
        return sum(self.nodes.conflicts(node) for node in self.nodes.running())

    def outage(self, front: Server) -> list[str]:
        """The writers' node is killed; how long until one is answered again."""
        answered: list[float] = []
        refused: list[float] = []
        stop = threading.Event()

        def write(number: int) -> None:
            client = Client(front.port, self.cluster.made.key)
            while not stop.is_set():
                _, row = self.cluster.made.rows[number]
                request = Request("PATCH", f"journal/{row}", self.cluster.made.account, {"name": str(time.time())})
                status, _ = client.send(request)
                (answered if status == 200 else refused).append(time.monotonic())
            client.close()

        writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
        for writer in writers:
            writer.start()
        time.sleep(self.seconds)
        killed = time.monotonic()
        self.nodes.kill(self.nodes.writer())
        wait_for(lambda: any(at > killed + 1 for at in list(answered)) and answered[-1] > refused[-1], "a write", 120)
        time.sleep(self.seconds)
        stop.set()
        for writer in writers:
            writer.join()
        moments = sorted(answered)
        longest = max(after - at for at, after in pairwise(moments))
        return ["the writers' node killed (−9)", f"{longest:.1f}", str(len(refused)), str(len(answered))]


def measured(doors: ExitStack, seconds: float) -> tuple[list[list[str]], list[str]]:
    nodes = doors.enter_context(first_node())
    bench = Bench(nodes, Cluster(doors, install(doors, FirstNode(nodes))), seconds)
    first = bench.api("db1", "first")
    alone = bench.cluster.front([first])
    rows = [bench.patches("one node, one api process", alone)]
    for node in NODES[1:]:
        join(nodes, node)
        wait_for(lambda node=node: nodes.in_step(node), node, 300)
    say("Three nodes")
    rows.append(bench.patches("three nodes, one api process", alone))
    same = bench.cluster.front([first, bench.api("db1", "second")])
    rows.append(bench.patches("three nodes, two api processes on one of them", same))
    two = bench.cluster.front([first, bench.api("db2", "third")])
    rows.append(bench.patches("three nodes, two api processes on two of them, 500 rows", two))
    rows.append(bench.patches(f"the same, {FEW} rows", two, FEW))
    start_proxy(nodes)
    wait_for(lambda: listens(nodes.proxy_port), "haproxy")
    return rows, bench.outage(bench.cluster.front([bench.api(None, "by-proxy")]))


def main() -> int:
    parser = ArgumentParser(prog="python -m bench.galera", description=__doc__)
    parser.add_argument("--seconds", type=float, default=6, help="of each measurement; default: %(default)s")
    options = parser.parse_args()
    with ExitStack() as doors:
        rows, outage = measured(doors, options.seconds)
    print(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f}\n")
    print(table(["PATCH", "a second", "p50 ms", "p99 ms", "errors", "conflicts in 1,000"], rows))
    print()
    print(table(["", "longest time without an answered write, s", "refused", "answered"], [outage]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
