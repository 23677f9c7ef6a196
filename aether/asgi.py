"""The service as an ASGI application: `uvicorn aether.asgi:application`.

HTTP is answered by the WSGI application on a pool of threads: measured, that is twice as fast as Django's own ASGI
handler, as nothing in the API awaits.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast
from urllib.parse import quote

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.urls import get_resolver

from aether.wsgi import application as wsgi_application

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

NO_SUCH_SOCKET = 4404
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))

http: Any = WSGIMiddleware(cast(Any, wsgi_application), workers=settings.AETHER_WEB_THREADS)


async def application(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await serve_http(scope, receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": NO_SUCH_SOCKET})
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)


async def serve_http(scope: Message, receive: Receive, send: Send) -> None:
    # WSGI writes x_account_id and x-account-id alike. A header spelled with underscores is not the header.
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    names = {name for name, _ in headers}
    if b"transfer-encoding" in names and b"content-length" not in names:
        # WSGI reads no body without a length, so it is measured first; what is too long is cut, and then refused.
        body = await first_bytes(receive, settings.AETHER_MAX_BODY_BYTES + 1)
        headers.append((b"content-length", str(len(body)).encode()))
        receive = once(body, receive)
    query = scope["query_string"]
    if not query.isascii():
        query = quote(query, safe=PRINTABLE).encode()
    await http({**scope, "headers": headers, "query_string": query}, receive, send)


async def first_bytes(receive: Receive, limit: int) -> bytes:
    body = bytearray()
    while len(body) < limit:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            break
    return bytes(body[:limit])


def once(body: bytes, receive: Receive) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


async def lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            get_resolver()._populate()  # the addresses are compiled now, and not by the first caller
            await send({"type": "lifespan.startup.complete"})
        else:
            await send({"type": "lifespan.shutdown.complete"})
            return
