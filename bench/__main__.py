"""`python -m bench`: makes the database, fills it, starts the peers, compares their answers, measures, cleans up."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import callers, neighbour, report, singles
from bench.check import differences
from bench.database import MariaDb
from bench.measure import Measurement
from bench.processes import Server, say
from bench.seed import Samples
from bench.stacks import PEERS, ROOT, SHIPPED, WSGI, Stacks, service_environment
from bench.workloads import WORKLOADS, Workload

SINGLES = "ghikn"


def arguments() -> Namespace:
    parser = ArgumentParser(prog="bench", description="Measures Aether against other stacks on the same tables.")
    letters = "".join(WORKLOADS) + SINGLES
    parser.add_argument("--peers", default=",".join(PEERS), help="default: %(default)s")
    parser.add_argument("--workloads", default=letters, help="letters; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=4, help="of each single measurement; default: %(default)s")
    parser.add_argument("--runs", type=int, default=3, help="rounds; default: %(default)s")
    parser.add_argument("--check", action="store_true", help="only compare the answers, field for field")
    parser.add_argument("--profile", action="store_true", help="only say where the CPU goes")
    options = parser.parse_args()
    options.peers = options.peers.split(",")
    if unknown := set(options.peers) - set(PEERS):
        parser.error(f"unknown peers: {', '.join(unknown)}; known: {', '.join(PEERS)}")
    if unknown := set(options.workloads) - set(letters):
        parser.error(f"unknown workloads: {', '.join(unknown)}; known: {letters}")
    return options


def prepare(database: MariaDb, service: dict[str, str], directory: Path) -> Samples:
    started = time.monotonic()
    samples = directory / "samples.json"
    env = service | {"AETHER_STATEMENT_TIMEOUT": "0"}
    for command in (["manage.py", "migrate", "--verbosity", "0"], ["-m", "bench.seed", str(samples)]):
        subprocess.run([sys.executable, *command], env=env, cwd=ROOT, check=True)
    say(f"Tables made and filled in {time.monotonic() - started:.0f} s")
    return Samples.load(samples)


def compare(servers: dict[str, Server], samples: Samples) -> list[str]:
    found = differences(servers, samples)
    for difference in found:
        say(f"Not alike: {difference}")
    if not found:
        say(f"{', '.join(servers)} answer alike, field for field")
    return [f"Not alike, so not to be compared: {difference}" for difference in found]


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as doors:
        directory = Path(doors.enter_context(TemporaryDirectory(prefix="aether-bench.")))
        database = MariaDb(directory)
        doors.callback(database.stop)
        database.create()
        service = service_environment(database.url, directory)
        samples = prepare(database, service, directory)
        stacks = Stacks(database, directory, service, samples.key)
        doors.callback(stacks.stop)
        workloads = [WORKLOADS[letter] for letter in WORKLOADS if letter in options.workloads]
        measurement = Measurement(database, {}, samples, directory, options.seconds, options.runs)
        if options.profile:
            profile(stacks, measurement, workloads, [name for name in options.peers if name in WSGI])
            return 0
        for name in dict.fromkeys([*(["limit"] if options.check else []), *options.peers]):
            measurement.servers[name] = stacks.start(name)
            doors.callback(measurement.servers[name].stop)
        if "k" in options.workloads:  # now, as comparing is asking
            for server in ours(measurement):
                print(singles.first_requests(server, samples), end="\n\n", flush=True)
        found = compare(measurement.servers, samples) if "limit" in measurement.servers else []
        measurement.forget_writes()
        if options.check:
            return 1 if found else 0
        for section in chain(found, sections(measurement, workloads, options.workloads)):
            print(section, end="\n\n", flush=True)
    return 0


def ours(measurement: Measurement) -> list[Server]:
    """Aether on the servers that are shipped, and on the bench's own."""
    return [measurement.servers[name] for name in (*SHIPPED, "aether") if name in measurement.servers]


def sections(measurement: Measurement, workloads: list[Workload], letters: str) -> Iterator[str]:
    """The report."""
    if workloads:
        results = measurement.run(workloads)
        yield from report.described(results, measurement.servers)
    if "i" in letters:
        yield from (callers.compared(server, measurement) for server in ours(measurement))
    if "n" in letters:
        yield from (neighbour.beside(server, measurement.samples) for server in ours(measurement))
    aether = measurement.servers.get("aether")
    if aether and "g" in letters:
        yield singles.deep_pages(aether, measurement.samples)
    if aether and "h" in letters:
        yield singles.word_search(aether, measurement.database, measurement.samples)


def profile(stacks: Stacks, measurement: Measurement, workloads: list[Workload], peers: list[str]) -> None:
    for workload in workloads:
        requests = measurement.requests(workload)
        for name in peers:
            say(f"Profiling {name}, workload {workload.letter}")
            print(f"### {name}, {workload.letter}: {workload.title}\n")
            print(stacks.profile(name, requests, measurement.seconds), flush=True)
            measurement.forget_writes()


if __name__ == "__main__":
    sys.exit(main())
