"""What a search means, said again in plain Python: the engine's answers are compared with it.

Two-valued logic: a comparison with null is false, and `ne`, `not_…` and `not` are complements of what they negate.
Text compares without case (accents count, and decide between equals only); ids compare with case.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

NEGATED = {"ne": "eq", "not_in": "in", "not_like": "like", "not_contains": "contains", "is_not_null": "is_null"}


def matches(row: dict[str, Any], node: dict[str, Any], kinds: dict[str, str]) -> bool:
    """Whether a row meets a node. `row` holds values as Python compares them; `kinds` says which are texts."""
    if "field" in node:
        return meets(row[node["field"]], node["op"], node.get("value"), kinds[node["field"]])
    parts = []
    if "and" in node:
        parts.append(all(matches(row, inner, kinds) for inner in node["and"]))
    if "or" in node:
        parts.append(any(matches(row, inner, kinds) for inner in node["or"]))
    if "not" in node:
        parts.append(not matches(row, node["not"], kinds))
    return all(parts)


def meets(value: Any, op: str, operand: Any, kind: str) -> bool:
    if op in NEGATED:
        return not meets(value, NEGATED[op], operand, kind)
    if op == "is_null":
        return value is None
    if op == "eq" and operand is None:
        return value is None
    if value is None:
        return False
    key = text_key if kind == "text" else same
    match op:
        case "eq":
            return bool(key(value) == key(operand))
        case "in":
            return key(value) in [key(item) for item in operand]
        case "gt":
            return bool(key(value) > key(operand))
        case "gte":
            return bool(key(value) >= key(operand))
        case "lt":
            return bool(key(value) < key(operand))
        case "lte":
            return bool(key(value) <= key(operand))
        case "between":
            return bool(key(operand[0]) <= key(value) <= key(operand[1]))
        case "like":
            return like(value, operand)
        case "contains":
            return operand.lower() in value.lower()
        case "starts_with":
            return bool(value.lower().startswith(operand.lower()))
        case "ends_with":
            return bool(value.lower().endswith(operand.lower()))
    raise AssertionError(op)


def same(value: Any) -> Any:
    return value


_ORDER = " _!\\%0123456789abcdefghijklmnopqrstuvwxyz"


def text_key(text: str) -> tuple[list[int], str]:
    """Where a text stands: right for the characters of _ORDER, and letters with accents."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return [_ORDER.index(c) for c in decomposed if not unicodedata.combining(c)], decomposed


def like(text: str, pattern: str) -> bool:
    parts = []
    characters = iter(pattern)
    for character in characters:
        if character == "\\":
            parts.append(re.escape(next(characters, "\\")))
        else:
            parts.append({"%": ".*", "_": "."}.get(character, re.escape(character)))
    return re.fullmatch("".join(parts), text, re.IGNORECASE | re.DOTALL) is not None
