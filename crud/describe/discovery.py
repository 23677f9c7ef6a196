"""What the API tells of its object types: the list of them, and each one's schema (contract sections 4 and 4.1).

Everything is computed from the model and its ObjectType, and is the same on every database. Nothing here reads a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from django.core.validators import (
    EmailValidator,
    MinLengthValidator,
    RegexValidator,
    URLValidator,
)
from django.db.models import NOT_PROVIDED
from django.utils import timezone

from crud.declare.fields import Field, Kind
from crud.declare.indexes import filter_indexed, sort_indexed
from crud.declare.object_type import VERBS, ObjectType, children_of, registry
from crud.declare.values import PASSCODE_ROLES, TEXT_BYTES, number_bounds
from crud.read.columns import column
from crud.read.read_plan import view_names
from crud.read.search.grammar import OPERATORS, ORDERED
from kernel.errors import Refused
from kernel.model_fields import LookupField
from tenancy.principal import Access, Principal, Role

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
ID_LENGTH: Final = 22
ID_SCHEMA: Final = {"type": "string", "pattern": f"^[A-Za-z0-9_-]{{1,{ID_LENGTH}}}$"}

VALUE_SCHEMAS: Final[dict[Kind, dict[str, Any]]] = {
    Kind.ID: ID_SCHEMA,
    Kind.REFERENCE: ID_SCHEMA,
    Kind.EXACT: {"type": "string"},
    Kind.TEXT: {"type": "string"},
    Kind.HTML: {"type": "string", "contentMediaType": "text/html"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATETIME: {"type": "string", "format": "date-time"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.JSON: {"type": ["object", "array"], "items": {}},
    Kind.SECRET: {"type": "string", "writeOnly": True},
    Kind.SECRETS_BY_ROLE: {
        "type": "object",
        "properties": {role: {"type": "string", "minLength": 4, "maxLength": 128} for role in sorted(PASSCODE_ROLES)},
        "additionalProperties": False,
        "writeOnly": True,
    },
}
"""What a value of each kind looks like in JSON. Bounds are a field's own."""

COLUMN_TYPES: Final = {
    "BooleanField": "tinyint(1)",
    "SmallIntegerField": "smallint(6)",
    "PositiveSmallIntegerField": "smallint(5) unsigned",
    "IntegerField": "int(11)",
    "PositiveIntegerField": "int(10) unsigned",
    "BigIntegerField": "bigint(20)",
    "PositiveBigIntegerField": "bigint(20) unsigned",
    "FloatField": "double",
    "DateField": "date",
    "DateTimeField": "datetime(6)",
    "JSONField": "longtext",
    "TextField": "longtext",
}
"""MariaDB's names (SHOW COLUMNS), given also where SQLite serves."""

BOUNDS: Final = ("minimum", "maximum", "minLength", "maxLength", "pattern", "format")


def object_types(principal: Principal) -> list[dict[str, Any]]:
    """The types that exist for this principal. Guests are told only of those that are open to them."""
    return [
        {
            "name": object_type.name,
            "title": object_type.label,
            "alias": object_type.alias or None,
            "parents": parent_names(object_type, principal),
            "children": child_names(object_type, principal),
            "views": view_names(object_type),
            "may": {verb: object_type.may(verb, principal) for verb in VERBS},
        }
        for _, object_type in sorted(registry.items())
        if exists_for(object_type, principal)
    ]


def schema(object_type: ObjectType, principal: Principal) -> dict[str, Any]:
    """One type, as far as this principal reads or writes it. Raises Refused when it does not read the type."""
    if not object_type.may("read", principal):
        raise Refused(f"You may not read '{object_type.name}'.")
    access = principal.access
    fields = [field for field in object_type.fields.values() if is_known_to(field, principal)]
    readable = [field for field in fields if field.readable(access)]
    return {
        "obj_type": object_type.name,
        "table": object_type.name,
        "columns": [column_of(object_type, field) for field in fields],
        "fields": [describe_field(object_type, field, principal) for field in fields],
        "views": {
            view: [shown.name for shown in outputs(object_type, access, view)] for view in view_names(object_type)
        },
        "parents": parent_names(object_type, principal),
        "children": child_names(object_type, principal),
        "searchable": [name for name in object_type.search_text if object_type.fields[name] in readable],
        "order_by": [field.name for field in readable if field.kind in ORDERED],
        "roles": {verb: object_type.least_role(verb).label for verb in VERBS},
        "json_schema": {
            "create": write_schema([field for field in fields if is_writable(field, principal)], creating=True),
            "update": write_schema([field for field in fields if is_writable(field, principal)]),
        },
    }


def exists_for(object_type: ObjectType, principal: Principal) -> bool:
    return principal.may(Role.USER) or object_type.readable_by(principal.access)


def is_known_to(field: Field, principal: Principal) -> bool:
    """Secrets are never read, and only administrators hear that there are any."""
    if field.kind.write_only:
        return principal.may(Role.ADMINISTRATOR) and is_writable(field, principal)
    return field.readable(principal.access)


def is_writable(field: Field, principal: Principal) -> bool:
    return not principal.is_guest and field.writable(principal)


def parent_names(object_type: ObjectType, principal: Principal) -> list[str]:
    related = [object_type.related(relation) for relation in object_type.parents]
    return list(dict.fromkeys(parent.name for parent in related if exists_for(parent, principal)))


def child_names(object_type: ObjectType, principal: Principal) -> list[str]:
    return sorted({child.name for child, _ in children_of(object_type).values() if exists_for(child, principal)})


class Shown(NamedTuple):
    name: str
    kind: Kind
    nullable: bool
    field: Field | None = None
    """The type's own field, if it is one."""


def outputs(object_type: ObjectType, access: Access, view: str) -> Iterator[Shown]:
    """What a view shows to such a principal, own fields first: what `crud.read.read_plan` selects for it."""
    for field in object_type.fields.values():
        if field.readable(access):
            yield Shown(field.name, field.kind, field.nullable, field)
    for path in object_type.views.get(view, ()):
        if output := column(object_type.name, access, path):
            yield Shown(path.replace(".", "_"), output.kind, nullable=True)
    if view == "enriched":
        for name in object_type.counts:
            if children_of(object_type)[name][0].readable_by(access):
                yield Shown(f"{name}_count", Kind.INTEGER, nullable=False)


def column_of(object_type: ObjectType, field: Field) -> dict[str, Any]:
    """The column behind a field. Keys of rows are shown as the public ids that stand for them everywhere."""
    model_field = field.model_field
    return {
        "name": field.name,
        "database_type": database_type(field),
        "nullable": bool(model_field.null),
        "default": column_default(model_field),
        "max_length": ID_LENGTH if field.kind is Kind.REFERENCE else model_field.max_length,
        "unique": bool(model_field.unique),
        "indexed": is_indexed(object_type, model_field),
        "references": field.refers_to,
    }


def database_type(field: Field) -> str:
    if field.kind is Kind.REFERENCE:
        return f"varchar({ID_LENGTH})"
    internal_type = field.model_field.get_internal_type()
    return COLUMN_TYPES.get(internal_type) or f"varchar({field.model_field.max_length})"


def column_default(model_field: Any) -> Any:
    """The default, where it is the same for every row; else how it comes about, as MariaDB would say it."""
    default = model_field.default
    if default is timezone.now:
        return "current_timestamp(6)"
    if default in (dict, list):
        return default()
    return None if default is NOT_PROVIDED or callable(default) else default


def is_indexed(object_type: ObjectType, model_field: Any) -> bool:
    meta = object_type.model._meta
    composite = [*meta.indexes, *meta.constraints]
    in_composite = any(model_field.name in getattr(index, "fields", ()) for index in composite)
    return bool(model_field.unique or model_field.db_index or in_composite)


def describe_field(object_type: ObjectType, field: Field, principal: Principal) -> dict[str, Any]:
    value = field_schema(field)
    return {
        "name": field.name,
        "type": field.kind.value,
        "required": field.required,
        "read_only": not is_writable(field, principal),
        "nullable": field.nullable,
        "choices": choices_of(field),
        "bounds": {name: value[name] for name in BOUNDS if name in value},
        "help_text": str(field.model_field.help_text),
        "public": field.public,
        "operators": sorted(OPERATORS[field.kind]) if field.readable(principal.access) else [],
        "sort_indexed": field.kind in ORDERED and sort_indexed(object_type, field),
        "filter_indexed": filter_indexed(object_type, field),
        "references": field.refers_to,
        "lookup": field.model_field.lookup if isinstance(field.model_field, LookupField) else None,
    }


def choices_of(field: Field) -> list[Any]:
    return [value for value, _ in field.model_field.flatchoices] if field.model_field.choices else []


def write_schema(fields: list[Field], *, creating: bool = False) -> dict[str, Any]:
    """JSON Schema of a payload with these fields."""
    properties = {field.name: field_schema(field, creating=creating) for field in fields}
    schema: dict[str, Any] = {"$schema": DRAFT, "type": "object", "properties": properties}
    if creating:
        schema["required"] = [field.name for field in fields if field.required]
    return schema | {"additionalProperties": False}


def field_schema(field: Field, *, creating: bool = False) -> dict[str, Any]:
    """JSON Schema of the values that a field takes."""
    schema = VALUE_SCHEMAS[field.kind] | _bounds(field)
    if choices := choices_of(field):
        schema["enum"] = [*choices, *([""] if field.model_field.blank else [])]
        schema.pop("maxLength", None)
    if isinstance(field.model_field, LookupField):
        schema["x-aether-lookup"] = field.model_field.lookup
    if field.model_field.help_text:
        schema["description"] = str(field.model_field.help_text)
    default = column_default(field.model_field)
    if creating and default is not None and not callable(field.model_field.default):
        schema["default"] = default
    return nullable_schema(schema) if field.nullable else schema


def nullable_schema(value: dict[str, Any]) -> dict[str, Any]:
    types = value["type"] if isinstance(value["type"], list) else [value["type"]]
    schema = value | {"type": [*types, "null"]}
    return schema | {"enum": [*value["enum"], None]} if "enum" in value else schema


def _bounds(field: Field) -> dict[str, Any]:
    """The limits of a value: those of its column, narrowed by the validators of the field."""
    bounds = _column_bounds(field)
    for validator in field.model_field.validators:
        match validator:
            case MinLengthValidator():
                bounds["minLength"] = validator.limit_value
            case URLValidator():
                bounds["format"] = "uri"
            case EmailValidator():
                bounds["format"] = "email"
            case RegexValidator(inverse_match=False):
                bounds["pattern"] = _ecma_pattern(validator.regex)
    return bounds


def _ecma_pattern(regex: Any) -> str:
    """Python's anchors of the whole text, as JSON Schema's dialect of patterns spells them."""
    pattern: str = regex.pattern
    return pattern.replace(r"\A", "^").replace(r"\Z", "$")


def _column_bounds(field: Field) -> dict[str, Any]:
    model_field = field.model_field
    if field.kind in (Kind.INTEGER, Kind.NUMBER):
        least, most = number_bounds(model_field)
        return {name: bound for name, bound in (("minimum", least), ("maximum", most)) if bound is not None}
    if field.kind in (Kind.TEXT, Kind.EXACT, Kind.HTML, Kind.SECRET):
        limit = {"maxLength": min(model_field.max_length or TEXT_BYTES, TEXT_BYTES)}
        return limit if model_field.blank else {"minLength": 1} | limit
    return {}
