"""The kinds of mail that there are, as the apps register them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mail.models import MailMessage

EVERYWHERE = {"account": "The name of the account"}
"""Placeholder → what it stands for, in every kind."""


class Lapsed(Exception):
    """What a mail was to tell holds no longer; says why in a sentence. It is given up."""


@dataclass(frozen=True, slots=True)
class MailKind:
    name: str
    title: str
    subject: str
    text: str
    words: Mapping[str, str]
    """Its placeholders, each with a sample for previews."""
    values: Callable[[MailMessage], Mapping[str, Any]]
    """What the placeholders stand for in one mail, when it is sent; links as a list of `MailLink`. Raises Lapsed."""
    needed: tuple[str, ...] = ()
    """Placeholders that a text can't do without."""

    @property
    def placeholders(self) -> frozenset[str]:
        return frozenset({*self.words, *EVERYWHERE})


@dataclass(frozen=True, slots=True)
class MailLink:
    address: str
    title: str = ""
    """Said before it, where there are several."""


_kinds: dict[str, MailKind] = {}


def register(kind: MailKind) -> MailKind:
    if kind.name in _kinds:
        raise ValueError(f"the kind of mail {kind.name} is registered twice")
    _kinds[kind.name] = kind
    return kind


def kinds() -> Mapping[str, MailKind]:
    return _kinds
