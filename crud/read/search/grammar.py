"""The operators, which kinds of field take them, and the limits."""

from __future__ import annotations

from typing import Final

from crud.declare.fields import Kind

MAX_DEPTH: Final = 10
MAX_CONDITIONS: Final = 200
MAX_LIST: Final = 1_000
MAX_PATTERN: Final = 1_000
"""Characters of what `like`, `contains` and their kin look for."""
MAX_Q_LENGTH: Final = 1_000
MAX_Q_WORDS: Final = 20

ALIASES: Final = {
    "==": "eq",
    "=": "eq",
    "!=": "ne",
    ">": "gt",
    ">=": "gte",
    "<": "lt",
    "<=": "lte",
    "nin": "not_in",
    "startswith": "starts_with",
    "endswith": "ends_with",
}

_EQUAL = frozenset({"eq", "ne", "in", "not_in"})
_ORDER = frozenset({"gt", "gte", "lt", "lte", "between"})
_TEXT = frozenset({"like", "not_like", "contains", "not_contains", "starts_with", "ends_with"})
_NULL = frozenset({"is_null", "is_not_null"})

OPERATORS: Final[dict[Kind, frozenset[str]]] = {
    Kind.ID: _EQUAL | _NULL,
    Kind.REFERENCE: _EQUAL | _NULL,
    Kind.EXACT: _EQUAL | _NULL | _TEXT,
    Kind.TEXT: _EQUAL | _NULL | _TEXT | _ORDER,
    Kind.HTML: _NULL | _TEXT,
    Kind.INTEGER: _EQUAL | _NULL | _ORDER,
    Kind.NUMBER: _EQUAL | _NULL | _ORDER,
    Kind.BOOLEAN: frozenset({"eq", "ne", "in", "not_in"}) | _NULL,
    Kind.DATETIME: _EQUAL | _NULL | _ORDER,
    Kind.DATE: _EQUAL | _NULL | _ORDER,
    Kind.JSON: _NULL,
    Kind.SECRET: frozenset(),
    Kind.SECRETS_BY_ROLE: frozenset(),
}
ALL_OPERATORS: Final = _EQUAL | _ORDER | _TEXT | _NULL

NEGATED: Final = {
    "ne": "eq",
    "not_in": "in",
    "not_like": "like",
    "not_contains": "contains",
    "is_not_null": "is_null",
}
"""A negated operator is the complement of its plain one: rows without a value are found by `ne`."""

NULLITY: Final = {"is_null": "is_not_null", "is_not_null": "is_null"}
"""The operators without a value, and their opposites."""

TEXT_OPERATORS: Final = _TEXT
LIST_OPERATORS: Final = frozenset({"in", "not_in"})
ORDERED: Final = frozenset(
    {Kind.REFERENCE, Kind.TEXT, Kind.EXACT, Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.DATETIME, Kind.DATE, Kind.ID}
)
"""The kinds that `order_by` takes."""
