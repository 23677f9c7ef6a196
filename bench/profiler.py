"""Where a peer's CPU goes while it is under load: py-spy's samples, by layer and by function."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from bench.load import run_load
from bench.measure import Result
from bench.processes import LOAD_CORE, Server, pinned
from bench.report import table

LAYERS = [
    (name, re.compile(pattern))
    for name, pattern in [
        ("driver (mysqlclient)", r"MySQLdb/|\(limit\.py|query \(bench/peers/limit"),
        ("Django: database wrapper", r"django/db/(backends|utils)"),
        ("Django: transactions", r"django/db/transaction"),
        ("Django: ORM", r"django/db/models"),
        ("logging", r"\blogging/|aether/logs|crud/request_context"),
        ("accounts: authentication", r"\baccounts/"),
        ("crud: change log", r"crud/(history|change_history)"),
        ("crud: reading (plan, page, search)", r"crud/(read_plan|page|parameters|columns|slots|cursor|search/)"),
        ("crud: writing (payload, values, model)", r"crud/(write|payload|values|resolve|model_fields|models|html|search_text|transactions)"),
        ("crud: answer (envelope, ETag)", r"crud/(envelope|etag|json_body)"),
        ("crud: view, routes", r"crud/"),
        ("tenancy", r"\btenancy/"),
        ("middlewares", r"corsheaders|aether/middleware|django/middleware|django/contrib|utils/deprecation"),
        ("REST framework", r"rest_framework/"),
        ("Django: handler, request, response", r"django/"),
        ("SQLAlchemy", r"sqlalchemy/"),
        ("pydantic", r"pydantic/"),
        ("FastAPI, Starlette", r"fastapi/|starlette/|anyio|asyncio|concurrent"),
        ("server", r"granian|uvicorn|gunicorn"),
    ]
]
RATE = 250


def profile(server: Server, requests: Path, seconds: float, cpu: Result, title: str) -> str:
    """`cpu` is the measurement without the profiler, which gives the shares their milliseconds."""
    stacks = sample(server, requests, seconds)
    total = sum(stacks.values()) or 1
    layers: Counter[str] = Counter()
    own: Counter[str] = Counter()
    inclusive: Counter[str] = Counter()
    for frames, count in stacks.items():
        layers[layer_of(frames)] += count
        own[frames[-1]] += count
        for frame in set(frames):
            inclusive[frame] += count

    def rows(counted: Counter[str], most: int) -> list[list[str]]:
        return [
            [f"{count / total:.1%}", f"{count / total * cpu.server_cpu * 1000:.0f}", name]
            for name, count in counted.most_common(most)
        ]

    parts = [f"### Profile of {title}: {cpu.server_cpu:.3f} ms of CPU a request, {total} samples"]
    for name, counted, most in (("layer", layers, 20), ("function, itself", own, 30), ("function, with its calls", inclusive, 60)):
        parts.append(table(["share", "µs", name], rows(counted, most)))
    return "\n\n".join(parts)


def sample(server: Server, requests: Path, seconds: float) -> Counter[tuple[str, ...]]:
    """Stacks that held the interpreter, outermost frame first."""
    spy = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if not spy:
        raise SystemExit("py-spy is missing; make bench installs it")
    worker = server.pids()[-1]
    out = requests.with_suffix(".stacks")
    load = threading.Thread(target=run_load, args=(server.port, requests, seconds + 2))
    load.start()
    command = [spy, "record", "--pid", str(worker), "--duration", str(round(seconds)), "--rate", str(RATE)]
    command += ["--format", "raw", "--gil", "--nonblocking", "--function", "--output", str(out)]
    done = subprocess.run(pinned(LOAD_CORE, command), capture_output=True, text=True, check=False)
    load.join()
    if done.returncode:
        raise SystemExit(f"py-spy failed: {done.stderr}")
    stacks: Counter[tuple[str, ...]] = Counter()
    for line in out.read_text().splitlines():
        frames, _, count = line.rpartition(" ")
        stacks[tuple(frames.split(";"))] += int(count)
    return stacks


def layer_of(frames: tuple[str, ...]) -> str:
    """The layer of the innermost frame that belongs to one: the standard library counts for whoever called it."""
    for frame in reversed(frames):
        for name, pattern in LAYERS:
            if pattern.search(frame):
                return name
    return "other"
