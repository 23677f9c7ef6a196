"""JSON → tree. Knows the language, not the fields: those are looked up by the compiler."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from crud.declare.values import parse_boolean
from crud.read.search import grammar
from kernel.errors import Invalid, TooLarge, shorten
from kernel.wording import NUL, TEXT, characters, known_names


@dataclass(frozen=True, slots=True)
class Condition:
    field: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True)
class Group:
    connector: str
    """`and`, `or`, or `not` (which has one node)."""
    nodes: tuple[Node, ...]


Node = Condition | Group


@dataclass(frozen=True, slots=True)
class Search:
    q: str
    tree: Group
    """An `and`; without nodes it finds everything."""


def parse_search(body: Any) -> Search:
    """Read a search body. Raises Invalid, or TooLarge beyond the limits of the grammar."""
    if not isinstance(body, dict):
        raise Invalid("A search is an object with q, and, or, not.")
    _refuse_other_keys(body, {"q", "and", "or", "not"})
    q = body.get("q", "")
    if q is None or not isinstance(q, str):
        raise Invalid.field("q", TEXT)
    if len(q) > grammar.MAX_Q_LENGTH:
        raise Invalid.field("q", characters(None, grammar.MAX_Q_LENGTH))
    if "\x00" in q:
        raise Invalid.field("q", NUL)
    reader = _Reader()
    nodes = [reader.group(connector, body[connector], 1) for connector in ("and", "or", "not") if connector in body]
    return Search(q, Group("and", tuple(nodes)))


class _Reader:
    """One walk over the tree, counting."""

    def __init__(self) -> None:
        self.conditions = 0

    def group(self, connector: str, content: Any, depth: int) -> Group:
        if depth > grammar.MAX_DEPTH:
            raise TooLarge(f"A search nests at most {grammar.MAX_DEPTH} deep.")
        if connector == "not":
            return Group("not", (self.node(content, depth),))
        if not isinstance(content, list):
            raise Invalid.field(connector, "Give a list of conditions.")
        if connector == "or" and not content:
            raise Invalid.field("or", "Give at least one condition; an empty `or` finds nothing.")
        return Group(connector, tuple(self.node(item, depth) for item in content))

    def node(self, item: Any, depth: int) -> Node:
        if not isinstance(item, dict) or not item:
            raise Invalid("A condition is an object: {field, op, value}, or a group: {and}, {or}, {not}.")
        if "field" in item or "op" in item:
            return self.condition(item)
        _refuse_other_keys(item, {"and", "or", "not"})
        groups = [self.group(c, item[c], depth + 1) for c in ("and", "or", "not") if c in item]
        return groups[0] if len(groups) == 1 else Group("and", tuple(groups))

    def condition(self, item: dict[str, Any]) -> Condition:
        self.conditions += 1
        if self.conditions > grammar.MAX_CONDITIONS:
            raise TooLarge(f"A search has at most {grammar.MAX_CONDITIONS} conditions.")
        _refuse_other_keys(item, {"field", "op", "value"})
        field, operator = item.get("field"), item.get("op")
        if not isinstance(field, str) or not field:
            raise Invalid("A condition names its field: {field, op, value}.")
        if not isinstance(operator, str):
            raise Invalid.field(field, "The condition has no op.")
        return Condition(field, *check_operand(field, operator, item))


def check_operand(field: str, operator: str, item: dict[str, Any]) -> tuple[str, Any]:
    """The operator under its own name, and its value, once their shapes fit each other."""
    operator = grammar.ALIASES.get(operator, operator)
    if operator not in grammar.ALL_OPERATORS:
        raise Invalid.field(field, f"There is no operator '{shorten(operator)}'.")
    if operator in grammar.NULLITY:
        return _null_operator(field, operator, item.get("value")), None
    if "value" not in item:
        raise Invalid.field(field, "The condition has no value.")
    value = item["value"]
    if operator in grammar.LIST_OPERATORS:
        if not isinstance(value, list):
            raise Invalid.field(field, f"{operator} takes a list.")
        if len(value) > grammar.MAX_LIST:
            raise TooLarge(f"A list has at most {grammar.MAX_LIST} values.")
    elif operator == "between":
        if not isinstance(value, list) or len(value) != 2:
            raise Invalid.field(field, "between takes a list of two values.")
    elif isinstance(value, list | dict):
        raise Invalid.field(field, f"{operator} takes one value.")
    elif operator in grammar.TEXT_OPERATORS and isinstance(value, str) and len(value) > grammar.MAX_PATTERN:
        raise Invalid.field(field, f"{operator} takes at most {grammar.MAX_PATTERN:,} characters.")
    return operator, value


def _null_operator(field: str, operator: str, value: Any) -> str:
    """`is_null` alone or of true; of false it asks for the opposite."""
    try:
        is_null = value in {None, ""} or parse_boolean(value)
    except (TypeError, ValidationError):
        raise Invalid.field(field, f"{operator} takes true, false, or no value.") from None
    return operator if is_null else grammar.NULLITY[operator]


def _refuse_other_keys(item: dict[str, Any], known: set[str]) -> None:
    """A key that is silently dropped is a filter that returns everything."""
    for key in item:
        if key not in known:
            name = shorten(key)
            raise Invalid(f"Unknown key '{name}' in the search.", fields={name: [known_names(sorted(known))]})
