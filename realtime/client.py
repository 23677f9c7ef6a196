"""Who is at the other end of a socket: what it came in with, stands for, listens to and has joined."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from accounts.authentication import Credentials
from realtime.socket import Socket
from realtime.topics import Subscription
from tenancy.principal import Principal


@dataclass(eq=False, slots=True)
class Client:
    socket: Socket
    credentials: Credentials
    """From the headers of the handshake; the first frame adds to them."""
    name: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    principal: Principal | None = None
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    """Group → the name under which it joined."""

    @property
    def account_id(self) -> int:
        """Of a client that has logged in."""
        assert self.principal is not None
        assert self.principal.account_id is not None
        return self.principal.account_id
