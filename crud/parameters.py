"""The query parameters of list and search (contract section 4). Unknown ones and doubles are refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.http import QueryDict

from crud.declare.fields import Kind
from crud.declare.object_type import ObjectType, registry
from crud.declare.values import parse_boolean
from crud.read.columns import column
from crud.read.search.grammar import ALIASES, ALL_OPERATORS, LIST_OPERATORS, NULLITY
from crud.read.search.parser import Condition, check_operand
from kernel.errors import Invalid, UnknownField, shorten
from tenancy.principal import Access

DEFAULT_LIMIT = 100
MAX_LIMIT = 1_000
MAX_OFFSET = 2**31
MAX_CURSOR_LENGTH = 8_192
MAX_ORDER = 8
_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,4})?", re.ASCII)
STATES = {"enabled": ("enabled", "disabled", "all"), "hidden": ("not_hidden", "hidden", "all")}
JWT = "jwt"
"""Read by authentication, whatever the route."""


@dataclass(slots=True)
class Parameters:
    view: str = "default"
    fields: tuple[str, ...] | None = None
    includes: tuple[str, ...] = ()
    enabled: str = "enabled"
    hidden: str = "not_hidden"
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    cursor: str = ""
    order: tuple[tuple[str, bool], ...] = ()
    for_object: tuple[str, str] | None = None
    with_total: bool = False
    filters: list[Condition] = field(default_factory=list)


def parse_parameters(
    query: QueryDict, object_type: ObjectType, access: Access, *, single: bool = False, besides: str = ""
) -> Parameters:
    """Read them all. `single`: one object is read, so only view, fields and inc_… make sense.

    `besides`: the one parameter that the route reads itself.
    """
    parameters = Parameters()
    if not query:
        return parameters
    plain = single_values(query)
    for name, text in plain.items():
        if name == JWT or (besides and name == besides):
            continue
        if name.startswith("inc_") and name != "inc_total":
            _include(parameters, object_type, access, name, text)
        elif name in ("view", "fields"):
            _shape(parameters, object_type, name, text)
        elif single:
            raise Invalid.field(name, "There is no such parameter here.")
        elif name not in _READERS:
            parameters.filters.append(_filter(object_type, access, name, text))
        else:
            _READERS[name](parameters, name, text)
    if ("for_obj_type" in plain) != ("for_obj_id" in plain):
        raise Invalid.field("for_obj_id", "for_obj_type and for_obj_id go together.")
    if "for_obj_type" in plain:
        parameters.for_object = (plain["for_obj_type"], plain["for_obj_id"])
    if parameters.cursor and parameters.offset:
        raise Invalid.field("offset", "It doesn't go with a cursor.")
    return parameters


def single_values(query: QueryDict) -> dict[str, str]:
    for name, values in query.lists():
        if len(values) != 1:
            raise Invalid.field(name, "The parameter is there more than once.")
        if "\x00" in values[0] or "\x00" in name:
            raise Invalid.field(name, "A text can't contain the character NUL.")
    return {name: values[0] for name, values in query.lists()}


def _include(parameters: Parameters, object_type: ObjectType, access: Access, name: str, text: str) -> None:
    relation = name.removeprefix("inc_")
    if relation not in _relations(object_type.name) or not object_type.fields[f"{relation}_id"].readable(access):
        raise Invalid.field(name, "There is no such parameter here.")
    if _flag(parameters, name, text):
        parameters.includes = tuple(sorted({*parameters.includes, relation}))


@lru_cache(maxsize=256)
def _relations(type_name: str) -> frozenset[str]:
    object_type = registry[type_name]
    return frozenset(
        f.model_field.name for f in object_type.fields.values() if f.kind is Kind.REFERENCE and f.refers_to in registry
    )


def _shape(parameters: Parameters, object_type: ObjectType, name: str, text: str) -> None:
    if name == "view":
        parameters.view = text
        return
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    if not names or len(names) > len(object_type.fields) + 64:
        raise Invalid.field("fields", "Give names of fields, separated by commas.")
    parameters.fields = names


def _number(parameters: Parameters, name: str, text: str) -> None:
    if not (text.isascii() and text.isdigit()) or len(text) > 19:
        raise Invalid.field(name, "Give a whole number.")
    number = int(text)
    if name == "limit":
        if not 1 <= number <= MAX_LIMIT:
            raise Invalid.field(name, f"Give a number from 1 to {MAX_LIMIT}.")
        parameters.limit = number
    else:
        if number > MAX_OFFSET:
            raise Invalid.field(name, "The number is out of range.")
        parameters.offset = number


def _state(parameters: Parameters, name: Literal["enabled", "hidden"], text: str) -> None:
    if text not in STATES[name]:
        raise Invalid.field(name, f"Give one of: {', '.join(STATES[name])}.")
    setattr(parameters, name, text)


def _cursor(parameters: Parameters, name: str, text: str) -> None:
    if len(text) > MAX_CURSOR_LENGTH:
        raise Invalid.field(name, "It is not one of ours.")
    parameters.cursor = text


def _order(parameters: Parameters, name: str, text: str) -> None:
    order: dict[str, bool] = {}
    for part in text.split(","):
        column_name = part.strip()
        descending = column_name.startswith("-")
        column_name = column_name.removeprefix("-")
        if not column_name:
            raise Invalid.field(name, "Give names of fields, separated by commas, with - before those that descend.")
        if column_name in order:
            raise Invalid.field(name, f"'{shorten(column_name)}' is there twice.")
        order[column_name] = descending
    if len(order) > MAX_ORDER:
        raise Invalid.field(name, f"At most {MAX_ORDER} fields.")
    parameters.order = tuple(order.items())


def _flag(parameters: Parameters, name: str, text: str) -> bool:
    try:
        return parse_boolean(text)
    except ValidationError:
        raise Invalid.field(name, "Give true or false.") from None


def _total(parameters: Parameters, name: str, text: str) -> None:
    parameters.with_total = _flag(parameters, name, text)


def _nothing(parameters: Parameters, name: str, text: str) -> None:
    """for_obj_type and for_obj_id are read together, at the end."""


_READERS: dict[str, Any] = {
    "limit": _number,
    "offset": _number,
    "enabled": _state,
    "hidden": _state,
    "cursor": _cursor,
    "order_by": _order,
    "inc_total": _total,
    "for_obj_type": _nothing,
    "for_obj_id": _nothing,
}


def _filter(object_type: ObjectType, access: Access, name: str, text: str) -> Condition:
    """`field=value` or `field__op=value`."""
    field_name, given, operator = name.partition("__")
    operator = ALIASES.get(operator, operator) if given else "eq"
    found = column(object_type.name, access, field_name)
    if found is None:
        raise UnknownField(field_name, "WHERE")
    if operator not in ALL_OPERATORS:
        raise Invalid.field(name, f"There is no operator '{shorten(operator)}'.")
    value: Any
    if operator in LIST_OPERATORS or operator == "between":
        value = [_typed(found.kind, name, part) for part in text.split(",")]
    elif operator in NULLITY or operator in (
        "like",
        "not_like",
        "contains",
        "not_contains",
        "starts_with",
        "ends_with",
    ):
        value = text
    else:
        value = _typed(found.kind, name, text)
    return Condition(field_name, *check_operand(field_name, operator, {"value": value}))


def _typed(kind: Kind, name: str, text: str) -> Any:
    """The text of a parameter as the JSON value that it means for a field of this kind."""
    if kind not in (Kind.INTEGER, Kind.NUMBER):
        return text
    if not _NUMBER.fullmatch(text):
        raise Invalid.field(name, "Give a number.")
    return int(text) if text.removeprefix("-").isdigit() else float(text)
