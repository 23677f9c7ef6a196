"""One GET to an outside service that may be slow, broken or hostile: bounded in time and in size."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPException
from threading import Lock, Timer
from typing import Any, Final, Self

from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

CHUNK: Final = 16_384
HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "Aether"}


@dataclass(frozen=True, slots=True)
class FetchLimits:
    """In seconds; `size` in bytes."""

    connect: float
    read: float
    """For the next bytes."""
    total: float
    """For everything after the look-up of the host's name."""
    size: int = 2**20


@dataclass(frozen=True, slots=True)
class Reply:
    """`body` is empty unless the status is 200: what else a service says is not for us."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NoReply(Exception):
    """No whole answer came. Says why without address, key or content, so that it can be logged."""


def get(url: str, authorization: str, limits: FetchLimits) -> Reply:
    """Follows no redirect and decompresses nothing. Raises NoReply."""
    with Deadline(limits.total) as deadline, Session() as session:
        adapter = _Adapter()
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        try:
            with session.get(
                url,
                auth=_AsItIs(authorization),
                headers=HEADERS,
                timeout=(limits.connect, limits.read),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _body(response, limits.size) if response.status_code == 200 else b""
        except (RequestException, HTTPError, HTTPException, OSError) as error:
            raise NoReply("too slow" if deadline.passed else type(error).__name__) from None
        if deadline.passed:
            raise NoReply("too slow")
        return Reply(response.status_code, response.headers, body)


def _body(response: Response, limit: int) -> bytes:
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise NoReply("compressed, which was not asked for")
    parts: list[bytes] = []
    size = 0
    while part := response.raw.read(CHUNK, decode_content=False):
        parts.append(part)
        size += len(part)
        if size > limit:
            raise NoReply("too large")
    return b"".join(parts)


@dataclass
class _AsItIs(AuthBase):
    """The header as given. As `auth`, so that no .netrc of the machine takes its place."""

    value: str

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = self.value
        return request


class Deadline:
    """Cuts the connections that are opened within it when its time is over.

    A read timeout alone begins again with each byte that trickles in.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._guard = Lock()
        self._sockets: list[socket.socket] = []
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        self._token = _deadline.set(self)
        return self

    def __exit__(self, *exception: object) -> None:
        _deadline.reset(self._token)
        self._timer.cancel()
        with self._guard:
            for end in self._sockets:
                end.close()
            self._sockets.clear()

    def follow(self, connected: socket.socket) -> socket.socket:
        with self._guard:
            self._sockets.append(connected.dup())  # the connection's own is taken over by TLS
        if self.passed:
            self._cut()
        return connected

    def _cut(self) -> None:
        self.passed = True
        with self._guard:
            for end in self._sockets:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)


_deadline: ContextVar[Deadline] = ContextVar("deadline")


class _Plain(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _deadline.get().follow(super()._new_conn())


class _Secure(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _deadline.get().follow(super()._new_conn())


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _Secure


class _Adapter(HTTPAdapter):
    """Opens connections that follow the deadline, through a proxy as well."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _SecurePool}
        return manager
