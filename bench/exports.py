"""`python -m bench.exports`: the leads of an exhibit as CSV, XLSX and JSON. Memory, first byte, and CPU beside that
of a bare loop over the same rows, on SQLite or (`--mariadb`) a private MariaDB.
"""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Self

from bench.database import MariaDb
from bench.processes import SERVER_CORE, Server, free_port, pinned, say
from bench.report import table
from bench.stacks import ROOT, WSGI, granian, service_environment

FORMS = {"csv": "?file_type=csv", "xlsx": "?file_type=xlsx", "json": "?return_file=false"}
MAX_GROWTH = 150
"""MiB."""
MAX_FIRST_BYTE = 1.0
"""Seconds, for 100,000 rows."""
LEAST_SPEED = 0.6
"""Rows in a second of CPU, as a share of the bare loop's: a busy machine spoils that least."""


class SqliteFile:
    def __init__(self, directory: Path) -> None:
        self.url = f"sqlite:///{directory / 'bench.sqlite3'}"


@dataclass(slots=True)
class Download:
    first_byte: float
    seconds: float
    cpu: float
    size: int
    growth: float
    """MiB that the server had more at its highest."""


class Highest:
    """The memory of a server, watched while something is done."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.before = self.most = server.memory_mib()
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self.over.wait(0.02):
            self.most = max(self.most, self.server.memory_mib())

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.over.set()
        self.thread.join()


def download(server: Server, samples: dict[str, str], exhibit: str, form: str) -> Download:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    cpu = server.cpu_seconds()
    headers = {"X-Aether-Api-Key": samples["key"], "X-Account-Id": samples["account"]}
    with Highest(server) as memory:
        started = time.perf_counter()
        connection.request("GET", f"/v3/action/event_exhibit/{exhibit}/tracking_export{FORMS[form]}", None, headers)
        response = connection.getresponse()
        size = len(response.read(1))
        first_byte = time.perf_counter() - started
        while part := response.read(65_536):
            size += len(part)
        seconds = time.perf_counter() - started
    connection.close()
    if response.status != 200:
        raise SystemExit(f"{form}: {response.status}")
    return Download(first_byte, seconds, server.cpu_seconds() - cpu, size, memory.most - memory.before)


def bare_loop(env: dict[str, str], directory: Path, exhibit: str, file_type: str) -> float:
    """Its CPU seconds."""
    file = directory / f"bare.{file_type}"
    command = [sys.executable, "-m", "bench.export_rows", "bare", file_type, exhibit, str(file)]
    done = subprocess.run(pinned(SERVER_CORE, command), env=env, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    return float(done.stdout)


def measure(server: Server, env: dict[str, str], directory: Path, options: Namespace) -> tuple[str, list[str]]:
    """The table, and the forms that missed a goal."""
    samples = json.loads((directory / "samples.json").read_text())
    for form in FORMS:
        download(server, samples, samples["warm_up"], form)
    lines, missed = [], []
    for form in FORMS:
        runs, bare = [], []
        for _ in range(options.runs):
            runs.append(download(server, samples, samples["exhibit"], form))
            if form != "json":
                bare.append(bare_loop(env, directory, samples["exhibit"], form))
        line, good = described(form, options.rows, runs, bare)
        lines.append(line)
        missed += [] if good else [form]
    head = ["form", "rows/s", "rows/s of CPU", "bare loop, rows/s of CPU", "× bare", "first byte, s", "all, s", "MiB"]
    return table([*head, "memory growth, MiB"], lines), missed


def described(form: str, rows: int, runs: list[Download], bare: list[float]) -> tuple[list[str], bool]:
    first, seconds = median(run.first_byte for run in runs), median(run.seconds for run in runs)
    cpu, growth = median(run.cpu for run in runs), max(run.growth for run in runs)
    speed = median(bare) / cpu if bare else LEAST_SPEED
    line = [form, f"{rows / seconds:,.0f}", f"{rows / cpu:,.0f}"]
    line += [f"{rows / median(bare):,.0f}", f"{speed:.2f}"] if bare else ["–", "–"]
    line += [f"{first:.2f}", f"{seconds:.1f}", f"{runs[0].size / 2**20:.1f}", f"{growth:.0f}"]
    return line, growth <= MAX_GROWTH and first <= MAX_FIRST_BYTE and speed >= LEAST_SPEED


def arguments() -> Namespace:
    parser = ArgumentParser(prog="bench.exports", description="Measures the export of an exhibit's leads.")
    parser.add_argument("--rows", type=int, default=100_000, help="leads; default: %(default)s")
    parser.add_argument("--runs", type=int, default=3, help="of each form; default: %(default)s")
    parser.add_argument("--mariadb", action="store_true", help="on a private MariaDB; default: SQLite")
    return parser.parse_args()


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as doors:
        directory = Path(doors.enter_context(TemporaryDirectory(prefix="aether-bench.")))
        database: MariaDb | SqliteFile = SqliteFile(directory)
        if options.mariadb:
            database = MariaDb(directory)
            doors.callback(database.stop)
            database.create()
        env = service_environment(database.url, directory)
        say(f"Making {options.rows:,} leads")
        file = str(directory / "samples.json")
        for command in (
            ["manage.py", "migrate", "-v", "0"],
            ["-m", "bench.export_rows", "fill", str(options.rows), file],
        ):
            no_limit = {"AETHER_STATEMENT_TIMEOUT": "0"}
            subprocess.run([sys.executable, *command], env=env | no_limit, cwd=ROOT, check=True)
        port = free_port()
        log = directory / "aether.log"
        server = Server("aether", pinned(SERVER_CORE, granian(WSGI["aether"], port)), port, log, env, ROOT)
        doors.callback(server.stop)
        server.wait_until_open()
        lines, missed = measure(server, env, directory, options)
        print(f"### Leads of an exhibit: {options.rows:,}, {'MariaDB' if options.mariadb else 'SQLite'}\n\n{lines}")
        if missed:
            print(
                f"\nMissed a goal: {', '.join(missed)} (memory ≤ {MAX_GROWTH} MiB, first byte ≤ {MAX_FIRST_BYTE:g} s, "
                f"speed ≥ {LEAST_SPEED:g} × bare)"
            )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
