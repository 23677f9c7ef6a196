"""Reading the change log of one object: GET …/{id}/history."""

from __future__ import annotations

from typing import Any

from crud.declare.fields import Kind
from crud.declare.object_type import ObjectType, registry
from crud.models import ChangeLog
from crud.read.parameters import MAX_LIMIT
from crud.read.resolve import ANOTHER_ACCOUNTS, resolve
from kernel.errors import Invalid, NotFound, Refused
from kernel.wording import WHOLE_NUMBER, between
from tenancy.principal import Principal, Role

DEFAULT_LIMIT = 100


def read_history(
    object_type: ObjectType, principal: Principal, public_id: str, parameters: dict[str, str]
) -> tuple[list[dict[str, Any]], int, int]:
    """The newest first: (entries as `_entry` makes them, limit, offset)."""
    if not principal.may(Role.ADMINISTRATOR):
        raise Refused("Only administrators read the history of an object.")
    log = ChangeLog.objects.filter(obj_type=object_type.name, obj_id=public_id).order_by("-id")
    try:
        resolve(object_type, principal, public_id)
    except NotFound:  # exists nowhere; what did exist in this account has left its end in the log
        end = log.filter(action="deleted").first()
        if end is None:
            raise
        if not was_there(object_type, principal, end):
            raise Refused(ANOTHER_ACCOUNTS) from None
    limit, offset = _paging(parameters)
    entries = list(log[offset : offset + limit])
    return describe(object_type, principal, entries), limit, offset


def was_there(object_type: ObjectType, principal: Principal, end: ChangeLog) -> bool:
    """Whether the type's `row_rules` let this principal read a row that is gone, by what its last entry holds."""
    for rule in object_type.rules_for(principal.access):
        parent = end.changes_json.get(f"{rule.relation}_id", [None])[0]
        parents = object_type.related(rule.relation).model.objects
        if not parents.filter(pk=parent, **{rule.field: rule.value}).exists():
            return False
    return True


def describe(object_type: ObjectType, principal: Principal, entries: list[ChangeLog]) -> list[dict[str, Any]]:
    """Entries of one type as this principal may read them: its fields only, references by public id."""
    readable = {f.attname: f for f in object_type.fields.values() if f.kind.write_only or f.readable(principal.access)}
    names = _public_ids(entries, readable)
    return [_entry(entry, readable, names) for entry in entries]


def _paging(parameters: dict[str, str]) -> tuple[int, int]:
    numbers = {"limit": DEFAULT_LIMIT, "offset": 0}
    for name, text in parameters.items():
        if name == "jwt":
            continue
        if name not in numbers:
            raise Invalid.field(name, "There is no such parameter here.")
        if not (text.isascii() and text.isdigit()) or len(text) > 9:
            raise Invalid.field(name, WHOLE_NUMBER)
        numbers[name] = int(text)
    if not 1 <= numbers["limit"] <= MAX_LIMIT:
        raise Invalid.field("limit", between(1, MAX_LIMIT))
    return numbers["limit"], numbers["offset"]


def _public_ids(entries: list[ChangeLog], readable: dict[str, Any]) -> dict[tuple[str, int], str]:
    """The public ids behind the integers that the log holds for references: one query a type."""
    keys_by_type: dict[str, set[int]] = {}
    for entry in entries:
        for attname, pair in entry.changes_json.items():
            spec = readable.get(attname)
            if spec is not None and spec.kind is Kind.REFERENCE and spec.refers_to in registry:
                keys_by_type.setdefault(spec.refers_to, set()).update(key for key in pair if isinstance(key, int))
    public_ids = {}
    for type_name, keys in keys_by_type.items():
        for key, public_id in registry[type_name].model.objects.filter(pk__in=keys).values_list("pk", "id_random"):
            public_ids[type_name, key] = public_id
    return public_ids


def _entry(entry: ChangeLog, readable: dict[str, Any], names: dict[tuple[str, int], str]) -> dict[str, Any]:
    changes = {}
    for attname, pair in entry.changes_json.items():
        spec = readable.get(attname)
        if spec is None:
            continue
        if spec.kind is Kind.REFERENCE:
            pair = [None if key is None else names.get((spec.refers_to, key)) for key in pair]
        changes[spec.name] = pair
    return {
        "obj_type": entry.obj_type,
        "obj_id": entry.obj_id,
        "action": entry.action,
        "created_on": entry.created_on,
        "principal": entry.principal,
        "request_id": entry.request_id,
        "changes": changes,
    }
