"""Requests and their failures.

It fails fast: a refusal raises an AetherError, no answer at all raises what httpx raises. Sent again, at most `retries`
times, is only what can do no harm twice (reading, searching, and creating under an Idempotency-Key), and only after an
answer that says it may pass (429, 503) or none. An expired token is renewed by the session, once.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote

import httpx

from aether_client.errors import failure_of

T = TypeVar("T")
Params = Mapping[str, str | int | float | bool | None]
LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    data: T
    meta: dict[str, Any]


class Credentials(Protocol):
    """What a session is to a request."""

    def token(self) -> str | None:
        """The token to send, renewed where it is about to expire."""

    def renew(self, refused: str) -> bool:
        """After a 401: whether there is another token now."""


@dataclass
class Transport:
    base_url: str
    """https://api.example.org, or with a path below which the API is."""
    api_key: str
    account_id: str | None = None
    jwt: str | None = None
    session: Credentials | None = None
    timeout: float | None = 30.0
    """Seconds for one sending."""
    retries: int = 2
    http: httpx.Client = field(default_factory=httpx.Client)

    def request(self, method: str, path: str, **call: Any) -> Answer[Any]:
        """Any endpoint that answers JSON. Raises AetherError."""
        body = self.exchange(method, path, **call).json()
        return Answer(body.get("data"), body.get("meta") or {})

    def exchange(self, method: str, path: str, *, repeatable: bool | None = None, **call: Any) -> httpx.Response:
        """Any endpoint: the whole answer, if it is a good one. `call`: params, json, data, files, headers, timeout."""
        left = self.retries if (method == "GET" if repeatable is None else repeatable) else 0
        while True:
            seconds = 0.25
            try:
                response = self._send(method, path, call)
                if response.is_success:
                    return response
                error = failure_of(response)
                if left <= 0 or not error.recoverable or error.status not in (429, 503):
                    raise error
                seconds = error.retry_after or seconds
            except httpx.TransportError:
                if left <= 0:
                    raise
            left -= 1
            time.sleep(min(seconds, LONGEST_PAUSE))

    @contextmanager
    def stream(self, method: str, path: str, **call: Any) -> Iterator[httpx.Response]:
        """The answer as it comes; it has no time limit. Raises AetherError."""
        token = self._token()
        with ExitStack() as opened:
            response = opened.enter_context(self._open(method, path, token, call))
            if response.status_code == 401 and token and self.session is not None and self.session.renew(token):
                opened.close()
                response = opened.enter_context(self._open(method, path, self._token(), call))
            if not response.is_success:
                response.read()
                raise failure_of(response)
            yield response

    def _open(self, method: str, path: str, token: str | None, call: dict[str, Any]) -> Any:
        return self.http.stream(method, self.address(path), **self._sending(token, {"timeout": None, **call}))

    def _send(self, method: str, path: str, call: dict[str, Any]) -> httpx.Response:
        token = self._token()
        response = self.http.request(method, self.address(path), **self._sending(token, call))
        if response.status_code != 401 or not token or self.session is None or not self.session.renew(token):
            return response
        # A 401 did nothing yet.
        return self.http.request(method, self.address(path), **self._sending(self._token(), call))

    def _token(self) -> str | None:
        return self.session.token() if self.session is not None else self.jwt

    def _sending(self, token: str | None, call: dict[str, Any]) -> dict[str, Any]:
        headers = {"x-aether-api-key": self.api_key, **(call.get("headers") or {})}
        if self.account_id:
            headers["x-account-id"] = self.account_id
        if token:
            headers["authorization"] = f"Bearer {token}"
        params = {name: _text(value) for name, value in (call.get("params") or {}).items() if value is not None}
        return {"timeout": self.timeout, **call, "headers": headers, "params": params}

    def address(self, path: str) -> str:
        return self.base_url.rstrip("/") + path


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def path_of(*steps: str) -> str:
    """Below /v3/crud. A step stays one whatever it holds, and none is empty: without its id an object would be the
    list. Raises ValueError."""
    if any(step in ("", ".", "..") for step in steps):
        raise ValueError(f"Give a type and an id, not {'/'.join(steps)!r}.")
    return "/v3/crud/" + "/".join(quote(step, safe="") for step in steps)
