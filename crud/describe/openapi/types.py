"""The components of one object type: what is read and written of it, with examples."""

from __future__ import annotations

from typing import Any, Final

from crud.declare.fields import Field, Kind
from crud.declare.object_type import ObjectType, children_of, registry
from crud.describe.discovery import ID_SCHEMA, VALUE_SCHEMAS, Shown, choices_of, nullable_schema, outputs, write_schema
from crud.describe.openapi.parts import (
    FLAG,
    ID,
    LIST_META,
    MOMENT,
    SUCCESS_META,
    Json,
    answer_in,
    body_of,
    enveloped,
    list_of,
    object_schema,
    parameter,
    schema_ref,
)
from crud.read.field_filters import filterset_of
from crud.read.read_plan import view_names
from crud.read.search.grammar import OPERATORS, ORDERED
from crud.write.writer import MAX_BULK
from tenancy.principal import Access, Role

EVERYTHING: Final = Access(Role.SUPER, every_account=True)
"""The document is for everybody: it shows what some role reads."""
HASH: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
FREE_TEXTS: Final = (Kind.TEXT, Kind.HTML)


def component_name(object_type: ObjectType) -> str:
    return "".join(part.capitalize() for part in object_type.name.split("_"))


def components_of(object_type: ObjectType) -> dict[str, Json]:
    name, example = component_name(object_type), read_example(object_type)
    fields = writable_fields(object_type)
    create = write_example(object_type)
    change = change_example(object_type, create)
    bulk = {"update": [{"id": ID} | change], "delete": [ID]}
    one = {"data": example, "meta": SUCCESS_META}
    many = {"data": [example], "meta": SUCCESS_META | LIST_META}
    created = one | {"meta": SUCCESS_META | {"status_code": 201, "status_message": "Created"}}
    answer = schema_ref(f"{name}Answer")
    components = {
        "schemas": schemas_of(object_type, fields),
        "responses": {
            name: answer_in(answer, one, headers=("ETag",)),
            f"{name}List": answer_in(schema_ref(f"{name}ListAnswer"), many),
        },
        "parameters": parameters_of(object_type),
        "requestBodies": {},
    }
    if is_written(object_type):
        components["requestBodies"][f"{name}Bulk"] = body_of(schema_ref(f"{name}Bulk"), bulk)
    if object_type.least_role("update") is not Role.NOBODY:
        components["requestBodies"][f"{name}Update"] = body_of(schema_ref(f"{name}Update"), change)
    if is_created(object_type):
        bulk["create"] = [create]
        components["responses"][f"{name}Created"] = answer_in(answer, created, "Created", ("ETag", "Location"))
        components["requestBodies"][f"{name}Create"] = body_of(schema_ref(f"{name}Create"), create)
    return components


def is_created(object_type: ObjectType) -> bool:
    """Whether a payload can make one: some come about in other ways only."""
    return object_type.least_role("create") is not Role.NOBODY


def is_written(object_type: ObjectType) -> bool:
    """Whether the API makes, changes or deletes any; else the service alone writes them, as a ledger."""
    verbs = ("create", "update", "delete", "hard_delete")
    return any(object_type.least_role(verb) is not Role.NOBODY for verb in verbs)


def schemas_of(object_type: ObjectType, fields: list[Field]) -> dict[str, Json]:
    name = component_name(object_type)
    update, create = write_schema(fields), write_schema(fields, creating=True)
    lists = {
        "update": list_of(object_schema({"id": ID_SCHEMA} | update["properties"], ["id"], closed=True)),
        "delete": list_of(ID_SCHEMA),
    }
    schemas = {
        name: read_schema(object_type),
        f"{name}Filter": filter_schema(object_type),
        f"{name}Answer": enveloped(schema_ref(name)),
        f"{name}ListAnswer": enveloped(list_of(schema_ref(name)), listed=True),
    }
    if is_written(object_type):
        entries = f"At most {MAX_BULK} entries in all."
        schemas[f"{name}Bulk"] = object_schema(lists, closed=True, description=entries)
    if is_created(object_type) or object_type.least_role("update") is not Role.NOBODY:
        schemas[f"{name}Update"] = without_dialect(update)
    if is_created(object_type):
        schemas[f"{name}Create"] = without_dialect(create)
        lists["create"] = list_of(schema_ref(f"{name}Create"))
    return schemas


def without_dialect(schema: Json) -> Json:
    """OpenAPI 3.1 speaks that draft by itself."""
    return {key: value for key, value in schema.items() if key != "$schema"}


def writable_fields(object_type: ObjectType) -> list[Field]:
    return [field for field in object_type.fields.values() if not field.read_only]


def read_schema(object_type: ObjectType) -> Json:
    """Every column of every view, and what inc_<relation> adds. Roles see fewer of them."""
    properties: Json = {}
    for view in view_names(object_type):
        for shown in outputs(object_type, EVERYTHING, view):
            note = "" if view == "default" else f"In the view {view}."
            properties.setdefault(shown.name, shown_schema(shown, note))
    for relation, related in relations(object_type).items():
        note = f"With inc_{relation}=true."
        nested = schema_ref(component_name(related))
        properties[relation] = {"anyOf": [nested, {"type": "null"}], "description": note}
        for name in related.flattened:
            properties[f"{relation}_{name}"] = {"type": ["string", "null"], "description": note}
    return object_schema(properties) | {"x-aether": extension(object_type)}


def extension(object_type: ObjectType) -> Json:
    """What generators of typed clients ask, and JSON Schema has no word for."""
    fields = object_type.fields.values()
    return {
        "views": {v: [shown.name for shown in outputs(object_type, EVERYTHING, v)] for v in view_names(object_type)},
        "relations": {relation: related.name for relation, related in relations(object_type).items()},
        "children": {
            name: {"type": child.name, "parent_field": f"{relation}_id"}
            for name, (child, relation) in sorted(children_of(object_type).items())
        },
        "search": [field.name for field in fields if field.readable(EVERYTHING) and OPERATORS[field.kind]],
        "order_by": [field.name for field in fields if field.readable(EVERYTHING) and field.kind in ORDERED],
    }


def shown_schema(shown: Shown, note: str) -> Json:
    schema, notes = dict(VALUE_SCHEMAS[shown.kind]), [note]
    if field := shown.field:
        if choices := choices_of(field):
            schema["enum"] = choices
        notes.append(str(field.model_field.help_text))
        notes.append(f"The id of its {field.refers_to}." if field.refers_to else "")
        notes.append(f"Least role: {field.least_role.label}." if field.least_role > Role.GUEST else "")
    schema_or_null = nullable_schema(schema) if shown.nullable else schema
    return schema_or_null | {"description": " ".join(filter(None, notes))} if any(notes) else schema_or_null


def relations(object_type: ObjectType) -> dict[str, ObjectType]:
    """The relations that inc_<relation> follows."""
    return {
        field.model_field.name: registry[field.refers_to]
        for field in object_type.fields.values()
        if field.refers_to is not None and field.refers_to in registry
    }


def filter_schema(object_type: ObjectType) -> Json:
    """`field=value`, as the type's FilterSet takes it; `field__operator` is told in words."""
    filters = filterset_of(object_type.name).base_filters
    names = [name for name, field_filter in filters.items() if field_filter.lookup_expr == "eq"]
    return object_schema({name: {"type": VALUE_SCHEMAS[object_type.fields[name].kind]["type"]} for name in names})


def parameters_of(object_type: ObjectType) -> dict[str, Json]:
    """The query parameters that differ from type to type."""
    name, views = component_name(object_type), {"type": "string", "enum": view_names(object_type), "default": "default"}
    filters = "`field=value` or `field__operator=value`, as many as are wanted; a list is separated by commas."
    parameters = {
        f"{name}Filter": parameter("filter", filters, schema_ref(f"{name}Filter"), {}, style="form", explode=True),
        f"{name}View": parameter("view", "Which columns the answer has.", views, "enriched"),
    }
    for relation, related in relations(object_type).items():
        parameters[f"{name}.inc_{relation}"] = parameter(f"inc_{relation}", f"Nests the {related.name}.", FLAG, True)
    return parameters


def read_example(object_type: ObjectType) -> Json:
    return {shown.name: example_of(shown) for shown in outputs(object_type, EVERYTHING, "default")}


def write_example(object_type: ObjectType) -> Json:
    """The required fields, and some more that take any text."""
    fields = writable_fields(object_type)
    required = [field for field in fields if field.required]
    free = [f for f in fields if f.kind in FREE_TEXTS and not f.required and not f.model_field._validators]
    chosen = [*required, *free[: max(1, 4 - len(required))]]
    chosen.sort(key=lambda field: field.kind is Kind.REFERENCE)
    example = {field.name: example_of(Shown(field.name, field.kind, field.nullable, field)) for field in chosen}
    for type_name, id_name in object_type.generic_references:
        example |= {type_name: object_type.parents[0], id_name: ID}
    return example


def change_example(object_type: ObjectType, create: Json) -> Json:
    """One field that another object may have with the same value."""
    generic = {name for pair in object_type.generic_references for name in pair}
    for name in create:
        field = object_type.fields[name]
        if name not in generic and field.kind is not Kind.REFERENCE and not field.model_field.unique:
            return {name: create[name]}
    return {"enable": True}


def example_of(shown: Shown) -> Any:
    if shown.field and (choices := choices_of(shown.field)):
        return choices[0]
    match shown.kind:
        case Kind.ID | Kind.REFERENCE:
            return ID
        case Kind.EXACT:
            return HASH[: shown.field.model_field.max_length] if shown.field else HASH
        case Kind.HTML:
            return "<p>Welcome.</p>"
        case Kind.INTEGER | Kind.NUMBER:
            return 1
        case Kind.BOOLEAN:
            return shown.name == "enable"
        case Kind.DATETIME:
            return MOMENT
        case Kind.DATE:
            return MOMENT[:10]
        case Kind.JSON | Kind.SECRETS_BY_ROLE:
            return {}
        case Kind.SECRET:
            return "correct horse battery"
        case _:
            return "ada@example.org" if shown.name == "email" else shown.name.replace("_", " ").capitalize()
