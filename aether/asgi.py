"""The service as an ASGI application: `uvicorn aether.asgi:application`.

HTTP is answered by the WSGI application on a pool of threads: measured, that is twice as fast as Django's own ASGI
handler, as nothing in the API awaits.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast
from urllib.parse import quote

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.urls import reverse

from aether.wsgi import application as wsgi_application
from crud import client_gone
from kernel.metrics import tell_server
from kernel.pending_migrations import log_pending_migrations
from realtime import endpoint
from realtime.protocol import Close

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

PIECE = 2**16
PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))

http: Any = WSGIMiddleware(cast(Any, wsgi_application), workers=settings.AETHER_WEB_THREADS)


async def application(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await serve_http(scope, receive, send)
    elif scope["type"] == "websocket":
        if scope["path"] in endpoint.PATHS:
            await endpoint.serve_socket(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": Close.NO_SUCH_SOCKET})
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)


async def serve_http(scope: Message, receive: Receive, send: Send) -> None:
    # WSGI writes x_account_id and x-account-id alike. A header spelled with underscores is not the header.
    headers = [(name, value) for name, value in scope["headers"] if b"_" not in name]
    names = {name for name, _ in headers}
    is_upload = (
        dict(headers).get(b"content-type", b"").lower().startswith(b"multipart/")
    )  # never measured: they are long
    if b"transfer-encoding" in names and b"content-length" not in names and not is_upload:
        # WSGI reads no body without a length, so it is measured first; what is too long is cut, and then refused.
        body = await first_bytes(receive, settings.AETHER_MAX_BODY_BYTES + 1)
        headers.append((b"content-length", str(len(body)).encode()))
        receive = once(body, receive)
    query = scope["query_string"]
    if not query.isascii():
        query = quote(query, safe=PRINTABLE).encode()
    client = HttpClient(receive, send)
    client_gone.set(lambda: client.gone)  # the threads of this request get a copy of the context
    try:
        await http({**scope, "headers": headers, "query_string": query}, client.receive, client.send)
    finally:
        client.stop_watching()


class HttpClient:
    """Keeps a client from holding a thread by being slow, and notices that it has left while an answer is streamed:
    uvicorn then drops what is sent, silently."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._until: float | None = None
        self._watch: asyncio.Task[None] | None = None
        self._takes_nothing = False
        self.gone = False

    async def receive(self) -> Message:
        """Raises TimeoutError where a body is more than AETHER_BODY_PATIENCE seconds behind AETHER_BODY_RATE."""
        latest = asyncio.get_running_loop().time() + settings.AETHER_BODY_PATIENCE
        self._until = min(self._until or latest, latest)  # no credit for what came faster
        async with asyncio.timeout_at(self._until):
            message = await self._receive()
        self._until += len(message.get("body", b"")) / settings.AETHER_BODY_RATE
        if message["type"] == "http.disconnect":
            self.gone = True
        elif not message.get("more_body", False) and self._watch is None:
            self._watch = asyncio.create_task(self._wait_for_end())
        return message

    async def send(self, message: Message) -> None:
        """Drops an answer of which no PIECE is taken within AETHER_BODY_PATIENCE: it would hold a thread for ever."""
        body = message.get("body", b"")
        for at in range(0, max(len(body), 1), PIECE):
            piece = message
            if len(body) > PIECE:
                more = message.get("more_body", False) or at + PIECE < len(body)
                piece = {**message, "body": body[at : at + PIECE], "more_body": more}
            if not self._takes_nothing:
                try:
                    async with asyncio.timeout(settings.AETHER_BODY_PATIENCE):
                        await self._send(piece)
                except TimeoutError:
                    self._takes_nothing = self.gone = True

    async def _wait_for_end(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True

    def stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()


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
            await asyncio.to_thread(log_pending_migrations)
            endpoint.startup()
            tell_server("uvicorn")
            reverse("admin:index")  # the addresses are compiled now, and not by the first caller
            await send({"type": "lifespan.startup.complete"})
        else:
            await endpoint.shutdown()
            await send({"type": "lifespan.shutdown.complete"})
            return
