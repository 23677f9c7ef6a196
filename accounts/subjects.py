"""Principals that are no users: whom a token or a key stands for is known to the app that has the object.

It registers who can tell, as `accounts` knows no domain: events say how an exhibit stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.tokens import Use
from tenancy.principal import Principal, Role


@dataclass(frozen=True, slots=True)
class SubjectStanding:
    """The object that such a principal acts for, while it may."""

    id: int
    public_id: str
    account_id: int


ByToken = Callable[[Mapping[str, Any]], SubjectStanding | None]
"""From the claims of a token."""
ByKey = Callable[[str], SubjectStanding | None]
"""From the public id that a key is bound to."""

_by_token: dict[Use, tuple[Role, ByToken]] = {}
_by_key: dict[Role, ByKey] = {}


def register(role: Role, use: Use, by_token: ByToken, by_key: ByKey) -> None:
    _by_token[use] = (role, by_token)
    _by_key[role] = by_key


def of_token(claims: Mapping[str, Any]) -> tuple[Role, SubjectStanding] | None:
    """None where nothing stands behind it any more."""
    role, find = _by_token[claims["use"]]
    subject = find(claims)
    return None if subject is None else (role, subject)


ByBearer = Callable[[str], Principal | None]
"""From a token that goes alone, without a key; None where nothing stands behind it."""

_by_prefix: dict[str, ByBearer] = {}


def register_bearer(prefix: str, find: ByBearer) -> None:
    """`prefix`: with which such tokens begin, and nothing else does."""
    _by_prefix[prefix] = find


def finder_of(token: str) -> ByBearer | None:
    """Who can tell whose token this is, where it is one that goes alone."""
    return _by_prefix.get(token[:4])


def of_key(role: Role, public_id: str) -> SubjectStanding | None:
    find = _by_key.get(role)
    return find(public_id) if find is not None else None
