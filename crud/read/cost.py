"""Which questions are dear: those that look through all rows of an account, however few they find."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from crud.declare.object_type import registry
from crud.read.object_query import ObjectQuery
from crud.read.search.parser import Condition, Node

INSIDE: Final = frozenset({"like", "not_like", "contains", "not_contains", "ends_with"})
"""What looks inside of texts, where no index leads."""


def is_dear(query: ObjectQuery) -> bool:
    parameters = query.parameters
    if parameters.order and parameters.order[0][0] not in indexed_columns(query.object_type.name):
        return True
    if any(condition.operator in INSIDE for condition in parameters.filters):
        return True
    return query.search is not None and any(c.operator in INSIDE for c in _conditions(query.search.tree))


def _conditions(node: Node) -> Iterator[Condition]:
    if isinstance(node, Condition):
        yield node
    else:
        for inner in node.nodes:
            yield from _conditions(inner)


@lru_cache(maxsize=256)
def indexed_columns(type_name: str) -> frozenset[str]:
    """The fields of a type by which an index of its table sorts, within the account or within a parent."""
    object_type = registry[type_name]
    meta = object_type.model._meta
    named = {column.removeprefix("-") for index in meta.indexes for column in index.fields}
    named |= {field.name for field in meta.local_fields if field.unique}
    fields = object_type.fields.values()
    return frozenset(f.name for f in fields if f.path in named or f.path.removesuffix("__id_random") in named)
