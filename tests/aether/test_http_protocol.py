"""What follows a chunked body is no header of the request: whoever sends it there would get past a proxy."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from aether.http_protocol import WithoutTrailers

CHUNKED = b"POST / HTTP/1.1\r\nHost: x\r\nX-Account-Id: north\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
TRAILER = b"X-Account-Id: south\r\nX-Aether-Api-Key: aes_1\r\nExpect: 100-continue\r\n"
PLAIN = b"GET / HTTP/1.1\r\nHost: x\r\nX-Account-Id: north\r\nConnection: close\r\n\r\n"


def headers_of(*pieces: bytes) -> list[list[tuple[bytes, bytes]]]:
    """The headers of each request of one connection, as the application sees them once it has read the body."""
    seen: list[list[tuple[bytes, bytes]]] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        seen.append(list(scope["headers"]))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def run() -> None:
        config = Config(application, http=WithoutTrailers, lifespan="off", log_config=None)
        config.load()
        protocol: Any = config.http_protocol_class
        server = await asyncio.get_running_loop().create_server(
            lambda: protocol(config=config, server_state=ServerState(), app_state={}), "127.0.0.1", 0
        )
        async with server:
            reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            async with asyncio.timeout(30):
                await reader.read()
            writer.close()

    asyncio.run(run())
    return seen


@pytest.mark.parametrize("pieces", [[CHUNKED + TRAILER + b"\r\n" + PLAIN], [CHUNKED, TRAILER, b"\r\n", PLAIN]])
def test_trailers_are_dropped(pieces: list[bytes]) -> None:
    first, second = headers_of(*pieces)
    assert first == [(b"host", b"x"), (b"x-account-id", b"north"), (b"transfer-encoding", b"chunked")]
    assert second == [(b"host", b"x"), (b"x-account-id", b"north"), (b"connection", b"close")]
