"""Do all peers answer the same? Otherwise the comparison would be worth nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from bench.client import Client
from bench.load import UNIQUE
from bench.processes import Server
from bench.seed import Samples
from bench.workloads import WORKLOADS, Request

SAMPLED = 25
WRITTEN = {"id", "created_on", "updated_on"}
"""What differs between two answers to the same write."""


def differences(servers: dict[str, Server], samples: Samples) -> list[str]:
    """Every peer against `limit`: status, number of rows, names of the fields, values. Empty when all is well."""
    clients = {name: Client(server.port, samples.key) for name, server in servers.items()}
    reference = clients.pop("limit")
    found: list[str] = []
    for workload in WORKLOADS.values():
        unlike: set[str] = set()
        for number, request in enumerate(islice(workload.requests(samples), SAMPLED)):
            sent = _with_number(request, number)
            status, body = reference.send(sent)
            expected = _comparable(body, workload.writes)
            if status >= 400 or not expected:
                found.append(f"limit {workload.letter}: {status} {str(body)[:300]}")
                break
            for name in clients.keys() - unlike:
                other_status, other_body = clients[name].send(sent)
                other = _comparable(other_body, workload.writes)
                if (other_status, other) != (status, expected):
                    unlike.add(name)
                    why = _first_difference(expected, other) if other_status < 400 else str(other_body)[:300]
                    found.append(f"{name} {workload.letter}: {other_status} {why}")
    found += [f"{name}: answers another account's row" for name, client in clients.items() if _leaks(client, samples)]
    for client in (reference, *clients.values()):
        client.close()
    return found


def _with_number(request: Request, number: int) -> Request:
    body = json.loads(json.dumps(request.body).replace(UNIQUE.decode(), f"{number:08d}"))
    return Request(request.method, request.path, request.account, body)


def _comparable(body: Any, written: bool) -> Any:
    data = body.get("data") if isinstance(body, dict) else None
    if isinstance(data, dict):
        return {name: _value(name, v) for name, v in data.items() if not (written and name in WRITTEN)}
    return [_comparable({"data": row}, written) for row in data] if isinstance(data, list) else None


def _value(name: str, value: Any) -> Any:
    """Moments are equal however they are spelled; without an offset they are UTC."""
    if value is None or not name.endswith(("_datetime", "_on")):
        return value
    moment = datetime.fromisoformat(value)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _first_difference(expected: Any, other: Any) -> str:
    if isinstance(expected, list) and isinstance(other, list):
        if len(expected) != len(other):
            return f"{len(other)} rows instead of {len(expected)}"
        return next((text for pair in zip(expected, other, strict=True) if (text := _first_difference(*pair))), "")
    if not isinstance(expected, dict) or not isinstance(other, dict):
        return f"{str(other)[:200]} instead of {str(expected)[:200]}"
    if expected.keys() != other.keys():
        return f"fields {sorted(expected.keys() ^ other.keys())} are in one only"
    return next((f"{n} is {other[n]!r} instead of {v!r}" for n, v in expected.items() if other[n] != v), "")


def _leaks(client: Client, samples: Samples) -> bool:
    public_id, owner = samples.rows["event_session"][0]
    stranger = next(account for account in samples.accounts if account != owner)
    status, _ = client.send(Request("GET", f"event_session/{public_id}", stranger))
    return status not in (403, 404)
