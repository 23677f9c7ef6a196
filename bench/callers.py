"""What a caller costs (i): the same get with a plain key, with a user's token, with a key that has a rate."""

from __future__ import annotations

import http.client
import json
from statistics import median

from bench.load import write_requests
from bench.measure import Measurement
from bench.processes import Server
from bench.report import table
from bench.workloads import WORKLOADS, Request


def compared(server: Server, measurement: Measurement) -> str:
    samples = measurement.samples
    account = samples.accounts[0]
    gets = [request for request in WORKLOADS["a"].requests(samples) if request.account == account]
    token = sign_in(server.port, samples.key, samples.user)
    callers = {
        "a plain key": (samples.key, {}),
        "a user's token": (samples.key, {"Authorization": f"Bearer {token}"}),
        "a rated key": (samples.rated_key, {}),
    }
    files = {}
    for name, (key, headers) in callers.items():
        files[name] = measurement.directory / f"{name.replace(' ', '-')}.requests"
        write_requests(files[name], [with_headers(request, key, headers) for request in gets])
    found = {name: [measurement.measure(server, files[name]) for _ in range(measurement.rounds)] for name in callers}
    cpu = {name: median(result.server_cpu for result in results) for name, results in found.items()}
    plain = cpu["a plain key"]
    rows = [[name, f"{ms * 1000:.0f}", f"{ms / plain:.2f}"] for name, ms in cpu.items()]
    head = ["caller", "server CPU of a get, µs", "× a plain key"]
    return f"### i: callers, {server.name}\n\n" + table(head, rows)


def with_headers(request: Request, key: str, headers: dict[str, str]) -> bytes:
    head, end, body = request.encode(key).partition(b"\r\n\r\n")
    return head + "".join(f"\r\n{name}: {value}" for name, value in headers.items()).encode() + end + body


def sign_in(port: int, key: str, user: dict[str, str]) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"X-Aether-Api-Key": key, "Content-Type": "application/json"}
    connection.request("POST", "/v3/auth/login", json.dumps(user), headers)
    answer = json.loads(connection.getresponse().read())
    connection.close()
    if not answer["meta"]["success"]:
        raise SystemExit(f"{user['username']} can't sign in: {answer['meta']}")
    token: str = answer["data"]["access"]
    return token
