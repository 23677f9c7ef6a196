"""Where the CPU of a request goes: `python -m bench.profiler MODULE:CALLABLE REQUESTS SECONDS`.

Calls the WSGI application in one thread, without a server, and samples its stack each time it has used some CPU.
"""

from __future__ import annotations

import re
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from io import BytesIO
from itertools import count, cycle
from pathlib import Path
from types import FrameType
from typing import Any, Self
from urllib.parse import unquote

from bench.load import UNIQUE, read_requests
from bench.report import table

LAYERS = {
    "mysqlclient": r"MySQLdb/|limit.py:.*\bquery$",
    "Django: database wrapper": r"django/db/(backends|utils)|django/utils/asyncio",
    "Django: transactions": r"django/db/transaction",
    "Django: ORM": r"django/db/models",
    "logging": r"lib/python[^/]*/logging/|aether/logs",
    "accounts: authentication": r"/accounts/",
    "crud: change log": r"crud/(history|read/change_history)",
    "crud: reading (plan, page, search)": r"crud/(read/|parameters)|kernel/(slots|cursor|statement)",
    "crud: writing (payload, values)": r"crud/(write/|models|declare/values)|kernel/(model|html|search_text|trans)",
    "kernel: answer, JSON": r"kernel/(envelope|etag|json_body)",
    "crud: view, routes, request log": r"/(crud|kernel)/",
    "tenancy": r"/tenancy/",
    "middlewares": r"corsheaders|aether/middleware|django/(middleware|contrib)|utils/deprecation",
    "REST framework": r"rest_framework/",
    "Django: request": r"django/http/(request|cookie|multi)|handlers/wsgi|django/utils/datastructures",
    "Django: response, signals": r"django/http/|django/(dispatch|core/signals)|django/utils/connection|asgiref",
    "Django: handler, URLs": r"django/",
}
"""Layer → what the place of its functions looks like; the first that fits."""
TICK = 0.002
"""Seconds of CPU between samples; the kernel may make it more."""


class Sampler:
    """Counts stacks, innermost function first, while it is on."""

    def __init__(self) -> None:
        self.stacks: Counter[tuple[str, ...]] = Counter()

    def __enter__(self) -> Self:
        signal.signal(signal.SIGPROF, self.take)
        signal.setitimer(signal.ITIMER_PROF, TICK, TICK)
        return self

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)

    def take(self, _: int, frame: FrameType | None) -> None:
        stack = []
        while frame is not None:
            code = frame.f_code
            stack.append(f"{code.co_filename}:{code.co_firstlineno} {code.co_qualname}")
            frame = frame.f_back
        self.stacks[tuple(stack)] += 1


def environments(requests: list[bytes]) -> Iterator[dict[str, Any]]:
    """Endless WSGI environments. A server makes them too, at about the same cost."""
    number = count(int(time.time()) % 1000 * 100_000)
    for request in cycle(requests):
        yield environment(request.replace(UNIQUE, b"%08d" % (next(number) % 10**8)))


def environment(request: bytes) -> dict[str, Any]:
    head, _, body = request.partition(b"\r\n\r\n")
    line, *headers = head.decode().split("\r\n")
    method, target, protocol = line.split(" ")
    path, _, query = target.partition("?")
    found: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote(path),
        "SCRIPT_NAME": "",
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": protocol,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.version": (1, 0),
    }
    for header in headers:
        name, _, value = header.partition(": ")
        name = name.upper().replace("-", "_")
        found[name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"] = value
    return found


def call(application: Callable[..., Any], environ: dict[str, Any]) -> str:
    """Answer one request to its end. Returns the status."""
    statuses: list[str] = []
    answer = application(environ, lambda status, headers, exc_info=None: statuses.append(status))
    b"".join(answer)
    if close := getattr(answer, "close", None):
        close()
    return statuses[0]


def milliseconds(application: Callable[..., Any], source: Iterator[dict[str, Any]], seconds: float) -> float:
    """CPU for each request."""
    end = time.monotonic() + seconds
    calls, started = 0, time.process_time()
    while time.monotonic() < end:
        status = call(application, next(source))
        if status >= "4":
            raise SystemExit(f"the application answers {status}")
        calls += 1
    return (time.process_time() - started) * 1_000 / calls


def layer_of(stack: tuple[str, ...]) -> str:
    """The layer of the innermost function that belongs to one: the standard library counts for whoever called it."""
    for function in stack:
        for name, pattern in LAYERS.items():
            if re.search(pattern, function):
                return name
    return "other"


def described(sampler: Sampler, cpu: float) -> str:
    total = sampler.stacks.total()
    layers: Counter[str] = Counter()
    own: Counter[str] = Counter()
    inclusive: Counter[str] = Counter()
    for stack, times in sampler.stacks.items():
        layers[layer_of(stack)] += times
        own[stack[0]] += times
        for function in set(stack):
            inclusive[function] += times
    parts = [f"{cpu:.3f} ms of CPU a request in one thread without a server; {total} samples"]
    for title, counted, most in (
        ("layer", layers, 30),
        ("function, its own code", own, 30),
        ("function, with what it calls", inclusive, 70),
    ):
        rows = [
            [
                f"{times / total:.1%}",
                f"{times / total * cpu * 1_000:.0f}",
                re.sub(r"^.*/(?=[^/]+/[^/]+\.py:)", "", name),
            ]
            for name, times in counted.most_common(most)
        ]
        parts.append(table(["share", "µs", title], rows))
    return "\n\n".join(parts)


def main() -> None:
    target, file, seconds = sys.argv[1:]
    module, _, name = target.partition(":")
    application = getattr(import_module(module), name)
    source = environments(read_requests(Path(file)))
    milliseconds(application, source, 1)
    cpu = milliseconds(application, source, float(seconds))
    with Sampler() as sampler:
        milliseconds(application, source, 2 * float(seconds))
    print(described(sampler, cpu))


if __name__ == "__main__":
    main()
