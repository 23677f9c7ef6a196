"""Field names as V1 and V2 had them: `id_random`, `<relation>_id_random`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

from crud import ObjectType, registry
from crud.declare.fields import Kind
from kernel.errors import Invalid

SUFFIX: Final = "_random"


@lru_cache(maxsize=256)
def _old_by_new(type_name: str) -> dict[str, str]:
    object_type = registry[type_name]
    generic = {id_field for _, id_field in object_type.generic_references}
    return {
        field.name: field.name + SUFFIX
        for field in object_type.fields.values()
        if field.kind in (Kind.ID, Kind.REFERENCE) or field.name in generic
    }


@lru_cache(maxsize=256)
def _relations(type_name: str) -> dict[str, ObjectType]:
    return {
        field.model_field.name: registry[field.refers_to]
        for field in registry[type_name].fields.values()
        if field.refers_to in registry
    }


@lru_cache(maxsize=256)
def _new_by_old(type_name: str) -> dict[str, str]:
    return {old: new for new, old in _old_by_new(type_name).items()}


def new_name(object_type: ObjectType, name: str) -> str:
    """The name of V3 for an old one, also of `relation.field`. Any other name is answered as it is."""
    relation, dot, field_name = name.partition(".")
    if dot:
        related = _relations(object_type.name).get(relation)
        return f"{relation}.{new_name(related, field_name)}" if related else name
    return _new_by_old(object_type.name).get(name, name)


def old_name(object_type: ObjectType, name: str) -> str:
    relation, dot, field_name = name.partition(".")
    if dot:
        related = _relations(object_type.name).get(relation)
        return f"{relation}.{old_name(related, field_name)}" if related else name
    return _old_by_new(object_type.name).get(name, name)


def new_payload(object_type: ObjectType, body: Any) -> Any:
    """A payload with V3's names. Raises Invalid when it has a field under both. What is no object, V3 refuses."""
    if not isinstance(body, dict):
        return body
    renamed: dict[str, Any] = {}
    for name, value in body.items():
        new = new_name(object_type, name)
        if new in renamed:
            raise Invalid.field(name, "It is there under its old and its new name.")
        renamed[new] = value
    return renamed


def old_row(object_type: ObjectType, row: dict[str, Any]) -> dict[str, Any]:
    """A row of an answer with the old names, and so the rows that it includes. JSON columns stay as they are."""
    relations = _relations(object_type.name)
    return {
        old_name(object_type, name): old_row(relations[name], value)
        if name in relations and isinstance(value, dict)
        else value
        for name, value in row.items()
    }


def old_details(object_type: ObjectType, details: dict[str, Any]) -> dict[str, Any]:
    """The details of a failure, naming the fields as the client does."""
    message, fields = details["message"], {}
    for name, messages in details.get("fields", {}).items():
        old = old_name(object_type, name)
        fields[old] = messages
        if old != name:
            message = re.sub(rf"\b{re.escape(name)}\b", old, message, count=1)
    return details | {"message": message} | ({"fields": fields} if fields else {})
