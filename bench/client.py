"""One request after the other over one connection, for the comparison and for what is timed singly."""

from __future__ import annotations

import http.client
import json
import time
from typing import Any

from bench.workloads import Request

PATIENCE = 5_000
"""Milliseconds."""


class Client:
    def __init__(self, port: int, key: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.key = key

    def send(self, request: Request) -> tuple[int, Any]:
        """Status and decoded body."""
        headers = {"X-Aether-Api-Key": self.key, "X-Account-Id": request.account}
        body = None
        if request.body is not None:
            body = json.dumps(request.body)
            headers["Content-Type"] = "application/json"
        try:
            self.connection.request(request.method, f"/v3/crud/{request.path}", body, headers)
            response = self.connection.getresponse()
        except http.client.RemoteDisconnected:  # the server closed it, as nothing came for some seconds
            self.connection.close()
            self.connection.request(request.method, f"/v3/crud/{request.path}", body, headers)
            response = self.connection.getresponse()
        content = response.read()
        try:
            return response.status, json.loads(content)
        except ValueError:
            return response.status, content.decode(errors="replace")

    def get(self, request: Request) -> Any:
        """The decoded body of an answer that must be good."""
        status, body = self.send(request)
        if status >= 400:
            raise SystemExit(f"{request.method} {request.path} → {status}: {str(body)[:500]}")
        return body

    def milliseconds(self, request: Request, times: int) -> list[float]:
        """How long so many repetitions took, sorted; fewer where they are slow."""
        taken: list[float] = []
        while len(taken) < times and sum(taken) < PATIENCE:
            started = time.perf_counter()
            self.get(request)
            taken.append((time.perf_counter() - started) * 1_000)
        return sorted(taken)

    def close(self) -> None:
        self.connection.close()
