"""Which questions are dear: those that look through all rows of an account, however few they find."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from crud.declare.indexes import order_is_indexed
from crud.read.object_query import ObjectQuery
from crud.read.search.parser import Condition, Node

INSIDE: Final = frozenset({"like", "not_like", "contains", "not_contains", "ends_with"})
"""What looks inside of texts, where no index leads."""


def is_dear(query: ObjectQuery) -> bool:
    parameters = query.parameters
    if not order_is_indexed(query.object_type, parameters.order):
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
