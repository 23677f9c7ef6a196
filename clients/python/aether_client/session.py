"""Who is signed in: login, second factor, passcode, guest, refresh, logout.

A refresh token works once. So there is one refresh at a time, whatever threads ask; give a `storage` to stay signed in
from one run of a script to the next.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import Any, Literal, Protocol

import httpx

from aether_client.errors import AetherError, AuthenticationError, PermissionDeniedError
from aether_client.transport import Transport

EARLY = 30.0
"""Seconds before it expires a token is renewed."""


@dataclass(frozen=True, slots=True)
class Session:
    kind: Literal["user", "passcode", "exhibitor", "guest"]
    access: str
    refresh: str | None
    """Users' only."""
    expires_on: str
    """Of `access`."""
    account_id: str | None
    details: dict[str, Any]
    """What the sign-in answered besides: user, roles, site_id, exhibit_id …"""


class Storage(Protocol):
    def read(self) -> str | None: ...
    def write(self, text: str | None) -> None: ...


class MemoryStorage:
    def __init__(self) -> None:
        self.text: str | None = None

    def read(self) -> str | None:
        return self.text

    def write(self, text: str | None) -> None:
        self.text = text


class FileStorage:
    """A file that its owner alone may read."""

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

    def read(self) -> str | None:
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def write(self, text: str | None) -> None:
        if text is None:
            self.path.unlink(missing_ok=True)
            return
        beside = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        beside.replace(self.path)


class AetherSession:
    """Where a second factor is due, `login` and `magic_link` answer `{"mfa_required": True, "mfa_token": …}` instead of
    a Session, and nobody is signed in yet: go on with `mfa`."""

    def __init__(self, transport: Transport, storage: Storage | None = None) -> None:
        self._transport = transport
        self._storage = storage or MemoryStorage()
        self._lock = RLock()

    @property
    def current(self) -> Session | None:
        try:
            return Session(**json.loads(self._storage.read() or "null"))
        except (ValueError, TypeError):
            return None

    def login(
        self, password: str, *, username: str | None = None, email: str | None = None
    ) -> Session | dict[str, Any]:
        name = {"username": username} if username is not None else {"email": email}
        return self._begin("user", "/v3/auth/login", {**name, "password": password})

    def mfa(self, mfa_token: str, code: str) -> Session | dict[str, Any]:
        return self._begin("user", "/v3/auth/mfa", {"mfa_token": mfa_token, "code": code})

    def magic_link(self, token: str) -> Session | dict[str, Any]:
        return self._begin("user", "/v3/auth/magic_link/confirm", {"token": token})

    def passcode(self, site_id: str, passcode: str) -> Session | dict[str, Any]:
        return self._begin("passcode", "/api/authenticate_passcode", {"site_id": site_id, "passcode": passcode})

    def exhibitor(self, exhibit_id: str, passcode: str, rep_name: str | None = None) -> Session | dict[str, Any]:
        body = {"exhibit_id": exhibit_id, "passcode": passcode, **({"rep_name": rep_name} if rep_name else {})}
        return self._begin("exhibitor", "/api/authenticate_exhibit", body)

    def guest(self, *, site_id: str | None = None, fqdn: str | None = None) -> Session | dict[str, Any]:
        return self._begin("guest", "/v3/auth/guest", {"site_id": site_id} if site_id is not None else {"fqdn": fqdn})

    def logout(self) -> None:
        """Ends the login everywhere; where the server can't be reached, or refuses, at least here."""
        session = self.current
        self._storage.write(None)
        if session is not None and session.refresh:
            with suppress(httpx.TransportError, AetherError):
                self._transport.request("POST", "/v3/auth/logout", json={"refresh": session.refresh})

    def token(self) -> str | None:
        session = self.current
        if session is None:
            return None
        if session.refresh and _seconds_left(session) < EARLY:
            try:
                self.renew(session.access)
            except httpx.TransportError:
                return session.access  # without a network the old one may do
            session = self.current
        return session.access if session is not None else None

    def renew(self, refused: str) -> bool:
        with self._lock:
            session = self.current
            if session is not None and session.access != refused:
                return True  # another thread was faster
            if session is None or not session.refresh:
                self._storage.write(None)
                return False
            try:
                self._begin("user", "/v3/auth/refresh", {"refresh": session.refresh})
            except (AuthenticationError, PermissionDeniedError):
                if self.current != session:
                    return True  # another process was faster
                self._storage.write(None)
                return False
            return True

    def _begin(self, kind: Any, path: str, body: dict[str, Any]) -> Session | dict[str, Any]:
        answered: dict[str, Any] = self._transport.request("POST", path, json=body).data
        if answered.get("mfa_required") or answered.get("mfa_setup_required"):
            return answered
        rest = dict(answered)
        access = rest.pop("access", None) or rest.pop("jwt")
        rest.pop("jwt", None)
        known = {name: rest.pop(name, None) for name in ("refresh", "expires_on", "account_id")}
        session = Session(kind, access, details=rest, **known)
        self._storage.write(json.dumps(asdict(session)))
        return session


def _seconds_left(session: Session) -> float:
    try:
        return (datetime.fromisoformat(session.expires_on) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
