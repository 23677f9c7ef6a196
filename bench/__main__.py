"""`python -m bench`: makes the database, fills it, starts the peers, compares their answers, measures, cleans up."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from bench import profiler, report, singles
from bench.check import differences
from bench.database import MariaDb
from bench.measure import Measurement
from bench.processes import Server, say
from bench.seed import Samples
from bench.stacks import PEERS, ROOT, Stacks, service_environment
from bench.workloads import WORKLOADS

SINGLES = "gh"


def arguments() -> Namespace:
    parser = ArgumentParser(prog="bench", description="Measures Aether against other stacks on the same tables.")
    letters = "".join(WORKLOADS) + SINGLES
    parser.add_argument("--peers", default=",".join(PEERS), help="default: %(default)s")
    parser.add_argument("--workloads", default=letters, help="letters; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=4, help="of each single measurement; default: %(default)s")
    parser.add_argument("--runs", type=int, default=3, help="rounds; default: %(default)s")
    parser.add_argument("--check", action="store_true", help="only compare the answers, field for field")
    parser.add_argument("--profile", action="store_true", help="only profile each of the peers under each workload")
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
        say(f"NOT ALIKE  {difference}")
    if not found:
        say(f"{', '.join(servers)} answer alike")
    return found


def main() -> int:
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as doors:
        directory = Path(doors.enter_context(TemporaryDirectory(prefix="aether-bench.")))
        database = MariaDb(directory)
        doors.callback(database.stop)
        database.create()
        service = service_environment(database, directory)
        samples = prepare(database, service, directory)
        stacks = Stacks(database, directory, service, samples.key)
        servers = {}
        for name in dict.fromkeys([*(["limit"] if options.check else []), *options.peers]):
            servers[name] = stacks.start(name)
            doors.callback(servers[name].stop)
        workloads = [WORKLOADS[letter] for letter in WORKLOADS if letter in options.workloads]
        measurement = Measurement(database, servers, samples, directory, options.seconds, options.runs)
        if options.profile:
            for workload in workloads:
                requests = measurement.requests(workload)
                for name, server in servers.items():
                    cpu = measurement.measure(server, requests)
                    title = f"{name}, {workload.letter}"
                    print(profiler.profile(server, requests, options.seconds, cpu, title), end="\n\n", flush=True)
            return 0
        found = compare(servers, samples)
        measurement.forget_writes()
        if options.check:
            return 1 if found else 0
        show(measurement, options, [w for w in workloads], found)
    return 0


def show(measurement: Measurement, options: Namespace, workloads: list, found: list[str]) -> None:
    parts = [f"Not alike, so not comparable: {difference}" for difference in found]
    if workloads:
        results = measurement.run(workloads)
        parts += [report.summary(results), report.details(results)]
    memory = [[name, f"{server.memory_mib():.0f}"] for name, server in measurement.servers.items()]
    parts.append("### Memory\n\n" + report.table(["peer", "MiB"], memory))
    aether = measurement.servers.get("aether")
    if aether and "g" in options.workloads:
        parts.append(singles.deep_pages(aether, measurement.samples))
    if aether and "h" in options.workloads:
        parts.append(singles.word_search(aether, measurement.database, measurement.samples))
    print("\n\n".join(part for part in parts if part))


if __name__ == "__main__":
    sys.exit(main())
