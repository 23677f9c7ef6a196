"""What a bundle is made of: which types, which of their fields, and in which order.

A bundle carries one account, or one event of it, to another server: rows by their public ids, and file bytes. No
secret is in it: no password, passcode, key or token, and nothing in a JSON field that is named like one.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from crud import ObjectType, registry
from crud.declare.fields import Field

KIND: Final = "bundle"
SECRET_NAME: Final = re.compile(r"passw|passcode|secret|token|credential|api_?key|private_?key|licen[cs]e_?key", re.I)


class BundleError(Exception):
    """It can't be made, or taken in; nothing was written."""


def carried(object_type: ObjectType) -> list[Field]:
    """The fields that travel: none that is a secret, or kept from some who read the type. `account_id` is implied."""
    return [
        field
        for field in object_type.fields.values()
        if not field.kind.write_only and field.name not in object_type.restricted and field.name != "account_id"
    ]


@cache
def in_order() -> list[ObjectType]:
    """All types, each after those that it refers to (itself aside), the account first."""
    ordered: list[str] = ["account"]

    def add(name: str, above: frozenset[str]) -> None:
        if name in ordered:
            return
        if name in above:
            raise BundleError(f"The types refer to each other in a circle: {', '.join(sorted(above))}.")
        for field in registry[name].fields.values():
            if field.refers_to and field.refers_to != name:
                add(field.refers_to, above | {name})
        ordered.append(name)

    for name in sorted(registry):
        add(name, frozenset())
    return [registry[name] for name in ordered]


def without_secrets(value: Any) -> Any:
    """A JSON value without the members that are named like secrets."""
    if isinstance(value, dict):
        return {k: without_secrets(v) for k, v in value.items() if not SECRET_NAME.search(k)}
    return [without_secrets(item) for item in value] if isinstance(value, list) else value


def with_own_secrets(value: Any, own: Any) -> Any:
    """A value from a bundle, with the secrets that this server's value has in the same places."""
    if isinstance(value, dict) and isinstance(own, dict):
        merged = {name: with_own_secrets(item, own.get(name)) for name, item in value.items()}
        return merged | {name: item for name, item in own.items() if SECRET_NAME.search(name)}
    if isinstance(value, list) and isinstance(own, list) and len(value) == len(own):
        return [with_own_secrets(mine, theirs) for mine, theirs in zip(value, own, strict=True)]
    return value
