"""The paths of lookups, for /v3/schema/."""

from __future__ import annotations

from typing import Any, Final

from crud import ID_SCHEMA, METHODS, VALUE_SCHEMAS, nullable_schema
from crud.declare.fields import Kind
from crud.describe.openapi import describe
from crud.describe.openapi.parts import (
    FLAG,
    ID,
    TEXT,
    body_of,
    headers,
    list_of,
    object_schema,
    operation,
    param,
    parameter,
    path_parameter,
    success,
)
from lookups.lookup_types import IDENTITY, TYPES, LookupType
from tenancy.principal import Role

Json = dict[str, Any]

COMPUTED: Final[Json] = {
    "utc_offset": {"type": ["string", "null"], "description": "From UTC now: +05:30."},
    "utc_offset_minutes": {"type": ["integer", "null"], "description": "The same, in minutes."},
}
SHADOWED: Final[Json] = {
    "type": "boolean",
    "description": "Another row of its group stands before it. In lists of all.",
}
EXAMPLES: Final[dict[str, Json]] = {
    "country": {"code": "US", "group": "US", "name": "United States", "alpha_3": "USA", "numeric": "840"},
    "country_subdivision": {
        "code": "US-CO",
        "group": "US-CO",
        "name": "Colorado",
        "country_group": "US",
        "type": "State",
    },
    "time_zone": {"code": "America/Denver", "group": "America/Denver", "name": "America/Denver", "link_to": None},
}
IN_CONTEXT: Final = [
    parameter("site_id", "Only what the site's `lookup_policy` lists.", ID_SCHEMA, ID),
    parameter("for_type", "With `for_id`: the overrides for that object too.", TEXT, "event"),
    parameter("for_id", "See `for_type`.", ID_SCHEMA, ID),
]
COUNTRY: Final = parameter("country", "Only those of that country, by group or code.", TEXT, "US")
ONLY_PRIORITY: Final = parameter("only_priority", "Only rows with `priority`.", FLAG, True)
ALL: Final = parameter("include_disabled", "Shadowed, disabled and hidden rows too, marked.", FLAG, True)
METHOD: Final = parameter(
    "method", "How to delete.", {"type": "string", "enum": list(METHODS), "default": "delete"}, "hide"
)
MANAGERS: Final = f"Least role: {Role.MANAGER.label}. Global rows: {Role.SUPER.label} with bypass."


def columns_of(lookup_type: LookupType) -> Json:
    """The schema of each column, as JSON shows it."""
    columns = {}
    for name, spec in lookup_type.fields.items():
        schema = VALUE_SCHEMAS[Kind.ID if name == "for_id" else spec.kind]
        note = spec.model_field.help_text
        columns[name] = nullable_schema(schema) if spec.nullable else dict(schema)
        if note:
            columns[name]["description"] = note
    return columns


def row_schema(lookup_type: LookupType) -> Json:
    own = {"id": ID_SCHEMA, "account_id": nullable_schema(ID_SCHEMA)}
    computed = {name: COMPUTED[name] for name in lookup_type.computed}
    return object_schema(own | columns_of(lookup_type) | computed | {"shadowed": SHADOWED})


def example_of(lookup_type: LookupType) -> Json:
    state = {"enable": True, "hide": False, "priority": False, "sort": None}
    levels = {"account_id": None, "for_type": None, "for_id": None}
    return {"id": ID} | EXAMPLES[lookup_type.name] | state | levels


def describe_type(lookup_type: LookupType) -> None:
    name, example, row = lookup_type.name, example_of(lookup_type), row_schema(lookup_type)
    place, by_country = f"/v3/lookup/{name}", [COUNTRY] if name == "country_subdivision" else []
    listed = [*IN_CONTEXT, ONLY_PRIORITY, ALL, *by_country]
    listing = success(list_of(row), [example], listed=True)
    answer = success(row, example)
    describe(f"{place}/list", {"get": read(f"list_{name}", f"List {name}: one row a group", listing, listed)})
    query = [
        parameter("q", "A code, a group or a name.", TEXT, example["code"], required=True),
        *IN_CONTEXT,
        *by_country,
    ]
    describe(f"{place}/resolve", {"get": read(f"resolve_{name}", f"Find one {name}", answer, query)})
    describe(place, {"post": creation(lookup_type, row, example)})
    describe(f"{place}/{{id}}", row_operations(lookup_type, answer))


def read(operation_id: str, summary: str, answer: Json, parameters: list[Json]) -> Json:
    return operation(operation_id, summary, "lookup", {"200": answer}, parameters=parameters, failures=(404,))


def creation(lookup_type: LookupType, row: Json, example: Json) -> Json:
    name, columns = lookup_type.name, columns_of(lookup_type) | {"account_id": nullable_schema(ID_SCHEMA)}
    return operation(
        f"create_{name}",
        f"Create an override, or a {name} of the account's own",
        "lookup",
        {"201": success(row, example, "Created")},
        parameters=[param("IgnoreExtraFields"), param("IdempotencyKey")],
        body=body_of(object_schema(columns, ["group"], closed=True), {"group": example["group"], "enable": False}),
        description=MANAGERS,
        failures=(404,),
    )


def row_operations(lookup_type: LookupType, answer: Json) -> Json:
    name = lookup_type.name
    columns = {column: schema for column, schema in columns_of(lookup_type).items() if column not in IDENTITY}
    update = operation(
        f"update_{name}",
        f"Change the given fields of a {name}",
        "lookup",
        {"200": answer},
        parameters=[param("IgnoreExtraFields"), param("IfMatch")],
        body=body_of(object_schema(columns, closed=True), {"name": "A name of our own"}),
        description=MANAGERS,
        failures=(404, 412),
    )
    delete = operation(
        f"delete_{name}",
        f"Delete a {name}: what it has overridden stands again",
        "lookup",
        {"200": answer},
        parameters=[METHOD, param("IfMatch")],
        description=f"{MANAGERS} When deleted for good, the answer's data is the id alone.",
        failures=(404, 412),
    )
    get = read(f"read_{name}", f"Read one row of {name}", answer, [])
    return {"parameters": [*headers(), path_parameter("id", name)], "get": get, "patch": update, "delete": delete}


for described in TYPES.values():
    describe_type(described)
