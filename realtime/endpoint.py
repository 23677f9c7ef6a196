"""`/v3/ws` as an ASGI application: the handshake, then the socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.http.request import split_domain_port, validate_host

from accounts.authentication import credentials_of
from crud import publish_within_process
from kernel.request_context import begin_request
from realtime.conversation import Conversation
from realtime.hub import hub, stop_hub
from realtime.journal import MemoryJournal, journal
from realtime.socket import Message, Socket

PATHS = ("/v3/ws", "/v3/ws/")
shutdown = stop_hub


def startup() -> None:
    """This process serves sockets. Without Redis it alone tells changes; on SQLite no COMMIT's reply can be lost
    besides, so its own writes leave no traces."""
    change_journal = journal()
    if isinstance(change_journal, MemoryJournal):
        change_journal.served = True
        if connection.vendor == "sqlite":
            publish_within_process()


async def serve_socket(
    scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Awaitable[None]]
) -> None:
    meta = _meta(scope)
    await receive()  # websocket.connect
    # A token in an address ends in somebody's log, so the address takes none; nor anything else.
    if scope["query_string"] or not _origin_allowed(scope, meta):
        await send({"type": "websocket.close"})  # before it is accepted: 403
        return
    request_id = begin_request(meta)
    await send({"type": "websocket.accept", "headers": [(b"x-request-id", request_id.encode())]})
    await Conversation(hub(), Socket(receive, send), credentials_of(meta, [], scope["path"])).run()


def _meta(scope: Message) -> dict[str, Any]:
    """The headers as a WSGI environment has them. One spelled with underscores is not the header."""
    meta: dict[str, Any] = {"REMOTE_ADDR": (scope.get("client") or ("",))[0]}
    for name, value in scope["headers"]:
        if b"_" not in name:
            key = "HTTP_" + name.decode("latin-1").upper().replace("-", "_")
            text = value.decode("latin-1")
            meta[key] = f"{meta[key]},{text}" if key in meta else text
    return meta


def _origin_allowed(scope: Message, meta: dict[str, Any]) -> bool:
    """Browsers always say whose page it is that connects; other programs don't, and could say anything."""
    origin = meta.get("HTTP_ORIGIN")
    if origin is None or origin in settings.CORS_ALLOWED_ORIGINS:
        return True
    parts = urlsplit(origin)
    host = meta.get("HTTP_HOST", "")
    domain, _ = split_domain_port(host)
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    schemes = {"https"} if _is_secure(scope, meta) else {"http", "https"}
    return parts.scheme in schemes and parts.netloc.lower() == host.lower() and origin == f"{parts.scheme}://{host}"


def _is_secure(scope: Message, meta: dict[str, Any]) -> bool:
    forwarded = settings.AETHER_TRUSTED_PROXY_COUNT and meta.get("HTTP_X_FORWARDED_PROTO") == "https"
    return scope.get("scheme") == "wss" or bool(forwarded)
