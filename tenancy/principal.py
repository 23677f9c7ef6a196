"""Who acts: made by `accounts.authentication`, read by everything else."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from functools import cached_property
from typing import Final, NamedTuple

from tenancy.context import Entered


class Role(IntEnum):
    """Ordered, so that `role >= Role.ADMINISTRATOR` reads as the contract does (section 2.4)."""

    PRESENTER = -2  # no user, and less than a guest: uploads into the slots of own talks, by a link
    DEVICE = -1  # no user, and less than a guest: what types open to it by a `Scope`, at the routes that name it
    GUEST = 0
    EXHIBITOR = 1  # no user: reads what guests read, and what types open to it by a `Scope`
    USER = 2
    ADMINISTRATOR = 3
    MANAGER = 4
    SUPER = 5
    NOBODY = 9  # as a least role: a verb that no principal has

    @property
    def label(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> Role:
        return cls[name.upper()]


SUBJECT_SENTINEL: Final = 9_007_199_254_740_883
"""Stands for `Access.subject` while a plan is compiled."""


class Access(NamedTuple):
    """The part of a principal that decides which rows and fields it reads.

    It holds no id of an account, user or key, so whatever is compiled for one Access serves
    every principal that has the same one; the account itself comes from the active tenant.
    """

    role: Role
    every_account: bool
    masked: tuple[str, ...] = ()
    """Names of fields that the account adds to the masks of its types (`Mask.account_adds`)."""
    subject: int = 0
    """Key of the one object that a principal without a user acts for: an exhibitor's exhibit, a launcher's room. Plans
    are compiled for SUBJECT_SENTINEL in its place."""
    by_key: bool = False
    """Whether such a principal came by a key, and not by signing in."""

    @property
    def public_only(self) -> bool:
        """Of types that have no Scope for it; see `ObjectType.public_only`."""
        return self.role < Role.USER

    @property
    def compiled_as(self) -> Access:
        return self._replace(subject=SUBJECT_SENTINEL) if self.subject else self


@dataclass(frozen=True, slots=True)
class Device:
    """A machine in a room of an event, which came with its own token."""

    id: int
    public_id: str
    profile: str
    """What it is for: launcher, signage, scanner or kiosk."""
    event_id: int
    event_public_id: str
    location_id: int
    location_public_id: str


@dataclass(frozen=True, slots=True)
class Presenter:
    """Somebody who came by the link of a presenter of an event."""

    id: int
    """Key of the event_presenter that the link stands on."""
    public_id: str
    event_id: int
    row_keys: tuple[int, ...]
    """Keys of all event_presenter rows that are this person at the event."""
    expires_on: datetime | None
    """The link's own deadline."""


@dataclass(frozen=True)
class Principal:
    role: Role
    account_id: int | None = None
    account_public_id: str | None = None
    bypass: bool = False
    read_only: bool = False
    key_id: int | None = None
    key_prefix: str = ""
    key_name: str = ""
    user_id: int | None = None
    user_public_id: str | None = None
    session_id: str | None = None
    """The session that a user's access token belongs to."""
    site_public_id: str | None = None
    only_file: str | None = None
    """The one hosted file that this principal may download, and nothing else: whoever follows a download link."""
    subject: int = 0
    """Key of what a principal without a user acts for: an exhibitor's exhibit, a launcher's room."""
    subject_public_id: str | None = None
    subject_by_key: bool = False
    rep_by_passcode: bool = False
    """Whether a passcode of its own says who of the exhibitor's people it is, and not they themselves."""
    rep_name: str = ""
    """Who of the exhibitor's people it is."""
    device: Device | None = None
    presenter: Presenter | None = None
    masked: tuple[str, ...] = ()
    """See `Access.masked`."""
    time_zone: str = "UTC"
    valid_until: datetime | None = None
    """When the token or the key expires, the earlier of the two."""
    key_rate: int | None = None
    """The requests a minute that the key may make; None: any number."""
    via: str = ""
    """What made the request on the caller's behalf; empty for the caller itself."""

    @cached_property
    def access(self) -> Access:
        return Access(self.role, self.account_id is None, self.masked, self.subject, self.subject_by_key)

    @property
    def is_guest(self) -> bool:
        return self.role is Role.GUEST

    def may(self, least: Role) -> bool:
        return self.role >= least

    @property
    def label(self) -> str:
        """For the change log and the logs: who it was, without a secret."""
        user = f"user:{self.user_public_id}" if self.user_public_id else ""
        key = f"key:{self.key_prefix}" if self.key_prefix else ""
        subject = f"exhibit:{self.subject_public_id}" if self.subject_public_id else ""
        subject = f"device:{self.device.public_id}" if self.device else subject
        subject = f"presenter:{self.presenter.public_id}" if self.presenter else subject
        rep = f"rep:{self.rep_name[:60]}" if self.rep_name else ""
        via = f"via:{self.via}" if self.via else ""
        return " ".join(filter(None, [key, user, subject, rep, via])) or "system"


SYSTEM = Principal(role=Role.SUPER)
"""Commands and migrations: nobody is calling."""

BY_BUNDLE = Principal(role=Role.SUPER, via="bundle")
"""The rows of another server: what follows from a row has been written there, and comes along."""

_principal: ContextVar[Principal] = ContextVar("principal", default=SYSTEM)


def current_principal() -> Principal:
    return _principal.get()


def acting_as(principal: Principal) -> Entered:
    return Entered(_principal, principal)
