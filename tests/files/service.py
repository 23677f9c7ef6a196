"""A running service as its clients meet it: over the wire, with the demo's keys."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.docs.conftest import Live
from tests.files.sending import BOUNDARY, UPLOAD, multipart


@dataclass
class Reply:
    status: int
    headers: Any
    body: bytes

    @property
    def data(self) -> Any:
        return json.loads(self.body)["data"]


@dataclass
class Service:
    """Called by a user of the demo's first account, unless headers say otherwise."""

    base: str
    live: Live
    """The application itself, whatever stands before it."""

    def __call__(self, path: str, body: bytes | None = None, method: str | None = None, **headers: str) -> Reply:
        account = self.live.demo["accounts"][0]
        own = {"x-aether-api-key": account["api_keys"]["user"], "x-account-id": account["id"]}
        url = path if path.startswith("http") else self.base + path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(url, body, own | named, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return Reply(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Reply(error.code, error.headers, error.read())

    def of(self, number: int, role: str) -> dict[str, str]:
        """Headers of somebody of an account of the demo."""
        account = self.live.demo["accounts"][number]
        return {"x_aether_api_key": account["api_keys"][role], "x_account_id": account["id"]}

    def upload(self, name: str, data: bytes, **headers: str) -> Any:
        content_type = f"multipart/form-data; boundary={BOUNDARY}"
        reply = self(UPLOAD, multipart((name, data)), content_type=content_type, **headers)
        assert reply.status == 201, reply.body
        return reply.data

    def file(self, public_id: str) -> Any:
        return self(f"/v3/crud/hosted_file/{public_id}").data
