"""From the tuples that a plan reads to the dicts that the contract shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from crud.declare.fields import Kind

Row = tuple[Any, ...]
MakeRows = Callable[[list[Row], str | None], list[dict[str, Any]]]
"""Rows, and the account's public id for the outputs that are constant."""


@dataclass(frozen=True, slots=True)
class Output:
    name: str
    kind: Kind
    constant: str = ""
    """`account`: the value is the account's public id, the same for every row, and is not selected."""


@dataclass(frozen=True, slots=True)
class Nested:
    """A row that `inc_<relation>` nests: the slice of the columns, and which tells whether there is one."""

    name: str
    columns: list[Output]
    flattened: tuple[str, ...]
    start: int
    flag: int


def no_rows(rows: list[Row], account: str | None) -> list[dict[str, Any]]:
    return []


def rows_maker(outputs: list[Output], nested: tuple[Nested, ...], width: int) -> MakeRows:
    """The function that makes dicts of rows of `width` columns. JSON stays text, to be written through as it is.

    It is put together as source, as `namedtuple` is: one literal a row is much faster than a loop over columns.
    """
    selected = (f"v{place}" for place in range(width))
    items = [
        f"{output.name!r}: {'account' if output.constant else _value(output, next(selected))}" for output in outputs
    ]
    columns = "".join(f"v{place}, " for place in range(width))
    source = f"lambda rows, account: [{{{', '.join(items)}}} for {columns} in rows]"
    make: MakeRows = eval(source, {"Fragment": orjson.Fragment})  # noqa: S307  (names of fields, and numbers)
    if not nested:
        return make

    def make_with_nested(rows: list[Row], account: str | None) -> list[dict[str, Any]]:
        objects = make(rows, account)
        for item, row in zip(objects, rows, strict=True):
            for inner in nested:
                _nest(item, inner, row)
        return objects

    return make_with_nested


def _value(output: Output, variable: str) -> str:
    match output.kind:
        case Kind.BOOLEAN:
            return f"{variable} == 1"
        case Kind.JSON:
            return f"None if {variable} is None else Fragment({variable})"
        case _:
            return variable


def _nest(item: dict[str, Any], nested: Nested, row: Row) -> None:
    if not row[nested.flag]:
        item[nested.name] = None
        item.update({f"{nested.name}_{name}": None for name in nested.flattened})
        return
    inner = {}
    for output, value in zip(nested.columns, row[nested.start :], strict=False):
        if output.kind is Kind.BOOLEAN:
            value = value == 1
        elif output.kind is Kind.JSON and value is not None:
            value = orjson.Fragment(value)
        inner[output.name] = value
    item[nested.name] = inner
    for name in nested.flattened:
        value = inner.get(name)
        item[f"{nested.name}_{name}"] = str(value) if isinstance(value, int) else value
