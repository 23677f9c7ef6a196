"""`python -m bench.goals`: every measure that there is a goal for, in one run of some minutes, beside its goal.

Runs the other benches one after the other and reads the tables that they print. On a machine that others use the
milliseconds say nothing; the multiples of `limit` and the rows read say something still.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from argparse import ArgumentParser
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.processes import say
from bench.report import table
from bench.stacks import ROOT

NUMBER = re.compile(r"-?[\d,]+(?:\.\d+)?")
Tables = dict[str, list[dict[str, str]]]
"""Heading ("" where there is none) → rows, by the names of their columns; "first" is a row's first cell, "" its
last."""


@dataclass(frozen=True, slots=True)
class Goal:
    title: str
    bench: str
    heading: str
    """The beginning of the table's heading."""
    row: str
    """The beginning of the row's first cell."""
    column: str
    most: float
    unit: str = ""
    last: bool = False
    """The cell's last number, and not its first."""


SUMMARY = "Server CPU a request"
GOALS = [
    Goal("get by id, production's server", "stacks", SUMMARY, "a ", "gunicorn", 4, "×"),
    Goal("get by id, server of `make run`", "stacks", SUMMARY, "a ", "uvicorn", 5, "×"),
    Goal("get by id, bench's server", "stacks", SUMMARY, "a ", "aether", 6, "×"),
    Goal("nested list of 25", "stacks", SUMMARY, "b ", "aether", 4, "×"),
    Goal("search, 100 rows", "stacks", SUMMARY, "c ", "aether", 2.5, "×"),
    Goal("list of 1,000", "stacks", SUMMARY, "d ", "aether", 2, "×"),
    Goal("create", "stacks", SUMMARY, "e ", "aether", 12, "×"),
    Goal("patch", "stacks", SUMMARY, "f ", "aether", 14, "×"),
    Goal("get, a plain key, production", "stacks", "i: callers, gunicorn", "a plain key", "server CPU", 160, "µs"),
    Goal("get, a user's token, production", "stacks", "i: callers, gunicorn", "a user", "server CPU", 160, "µs"),
    Goal("get, a rated key, production", "stacks", "i: callers, gunicorn", "a rated key", "server CPU", 160, "µs"),
    Goal(
        "another tenant beside a noisy one, p99", "stacks", "n: a noisy neighbour, gunicorn", "beside", "p99", 250, "ms"
    ),
    Goal("list of 1, late account: rows read", "scale", "", "list of 1, late", "rows read", 100),
    Goal("list of 100, late account: rows read", "scale", "", "list of 100, late", "rows read", 1_000),
    Goal("admin list, super user: database", "scale", "", "admin list, super", "of them database", 100, "ms"),
    Goal("admin page 100, super user: database", "scale", "", "admin page 100, super", "of them database", 100, "ms"),
    Goal("sort by name, late account", "scale", "", "by name, late", "ms", 50, "ms"),
    Goal("`q`, a frequent word, account of 72: rows read", "scale", "", "q summit, small", "rows read", 1_000),
    Goal("publishing's share of a PATCH", "realtime", "", "CPU of a PATCH", "", 8, "%", last=True),
]
BENCHES = {
    "stacks": ["bench", "--peers", "limit,aether,gunicorn,uvicorn", "--workloads", "abcdefikn"],
    "scale": ["bench.scale"],
    "realtime": ["bench.realtime", "--only-publishing"],
}


def tables(markdown: str) -> Tables:
    found: Tables = {}
    heading, columns = "", None
    for line in markdown.splitlines():
        if line.startswith("#"):
            heading, columns = line.lstrip("# "), None
        elif line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if columns is None:
                columns = cells
            elif set(cells) != {"---"}:
                ends = {"first": cells[0], "": cells[-1]}
                found.setdefault(heading, []).append(dict(zip(columns, cells, strict=False)) | ends)
        else:
            columns = None
    return found


def measured(goal: Goal, found: Tables) -> float | None:
    """What the bench says about it; None when it says nothing."""
    for heading, rows in found.items():
        for row in rows if heading.startswith(goal.heading) else []:
            cell = next((value for name, value in row.items() if name.startswith(goal.column)), "")
            if row["first"].startswith(goal.row) and (numbers := NUMBER.findall(cell)):
                return float(numbers[-1 if goal.last else 0].replace(",", ""))
    return None


def line(goal: Goal, value: float | None) -> list[str]:
    unit = f" {goal.unit}" if goal.unit else ""
    verdict = "not measured" if value is None else "reached" if value <= goal.most else "missed"
    return [goal.title, "" if value is None else f"{value:,g}{unit}", f"≤ {goal.most:,g}{unit}", verdict]


def run(command: list[str]) -> str:
    """What it printed; a bench that fails leaves its measures out, and the others are run all the same."""
    ran = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if ran.returncode:
        say(f"{' '.join(command)} ended with {ran.returncode}")
    return ran.stdout


def main() -> int:
    parser = ArgumentParser(prog="python -m bench.goals", description=__doc__)
    parser.add_argument("--only", default=",".join(BENCHES), help="of these; default: %(default)s")
    parser.add_argument("--seconds", type=float, default=3, help="of each measurement; default: %(default)s")
    parser.add_argument("--runs", type=int, default=2, help="rounds; default: %(default)s")
    parser.add_argument("--rows", type=int, default=2_000_000, help="of the large table; default: %(default)s")
    options = parser.parse_args()
    more = {
        "stacks": ["--seconds", str(options.seconds), "--runs", str(options.runs)],
        "scale": ["--rows", str(options.rows)],
        "realtime": [],
    }
    began, loads = time.monotonic(), [os.getloadavg()[0]]
    found: dict[str, Tables] = {}
    for name in options.only.split(","):
        printed = run(BENCHES[name] + more[name])
        print(f"## {name}\n\n{printed}", flush=True)
        found[name] = tables(printed)
        loads.append(os.getloadavg()[0])
    values = [(goal, measured(goal, found[goal.bench])) for goal in GOALS if goal.bench in found]
    minutes = (time.monotonic() - began) / 60
    load = ", ".join(f"{value:.1f}" for value in loads)
    print(f"## Goals\n\n{datetime.now(UTC):%Y-%m-%d}, load {load}, {minutes:.0f} minutes.\n")
    print(table(["measure", "measured", "goal", ""], [line(goal, value) for goal, value in values]))
    return 0 if all(value is not None for _, value in values) else 1


if __name__ == "__main__":
    sys.exit(main())
