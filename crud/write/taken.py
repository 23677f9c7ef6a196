"""Who has a unique value that is taken, where no list shows it: a row of one's own that is hidden or disabled."""

from __future__ import annotations

from typing import Any

from crud.declare.object_type import ObjectType
from kernel.errors import Duplicate
from tenancy.principal import Principal


def told_who(duplicate: Duplicate, object_type: ObjectType, principal: Principal, row: Any) -> Duplicate:
    """The refusal of `row`, with `details.held_by` where the caller may read such a row (contract section 1)."""
    values = {}
    for name in duplicate.names:
        spec = object_type.fields.get(name)
        if spec is None or not spec.readable(principal.access):
            return duplicate
        values[spec.attname] = getattr(row, spec.attname)
    if not values or not object_type.readable_by(principal.access):
        return duplicate
    rows = object_type.rows(principal.access).filter(**values).exclude(pk=row.pk)
    holder = rows.values("id_random", "enable", "hide").first()
    if holder is None or (holder["enable"] and not holder["hide"]):
        return duplicate
    return duplicate.held_by(holder["id_random"], "hidden" if holder["enable"] else "disabled")
