"""Headers of browsers, and headers that only look like ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from asgiref.testing import ApplicationCommunicator

from aether import asgi
from tests.conftest import Answer, Caller, Party

pytestmark = pytest.mark.django_db


def test_no_strange_origin_is_answered_with_permission(visitor: Caller, settings: Any) -> None:
    """AUTN-22."""
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]
    for origin in (
        *("https://evil-app.example.org", "https://app.example.org.evil.com", "null", "http://app.example.org"),
        "https://app.example.org:444",
    ):
        for answer in (visitor.get("/v3/crud/event/", origin=origin), preflight(origin)):
            assert "Access-Control-Allow-Origin" not in answer.headers, origin
    allowed = preflight("https://app.example.org")
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://app.example.org"
    assert "Access-Control-Allow-Credentials" not in allowed.headers


def preflight(origin: str) -> Answer:
    caller = Caller({"origin": origin, "access-control-request-method": "GET"})
    return caller("OPTIONS", "/v3/crud/event/")


# Through the ASGI application


async def over_asgi(path: str, headers: list[tuple[bytes, bytes]]) -> tuple[int, Any]:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"localhost"), *headers],
        "client": ("127.0.0.1", 5),
        "server": ("localhost", 80),
    }
    communicator = ApplicationCommunicator(asgi.application, scope)
    await communicator.send_input({"type": "http.request", "body": b"", "more_body": False})
    start = await communicator.receive_output(10)
    body = b""
    while True:
        message = await communicator.receive_output(10)
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await communicator.wait()
    return start["status"], json.loads(body)


def test_a_header_with_underscores_is_not_the_header(north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    """ISO-07 (CVE-2026-3902): alone, and beside the right one, before and after it."""
    seen: list[list[tuple[bytes, bytes]]] = []

    async def record(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["headers"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    monkeypatch.setattr(asgi, "http", record)
    key = (b"x-aether-api-key", north.keys["publishable"].encode())
    spoofs = [
        (b"x_aether_api_key", north.keys["manager"].encode()),
        (b"x-aether_api-key", north.keys["manager"].encode()),
        (b"x_account_id", north.id.encode()),
        (b"x_no_account_id", b"bypass"),
        (b"x_forwarded_for", b"10.0.0.1"),
        (b"_x-account-id", b"x"),
    ]
    for headers in ([*spoofs, key], [key, *spoofs], spoofs):
        async_to_sync(over_asgi)("/v3/auth/whoami", headers)
        assert not [name for name, _ in seen[-1] if b"_" in name]
        assert [name for name, _ in seen[-1]] == [b"host"] + ([b"x-aether-api-key"] if key in headers else [])


@pytest.mark.django_db(transaction=True)
def test_underscores_make_nobody_more_than_they_are(north: Party) -> None:
    key = (b"x-aether-api-key", north.keys["publishable"].encode())
    account = (b"x-account-id", north.id.encode())
    for extra, expected in (
        ([], ("guest", None)),
        ([account], ("guest", north.id)),
        ([(b"x_account_id", north.id.encode())], ("guest", None)),
        ([(b"x_no_account_id", b"bypass")], ("guest", None)),
        ([(b"x_aether_api_key", north.keys["manager"].encode()), account], ("guest", north.id)),
    ):
        status, body = async_to_sync(over_asgi)("/v3/auth/whoami", [key, *extra])
        assert (status, body["data"] and (body["data"]["role"], body["data"]["account_id"])) == (200, expected), extra
    spoofed = [(b"x_aether_api_key", north.keys["manager"].encode()), account]
    status, body = async_to_sync(over_asgi)("/v3/auth/whoami", spoofed)
    assert (status, body["meta"]["details"]["category"]) == (403, "permission")
