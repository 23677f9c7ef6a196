"""What guests may list: rows under something that they name, never a directory of the tenants."""

from __future__ import annotations

from crud.declare.fields import Kind
from crud.declare.object_type import ObjectType
from crud.read.columns import column
from crud.read.parameters import Parameters
from crud.read.search.parser import Condition, Group, Search
from tenancy.principal import Principal


def named_exactly(
    object_type: ObjectType, principal: Principal, parameters: Parameters, search: Search | None
) -> tuple[Search | None, bool]:
    """Whether a guest's list or search names what it wants precisely enough (contract section 2.3).

    A type with `guest_lookup` is answered for one exact value of that field, given by `eq` or as `q`.
    Any other type needs an account, or a parent named by id. Answers the search to run, too.
    """
    lookup = object_type.guest_lookup
    conditions = _required(search) + parameters.filters
    if lookup:
        if search is not None and search.q and not search.tree.nodes:
            return Search("", Group("and", (Condition(lookup, "eq", search.q.strip()),))), True
        return search, any(c.field == lookup and c.operator == "eq" and isinstance(c.value, str) for c in conditions)
    if principal.account_id is not None:
        return search, True
    if parameters.for_object and parameters.for_object[0] != "account":
        return search, True
    return search, any(_names_row(object_type, principal, condition) for condition in conditions)


def _required(search: Search | None) -> list[Condition]:
    """The conditions that every found row must meet: those at the top, under `and`."""
    if search is None:
        return []
    tops = [group for group in search.tree.nodes if isinstance(group, Group) and group.connector == "and"]
    return [node for group in tops for node in group.nodes if isinstance(node, Condition)]


def _names_row(object_type: ObjectType, principal: Principal, condition: Condition) -> bool:
    named_column = column(object_type.name, principal.access, condition.field)
    return (
        named_column is not None
        and named_column.kind in (Kind.ID, Kind.REFERENCE)
        and not condition.field.replace(".", "_").endswith("account_id")  # nor site.account_id, nor account.id
        and condition.operator == "eq"
        and isinstance(condition.value, str)
    )
