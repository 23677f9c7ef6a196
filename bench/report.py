"""Results as markdown."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from bench.measure import Result, Results
from bench.processes import Server
from bench.workloads import WORKLOADS

BASE = "limit"


def middle(results: list[Result], value: Callable[[Result], float]) -> float:
    return median(value(result) for result in results)


def described(results: Results, servers: dict[str, Server]) -> list[str]:
    """Every part that there is something to say in."""
    memory = [[name, f"{server.memory_mib():.0f}"] for name, server in servers.items()]
    parts = [summary(results), *details(results), "### Memory after the run\n\n" + table(["peer", "MiB"], memory)]
    return [part for part in parts if part]


def summary(results: Results) -> str:
    """Server CPU for each request, as a multiple of `limit`'s: the number that a noisy machine spoils least."""
    peers = list(next(iter(results.values())))
    if BASE not in peers:
        return ""
    head = ["workload", BASE, *(peer for peer in peers if peer != BASE), "goal for aether"]
    rows = []
    for letter, by_peer in results.items():
        workload = WORKLOADS[letter]
        base = middle(by_peer[BASE], lambda r: r.server_cpu)
        times = [f"{middle(by_peer[p], lambda r: r.server_cpu) / base:.1f}×" for p in peers if p != BASE]
        rows.append([f"{letter} {workload.title}", f"{base:.3f} ms", *times, f"≤ {workload.goal:g}×"])
    return "### Server CPU a request, as a multiple of limit\n\n" + table(head, rows)


def details(results: Results) -> list[str]:
    head = ["peer", "requests/s, median (min–max)", "× limit", "p50 ms", "p99 ms", "server CPU ms", "× limit"]
    head += ["MariaDB CPU ms", "statements", "errors"]
    parts = []
    for letter, by_peer in results.items():
        base = by_peer.get(BASE) or next(iter(by_peer.values()))
        rows = []
        for peer, measured in by_peer.items():
            rates = sorted(result.rate for result in measured)
            rate, cpu = median(rates), middle(measured, lambda r: r.server_cpu)
            rows.append(
                [
                    peer,
                    f"{rate:,.0f} ({rates[0]:,.0f}–{rates[-1]:,.0f})",
                    f"{rate / middle(base, lambda r: r.rate):.2f}",
                    f"{middle(measured, lambda r: r.load.p50):.1f}",
                    f"{middle(measured, lambda r: r.load.p99):.1f}",
                    f"{cpu:.3f}",
                    f"{cpu / middle(base, lambda r: r.server_cpu):.1f}",
                    f"{middle(measured, lambda r: r.database_cpu):.3f}",
                    f"{middle(measured, lambda r: r.statements):.1f}",
                    f"{sum(result.load.errors for result in measured)}",
                ]
            )
        parts.append(f"### {letter}: {WORKLOADS[letter].title}\n\n{table(head, rows)}")
    return parts


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
