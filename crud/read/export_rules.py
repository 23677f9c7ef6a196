"""Whether rows that are read one by one may be taken out as a file."""

from __future__ import annotations

from crud.declare.object_type import ObjectType
from kernel.errors import Refused
from tenancy.principal import Principal


def demand_export(object_type: ObjectType, principal: Principal) -> None:
    """A principal that acts for one object is free of some rules while it reads; a file is not. Raises Refused."""
    scope = object_type.scope_of(principal.access)
    if scope is None:
        return
    for rule in object_type.row_rules:
        if not rule.signed_in_exempt or scope.where != f"{rule.relation}_id":
            continue
        parents = object_type.related(rule.relation).model.objects
        if not parents.filter(pk=principal.subject, **{rule.field: rule.value}).exists():
            raise Refused(f"'{object_type.name}' may not be exported here.")
