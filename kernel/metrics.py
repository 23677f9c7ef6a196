"""What the service counts, for Prometheus: requests, background work, memories, sockets.

Every process of a machine counts into files of its own in AETHER_METRICS_DIR, and whichever is asked adds them all up.
A process takes the first free number, a slot, and goes on where the one before it in that slot stopped: counters never
fall, and a worker that is replaced every few minutes leaves no files behind.
"""

from __future__ import annotations

import fcntl
import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from prometheus_client.registry import Collector

METHODS = frozenset({"GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})
ROOM = {"histogram": 2**21, "counter": 2**16, "gauge_livesum": 2**16, "gauge_max": 2**16, "gauge_livemax": 2**16}
"""Bytes that are set aside for a slot: writing to a mapped file on a full disk would end the process."""


class MetricSlot:
    """The number under which this process counts: held by a lock, which ends with the process."""

    def __init__(self) -> None:
        self.wanted = False
        """Not before something is counted: most commands count nothing."""
        self._name = ""
        self._owner = 0
        self._lock = -1

    def __call__(self) -> str:
        if self.wanted and self._owner != os.getpid():  # a fork has a slot of its own
            self._claim(metrics_directory())
        return self._name

    def _claim(self, directory: Path) -> None:
        if self._lock >= 0:
            os.close(self._lock)  # the parent's, inherited
            self._lock = -1
        number = 0
        while (lock := locked(directory / f"{number}.lock")) is None:
            number += 1
        try:
            mark_process_dead(number, str(directory))  # gauges are of the process that was here before
            for kind, size in ROOM.items():
                with open(directory / f"{kind}_{number}.db", "ab") as file:
                    os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            os.close(lock)
            raise
        self._name, self._owner, self._lock = str(number), os.getpid(), lock


def metrics_directory() -> Path:
    directory: Path = settings.AETHER_METRICS_DIR
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(directory)  # where the library looks for it
    return directory


def locked(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


_slot = MetricSlot()
values.ValueClass = values.MultiProcessValue(_slot)
_slot.wanted = True

# Each has a label, so that its file is opened at its first use.
REQUESTS = Histogram(
    "aether_http_request_seconds",
    "Requests, and the seconds until their answer began.",
    ("method", "route", "type", "status"),
    buckets=(0.005, 0.025, 0.1, 0.25, 1, 2.5, 10),
    registry=None,
)
TASKS = Histogram(
    "aether_task_seconds",
    "Background tasks, and the seconds that they ran.",
    ("task", "state"),
    buckets=(0.1, 1, 10, 60, 600, 3600),
    registry=None,
)
LOOKUPS = Counter("aether_cache_lookups", "Look-ups in a memory.", ("memory", "outcome"), registry=None)
SOCKETS = Gauge("aether_sockets", "Open websockets.", ("protocol",), multiprocess_mode="livesum", registry=None)


HELD_BACK = Counter(
    "aether_held_back", "Requests refused as an account asked for too much at once.", ("account", "lane"), registry=None
)
HELD_BACK_AT = Gauge(
    "aether_held_back_timestamp", "When the last of them was.", ("account",), multiprocess_mode="max", registry=None
)
SERVER = Gauge("aether_server_info", "What serves here.", ("server",), multiprocess_mode="livemax", registry=None)
SHOWN_FOR = 3_600
"""Seconds after its last refusal that an account is still named: most accounts never are."""


def count_request(request: HttpRequest, status: int, seconds: float) -> None:
    method = request.method if request.method in METHODS else "other"
    with suppress(OSError):  # no room for its file: nothing is refused because it can't be counted
        _requests(str(method), *place(request), status).observe(seconds)


def count_task(name: str, state: str, seconds: float) -> None:
    with suppress(OSError):
        TASKS.labels(name, state).observe(seconds)


def count_lookups(memory: str, *, hits: int, misses: int) -> None:
    with suppress(OSError):
        LOOKUPS.labels(memory, "hit").inc(hits)
        LOOKUPS.labels(memory, "miss").inc(misses)


def tell_server(name: str) -> None:
    """Told by whichever server has loaded the application."""
    with suppress(OSError):
        SERVER.labels(name).set(1)


def count_held_back(account: str, lane: str) -> None:
    """`account`: its public id, "" for a key or an address without one."""
    with suppress(OSError):
        HELD_BACK.labels(account, lane).inc()
        HELD_BACK_AT.labels(account).set(time.time())


def count_socket(change: int) -> None:
    """+1 for one that was opened, -1 for one that was closed."""
    with suppress(OSError):
        SOCKETS.labels("v3").inc(change)


@lru_cache(maxsize=8_192)
def _requests(method: str, route: str, type_name: str, status: int) -> Histogram:
    return REQUESTS.labels(method, route, type_name, str(status))


def place(request: HttpRequest) -> tuple[str, str]:
    """The route's template and the object type: words of our own, of which there are only so many."""
    match = request.resolver_match
    if match is None:
        return "unknown", ""
    object_type = getattr(getattr(match.func, "cls", None), "object_type", None)
    return template(match.route), object_type.name if object_type else ""


@lru_cache(maxsize=1_024)
def template(pattern: str) -> str:
    """`^v3/action/x/(?P<id>[^/]+)/?\\Z` → `/v3/action/x/{id}`."""
    if pattern.startswith("admin/"):
        return "/admin/"
    text = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"{\1}", pattern)
    text = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", text)
    return "/" + re.sub(r"\(\?:|\)\??|\^|\\Z|\$|/\?|\\", "", text)


class Waiting:
    """A figure of the whole service, which no process of this machine counts."""

    def __init__(self, tasks: int) -> None:
        self.tasks = tasks

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield GaugeMetricFamily("aether_tasks_waiting", "Background tasks that no worker has taken yet.", self.tasks)


class Recent(Collector):
    """What was counted, without the accounts that have had no refusal for an hour."""

    def __init__(self, counted: Collector) -> None:
        self.counted = counted

    def collect(self) -> Iterator[Metric]:
        families = list(self.counted.collect())
        since = time.time() - SHOWN_FOR
        at = (sample for family in families if family.name == "aether_held_back_timestamp" for sample in family.samples)
        shown = {sample.labels["account"] for sample in at if sample.value > since}
        for family in families:
            if family.name == "aether_held_back":
                family.samples = [sample for sample in family.samples if sample.labels["account"] in shown]
            if family.name != "aether_held_back_timestamp":
                yield family


def exposition(tasks_waiting: int | None = None) -> bytes:
    """Everything that the processes of this machine have counted, in Prometheus' text format."""
    directory = metrics_directory()
    for file in directory.glob("*.lock"):
        lock = locked(file)
        if lock is not None:  # nobody holds it: what was open in that process is closed
            mark_process_dead(int(file.stem), str(directory))
            os.close(lock)
    registry = CollectorRegistry()
    registry.register(Recent(MultiProcessCollector(None, str(directory))))
    if tasks_waiting is not None:
        registry.register(Waiting(tasks_waiting))
    return generate_latest(registry)
