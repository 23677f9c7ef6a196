"""A row to be changed: locked until its transaction ends, as a model instance, by a compiled plan."""

from __future__ import annotations

from typing import Any, Final

from crud.declare.object_type import ObjectType
from crud.models import columns_of
from crud.read.account_query import instance
from crud.read.read_plan import Read, plan
from crud.read.search.compiler import padded_length
from tenancy.principal import Principal

AT_ONCE: Final = 128


def locked_row(object_type: ObjectType, principal: Principal, public_id: str, within: list[tuple[str, str]]) -> Any:
    """The row with this id that hangs on these parents, if the principal may read it; else None."""
    hangs_on = (("compare", f"@{path}__id_random", "eq", i + 1, 1) for i, (path, _) in enumerate(within))
    shape = ("and", ("compare", "@id_random", "eq", 0, 1), *hangs_on)
    read = Read(object_type.name, principal.access, shape, only="locked")
    rows = plan(read).rows([public_id, *(parent_id for _, parent_id in within)])
    return _instance(object_type, rows[0]) if rows else None


def locked_rows(object_type: ObjectType, principal: Principal, public_ids: list[str]) -> dict[str, Any]:
    """Id → row, of those that the principal may read: locked in the order of the ids, some at once."""
    found: dict[str, Any] = {}
    for start in range(0, len(public_ids), AT_ONCE):
        some = public_ids[start : start + AT_ONCE]
        some += some[-1:] * (padded_length(len(some)) - len(some))
        shape = ("and", ("compare", "@id_random", "in", 0, len(some)))
        for values in plan(Read(object_type.name, principal.access, shape, only="locked")).rows(some):
            row = _instance(object_type, values)
            found[row.id_random] = row
    return found


def _instance(object_type: ObjectType, values: tuple[Any, ...]) -> Any:
    return instance(object_type.model, columns_of(object_type.model), values)
