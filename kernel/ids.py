"""Public ids: what a client sees instead of integers (contract section 3)."""

from __future__ import annotations

import re
import secrets
from typing import Final

ID_LENGTH: Final = 11
ID_SHAPE: Final = re.compile(r"[A-Za-z0-9_-]{1,22}")
RESERVED: Final = frozenset({"schema", "search", "bulk", "history"})
"""Words that stand where an id could stand in a path."""


def new_id() -> str:
    """11 URL-safe characters, 64 random bits. Never begins with - or _, which command lines and spreadsheets mind."""
    while True:
        candidate = secrets.token_urlsafe(8)
        if candidate[0] not in "-_":
            return candidate


def is_id(value: object) -> bool:
    """Whether a value has the shape of a public id. Integers, floats and booleans have not."""
    return isinstance(value, str) and ID_SHAPE.fullmatch(value) is not None
