"""What is asked of every peer: the same requests, byte for byte, in the same order."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bench.load import UNIQUE
from bench.seed import COMMON_WORDS, Samples

REQUESTS = 2_000
CONTENT = ("journal text " * 23).strip()


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    account: str
    body: Any = None

    def encode(self, key: str) -> bytes:
        headers = {"Host": "127.0.0.1", "X-Aether-Api-Key": key, "X-Account-Id": self.account}
        content = b""
        if self.body is not None:
            content = json.dumps(self.body, separators=(",", ":")).encode()
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(content))}
        lines = [f"{self.method} /v3/crud/{self.path} HTTP/1.1", *(f"{n}: {v}" for n, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + content


@dataclass(frozen=True, slots=True)
class Workload:
    letter: str
    title: str
    goal: float
    """Server CPU for each request that Aether may take, as a multiple of `limit`'s."""
    requests: Callable[[Samples], Iterator[Request]]
    writes: bool = False

    def encoded(self, samples: Samples) -> list[bytes]:
        return [request.encode(samples.key) for request in self.requests(samples)]


def get_session(samples: Samples) -> Iterator[Request]:
    for public_id, account in samples.rows["event_session"][:REQUESTS]:
        yield Request("GET", f"event_session/{public_id}", account)


def nested_list(samples: Samples) -> Iterator[Request]:
    for public_id, account in samples.rows["event"]:
        yield Request("GET", f"event/{public_id}/event_session/?limit=25", account)


def search(samples: Samples) -> Iterator[Request]:
    chosen = random.Random(3)
    for _, account in samples.rows["journal_entry"][:REQUESTS]:
        word, code = chosen.choice(COMMON_WORDS).title(), f"C{chosen.randrange(2_000):04d}"
        either = [
            {"field": "name", "op": "contains", "value": word},
            {"field": "category_code", "op": "eq", "value": code},
        ]
        least = {"field": "sort", "op": "gte", "value": chosen.randrange(2, 5)}
        yield Request("POST", "journal_entry/search?limit=100", account, {"and": [least, {"or": either}]})


def long_list(samples: Samples) -> Iterator[Request]:
    for _, account in samples.rows["journal_entry"][:REQUESTS]:
        yield Request("GET", "journal_entry/?limit=1000", account)


def create(samples: Samples) -> Iterator[Request]:
    for public_id, account in samples.rows["journal"]:
        body = {
            "journal_id": public_id,
            "name": "Created entry",
            "category_code": "C9999",
            "content": CONTENT,
            "tags_json": ["budget", "travel"],
            "start_datetime": "2026-05-05T10:00:00Z",
            "priority": True,
            "sort": 1,
        }
        yield Request("POST", "journal_entry/", account, body)


def patch(samples: Samples) -> Iterator[Request]:
    """Always with a new name: a PATCH that changes nothing writes nothing."""
    for public_id, account in samples.rows["journal_entry"][:REQUESTS]:
        yield Request("PATCH", f"journal_entry/{public_id}", account, {"name": f"Patched {UNIQUE.decode()}", "sort": 5})


WORKLOADS = {
    w.letter: w
    for w in [
        Workload("a", "get an event_session by its id", 6, get_session),
        Workload("b", "nested list: 25 sessions of an event", 4, nested_list),
        Workload("c", "search by a JSON filter, 100 entries", 2.5, search),
        Workload("d", "list of 1,000 entries", 2, long_list),
        Workload("f", "patch an entry", 14, patch, writes=True),
        Workload("e", "create an entry", 12, create, writes=True),
    ]
}
