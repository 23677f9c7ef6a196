"""Who is at the other end of a socket: what it came in with, stands for, listens to and has joined."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from accounts.authentication import Credentials
from realtime.socket import Socket
from realtime.topics import RoomWatch, Subscription
from tenancy.principal import Principal


@dataclass(eq=False, slots=True)
class Client:
    socket: Socket
    credentials: Credentials
    """From the headers of the handshake; the first frame adds to them."""
    name: str = field(default_factory=lambda: secrets.token_urlsafe(9))
    principal: Principal | None = None
    subscriptions: dict[int, Subscription] = field(default_factory=dict)
    room_watches: dict[int, RoomWatch] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    """Group → the name under which it joined."""

    @property
    def waits(self) -> bool:
        """Whether something may be told to it that it need not ask for."""
        is_device = self.principal is not None and self.principal.device is not None
        return bool(self.subscriptions or self.room_watches or self.groups) or is_device

    @property
    def account_id(self) -> int:
        """Of a client that has logged in."""
        assert self.principal is not None
        assert self.principal.account_id is not None
        return self.principal.account_id
