"""A noisy neighbour (n): gets of one account, alone and beside forty clients of another that search inside of texts."""

from __future__ import annotations

import threading
import time
from collections import Counter
from statistics import median

from bench.client import Client
from bench.processes import Server
from bench.report import table
from bench.seed import Samples
from bench.workloads import Request

NOISY = 40
GETS = 400
PAUSE = 0.05
"""Seconds that a refused client waits, which was told to wait for one."""


def beside(server: Server, samples: Samples) -> str:
    noisy, quiet = samples.accounts[0], samples.accounts[1]
    gets = [
        Request("GET", f"event_session/{row}", quiet) for row, owner in samples.rows["event_session"] if owner == quiet
    ]
    alone = times(server, samples.key, gets)
    statuses: Counter[int] = Counter()
    ended = threading.Event()
    threads = [
        threading.Thread(target=search, args=(server, samples.key, noisy, statuses, ended)) for _ in range(NOISY)
    ]
    for thread in threads:
        thread.start()
    time.sleep(2)  # until all of them wait for something
    beside_it = times(server, samples.key, gets)
    ended.set()
    for thread in threads:
        thread.join()
    rows = [
        [title, f"{median(taken):.1f}", f"{taken[int(len(taken) * 0.99)]:.1f}", f"{taken[-1]:.1f}"]
        for title, taken in (("alone", alone), ("beside the noisy one", beside_it))
    ]
    told = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
    return (
        f"### n: a noisy neighbour, {server.name}\n\n"
        + table(["gets by id of another account", "p50 ms", "p99 ms", "longest"], rows)
        + f"\n\nThe noisy one was answered: {told}."
    )


def times(server: Server, key: str, gets: list[Request]) -> list[float]:
    client = Client(server.port, key)
    taken = []
    for number in range(GETS):
        started = time.perf_counter()
        client.get(gets[number % len(gets)])
        taken.append((time.perf_counter() - started) * 1_000)
    client.close()
    return sorted(taken)


def search(server: Server, key: str, account: str, statuses: Counter[int], ended: threading.Event) -> None:
    client = Client(server.port, key)
    body = {"and": [{"field": "content", "op": "contains", "value": "is in no text"}]}
    while not ended.is_set():
        status, _ = client.send(Request("POST", "journal_entry/search?limit=100", account, body))
        statuses[status] += 1
        if status == 429:
            time.sleep(PAUSE)
    client.close()
