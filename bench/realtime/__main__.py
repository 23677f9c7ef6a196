"""`python -m bench.realtime`: how many sockets, how fast, how dear. Results go to standard output."""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from urllib.request import Request, urlopen

from bench.processes import LOAD_CORE, pinned, say
from bench.realtime.service import Service, start
from bench.realtime.sockets import RawSocket, open_many
from bench.stacks import ROOT

TOPIC = {"obj_type": "journal"}


def percentile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def note(heard: list[float], _: bytes, at: float) -> None:
    heard.append(at)


async def until(what: Callable[[], bool], seconds: float = 60) -> None:
    end = time.perf_counter() + seconds
    while not what() and time.perf_counter() < end:  # noqa: ASYNC110  (an event a frame would be part of the measure)
        await asyncio.sleep(0.01)


def patch(service: Service, public_id: str, name: str) -> None:
    headers = {"x-aether-api-key": service.key, "x-account-id": service.account, "content-type": "application/json"}
    address = f"http://127.0.0.1:{service.port}/v3/crud/journal/{public_id}"
    with urlopen(Request(address, json.dumps({"name": name}).encode(), headers, method="PATCH")) as answer:
        answer.read()


async def fan_out(service: Service, count: int, changes: int) -> str:
    """Many sockets of one process, one change to all of them."""
    await open_many(1, service.port, service.key, service.account, TOPIC)  # what is made once is made now
    await asyncio.sleep(1)
    before = service.server.memory_mib()
    sockets = await open_many(count, service.port, service.key, service.account, TOPIC)
    await asyncio.sleep(2)
    kibibytes = (service.server.memory_mib() - before) * 1024 / count
    say(f"{count} sockets are open")
    cpu = service.server.cpu_seconds()
    await asyncio.sleep(5)
    idle = (service.server.cpu_seconds() - cpu) / 5 * 100

    took: list[float] = []
    for number in range(changes):
        heard: list[float] = []
        for socket in sockets:
            socket.heard = partial(note, heard)
        began = time.perf_counter()
        await asyncio.to_thread(patch, service, service.rows[number][1], f"changed {number}")
        await until(lambda heard=heard: len(heard) == count)  # type: ignore[misc]
        took += [at - began for at in heard]
    for socket in sockets:
        socket.transport.close()
    milliseconds = [f"{percentile(took, part) * 1_000:.0f}" for part in (0.5, 0.99, 1)]
    return (
        f"| {count} sockets, {changes} changes to all: from sending the PATCH to the frame | "
        f"p50 {milliseconds[0]} ms, p99 {milliseconds[1]} ms, last {milliseconds[2]} ms |\n"
        f"| memory of a socket that has subscribed (growth of RSS) | {kibibytes:.1f} KiB |\n"
        f"| CPU of {count} idle sockets | {idle:.1f} % of a core |"
    )


async def in_order(service: Service, count: int, per_second: int, seconds: float) -> str:
    """So many changes a second to some subscribers; their entries are written as `realtime.publish` writes them."""
    sockets = await open_many(count, service.port, service.key, service.account, TOPIC)
    seqs: dict[RawSocket, list[int]] = {socket: [] for socket in sockets}
    lags: list[float] = []
    sent_at: dict[int, float] = {}

    def listener(socket: RawSocket) -> None:
        own = seqs[socket]

        def heard(text: bytes, at: float) -> None:
            start = text.index(b'"seq":') + 6
            seq = int(text[start : text.index(b",", start)])
            own.append(seq)
            if own is seqs[sockets[0]] and seq in sent_at:
                lags.append(at - sent_at[seq])

        socket.heard = heard

    for socket in sockets:
        listener(socket)
    total = int(per_second * seconds)
    cpu = service.server.cpu_seconds()
    writer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.realtime.writer", str(service.account_pk), str(per_second), str(seconds)),
        env=service.environment,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    started = time.perf_counter()
    await writer.communicate(json.dumps(service.rows).encode())
    written = time.perf_counter() - started
    await until(lambda: min(map(len, seqs.values())) >= total)
    took = time.perf_counter() - started
    cpu = service.server.cpu_seconds() - cpu
    complete = all(own == list(range(own[0], own[0] + total)) for own in seqs.values() if own)
    verdict = "complete and in order" if complete else f"INCOMPLETE: {sorted({len(own) for own in seqs.values()})}"
    for socket in sockets:
        socket.transport.close()
    return (
        f"| {total} changes, {per_second} a second, to {count} subscribers ({total * count} frames) | {verdict}; "
        f"written in {written:.1f} s, told in {took:.1f} s, {cpu:.1f} s of CPU |"
    )


def publishing(service: Service) -> str:
    command = [sys.executable, "-m", "bench.realtime.publishing", service.key, service.account, service.rows[0][1]]
    command = pinned(LOAD_CORE, command)
    ran = subprocess.run(command, env=service.environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    with_it, without = json.loads(ran.stdout.splitlines()[-1])
    return (
        f"| CPU of a PATCH with publishing, and without | {with_it:.2f} ms, {without:.2f} ms: "
        f"{(with_it / without - 1) * 100:+.1f} % |"
    )


def arguments() -> Namespace:
    parser = ArgumentParser(prog="bench.realtime", description="Measures the websocket.")
    parser.add_argument("--sockets", type=int, default=2_000, help="default: %(default)s")
    parser.add_argument("--changes", type=int, default=10, help="to all of them; default: %(default)s")
    parser.add_argument("--subscribers", type=int, default=50, help="default: %(default)s")
    parser.add_argument("--per-second", type=int, default=1_000, help="default: %(default)s")
    parser.add_argument("--seconds", type=float, default=5, help="default: %(default)s")
    parser.add_argument("--only-publishing", action="store_true", help="no sockets: what publishing adds to a write")
    return parser.parse_args()


async def measured(service: Service, options: Namespace) -> None:
    print(await fan_out(service, options.sockets, options.changes), flush=True)
    print(await in_order(service, options.subscribers, options.per_second, options.seconds), flush=True)


def main() -> int:
    options = arguments()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as doors:
        service = start(doors)
        print("| | |\n| --- | --- |", flush=True)
        if not options.only_publishing:
            asyncio.run(measured(service, options))
        print(publishing(service), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
