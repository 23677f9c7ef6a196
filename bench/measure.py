"""The interleaved run: for each workload, each round, each peer in turn, so that a noisy minute falls on all alike."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bench.database import MariaDb
from bench.load import CONNECTIONS, Load, run_load, write_requests
from bench.processes import Server, say
from bench.seed import ROWS, Samples
from bench.workloads import Workload

WARM_UP = 1
"""Seconds."""
RESTING = 0.02
"""Less CPU than this in 0.2 seconds is nobody's request."""
MAX_REST = 20
"""Seconds to wait for that; MariaDB may be tidying its full-text index in the background."""


@dataclass(slots=True)
class Result:
    load: Load
    server_cpu: float
    """Milliseconds for each request, all processes of the server together."""
    database_cpu: float
    statements: float

    @property
    def rate(self) -> float:
        return self.load.requests / self.load.seconds


Results = dict[str, dict[str, list[Result]]]
"""Workload → peer → one result a round."""


@dataclass(slots=True)
class Measurement:
    database: MariaDb
    servers: dict[str, Server]
    samples: Samples
    directory: Path
    seconds: float
    rounds: int

    def run(self, workloads: Iterable[Workload]) -> Results:
        results: Results = {}
        for workload in workloads:
            requests = self.requests(workload)
            by_peer = results[workload.letter] = {name: [] for name in self.servers}
            for _ in range(self.rounds):
                for name, server in self.servers.items():
                    by_peer[name].append(self.measure(server, requests))
                    if workload.writes:
                        self.forget_writes()
            rates = "  ".join(f"{name} {', '.join(f'{r.rate:.0f}' for r in rs)}" for name, rs in by_peer.items())
            say(f"{workload.letter}: requests a second: {rates}")
        return results

    def requests(self, workload: Workload) -> Path:
        file = self.directory / f"{workload.letter}.requests"
        write_requests(file, workload.encoded(self.samples))
        return file

    def measure(self, server: Server, requests: Path) -> Result:
        run_load(server.port, requests, WARM_UP)
        before = self.used(server)
        load = run_load(server.port, requests, self.seconds)
        cpu, database_cpu, statements = (after - b for after, b in zip(self.used(server), before, strict=True))
        # What the connections wait for at the end is worked on too, but the load generator doesn't count it.
        worked_on = load.requests + CONNECTIONS
        return Result(load, cpu * 1_000 / worked_on, database_cpu * 1_000 / worked_on, statements / worked_on)

    def used(self, server: Server) -> tuple[float, float, int]:
        """CPU seconds of server and database, and statements, once both rest."""
        used, quiet, end = (server.cpu_seconds(), self.database.cpu_seconds()), 0, time.monotonic() + MAX_REST
        while quiet < 2 and time.monotonic() < end:
            time.sleep(0.2)
            before, used = used, (server.cpu_seconds(), self.database.cpu_seconds())
            quiet = quiet + 1 if all(now - then < RESTING for now, then in zip(used, before, strict=True)) else 0
        return *used, self.database.statements()

    def forget_writes(self) -> None:
        """Every round begins with the same tables."""
        self.database.query("TRUNCATE change_log")
        self.database.query("DELETE FROM journal_entry WHERE id > %s", ROWS["journal_entry"])
