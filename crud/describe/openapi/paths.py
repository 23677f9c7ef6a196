"""The paths of one object type, at the top and below each of its parents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from crud.declare.object_type import ObjectType
from crud.describe.discovery import ID_SCHEMA
from crud.describe.openapi.fixed import CHANGE_EXAMPLE, SEARCH_EXAMPLE, TYPE_SCHEMA_EXAMPLE
from crud.describe.openapi.parts import (
    ID,
    TEXT,
    Json,
    body_of,
    headers,
    list_of,
    object_schema,
    operation,
    param,
    path_parameter,
    ref,
    schema_ref,
    success,
)
from crud.describe.openapi.types import (
    component_name,
    is_created,
    is_written,
    read_example,
    relations,
    writable_fields,
    write_example,
)
from crud.tables.export import WRITERS
from tenancy.principal import Role

LIST: Final = ("Enabled", "Hidden", "Limit", "Offset", "Cursor", "OrderBy", "ForObjType", "ForObjId", "IncTotal")


def type_paths(object_type: ObjectType) -> Json:
    base, place = f"/v3/crud/{object_type.name}", RoutedType(object_type)
    above, row = headers(), path_parameter("id", object_type.name)
    return {
        base: {"parameters": above, **place.collection()},
        f"{base}/search": {"parameters": above, "post": place.search()},
        **({f"{base}/bulk": {"parameters": above, "post": place.bulk()}} if is_written(object_type) else {}),
        f"{base}/schema": {"parameters": above, "get": place.schema()},
        f"{base}/{{id}}": {"parameters": [*above, row], **place.item()},
        f"{base}/{{id}}/history": {"parameters": [*above, row], "get": place.history()},
    }


def nested_paths(parent: ObjectType, child: ObjectType, relation: str) -> Json:
    """The children of one object. Deeper paths are like them."""
    base, place = f"/v3/crud/{parent.name}/{{{relation}_id}}/{child.name}", RoutedType(child, parent, f"{relation}_id")
    above, row = [*headers(), path_parameter(f"{relation}_id", parent.name)], path_parameter("id", child.name)
    return {
        base: {"parameters": above, **place.collection()},
        f"{base}/search": {"parameters": above, "post": place.search()},
        f"{base}/{{id}}": {"parameters": [*above, row], **place.item()},
    }


@dataclass(frozen=True)
class RoutedType:
    """A type, at the top or below a parent. Verbs that nobody has are left out."""

    type: ObjectType
    parent: ObjectType | None = None
    injected: str = ""
    """The reference to the parent, which the path gives and a payload need not."""

    @property
    def name(self) -> str:
        return component_name(self.type)

    @property
    def shape(self) -> list[Json]:
        nested = [param(f"{self.name}.inc_{relation}") for relation in relations(self.type)]
        return [param(f"{self.name}View"), param("Fields"), *nested]

    @property
    def listing(self) -> tuple[str, ...]:
        return (*LIST, "Versions") if self.type.versions_by else LIST

    def operation(
        self,
        verb: str,
        summary: str,
        answers: Json,
        parameters: list[Json],
        *,
        body: Json | None = None,
        least: str = "",
        description: str = "",
        failures: tuple[int, ...] = (404,),
    ) -> Json:
        suffix, below = (f"_of_{self.parent.name}", f", below its {self.parent.name}") if self.parent else ("", "")
        guests = "; guests read the public fields of public rows" if least == "read" and self.type.guests else ""
        role = f"Least role: {self.type.least_role(least).label}{guests}." if least else ""
        return operation(
            f"{verb}_{self.type.name}{suffix}",
            f"{summary}{below}",
            self.type.name,
            answers,
            parameters=parameters,
            body=body,
            description=" ".join(filter(None, [description, role])),
            failures=failures,
        )

    def possible(self, verb: str) -> bool:
        return self.type.least_role(verb) is not Role.NOBODY

    def collection(self) -> Json:
        parameters = [*self.shape, *map(param, self.listing), param(f"{self.name}Filter")]
        listed = {"200": ref("responses", f"{self.name}List")}
        operations = {"get": self.operation("list", f"List {self.type.name}", listed, parameters, least="read")}
        if is_created(self.type):
            operations["post"] = self.operation(
                "create",
                f"Create {self.type.name}",
                {"201": ref("responses", f"{self.name}Created")},
                [*self.shape, param("IgnoreExtraFields"), param("IdempotencyKey")],
                body=self.create_body(),
                least="create",
            )
        return operations

    def create_body(self) -> Json:
        fields = writable_fields(self.type)
        required = [field.name for field in fields if field.required]
        if self.injected not in required:
            return ref("requestBodies", f"{self.name}Create")
        required.remove(self.injected)
        example = {name: value for name, value in write_example(self.type).items() if name != self.injected}
        schema = schema_ref(f"{self.name}Update")
        return body_of({"allOf": [schema], "required": required} if required else schema, example)

    def search(self) -> Json:
        files = {content_type.partition(";")[0]: {"schema": TEXT} for _, content_type in WRITERS.values()}
        content = {"application/json": {"schema": schema_ref(f"{self.name}ListAnswer")}, **files}
        return self.operation(
            "search",
            f"Search {self.type.name}",
            {"200": {"description": "OK", "content": content}},
            [*self.shape, *map(param, self.listing), param("Export"), param(f"{self.name}Filter")],
            body=body_of(schema_ref("Search"), SEARCH_EXAMPLE),
            least="read",
            description="Who may not read the type gets no row.",
        )

    def item(self) -> Json:
        one = ref("responses", self.name)
        operations = {
            "get": self.operation(
                "read",
                f"Read one {self.type.name}",
                {"200": one, "304": ref("responses", "NotModified")},
                [*self.shape, param("IfNoneMatch")],
                least="read",
            )
        }
        if self.possible("update"):
            operations["patch"] = self.operation(
                "update",
                f"Change fields of one {self.type.name}",
                {"200": one},
                [*self.shape, param("IgnoreExtraFields"), param("IfMatch"), param("IdempotencyKey")],
                body=ref("requestBodies", f"{self.name}Update"),
                least="update",
                failures=(404, 412),
            )
        if self.possible("delete"):
            for_good = f"With method=delete ({self.type.least_role('hard_delete').label}) the data is the id alone."
            operations["delete"] = self.operation(
                "delete",
                f"Hide, disable or delete one {self.type.name}",
                {"200": one},
                [param("Method"), param("IfMatch"), param("IdempotencyKey")],
                least="delete",
                description=for_good,
                failures=(404, 412),
            )
        return operations

    def bulk(self) -> Json:
        objects = list_of(schema_ref(self.name))
        data = object_schema({"created": objects, "updated": objects, "deleted": list_of(ID_SCHEMA)})
        example = {"created": [read_example(self.type)], "updated": [], "deleted": [ID]}
        return self.operation(
            "bulk_write",
            f"Create, change and delete many {self.type.name}: all or nothing",
            {"200": success(data, example)},
            [*self.shape, param("Method"), param("IgnoreExtraFields"), param("IdempotencyKey")],
            body=ref("requestBodies", f"{self.name}Bulk"),
        )

    def schema(self) -> Json:
        answers = {"200": success(schema_ref("TypeSchema"), TYPE_SCHEMA_EXAMPLE)}
        return self.operation("describe", f"The schema of {self.type.name}", answers, [], failures=())

    def history(self) -> Json:
        answer = success(list_of(schema_ref("Change")), [CHANGE_EXAMPLE])
        parameters = [param("Limit"), param("Offset")]
        summary = f"What was changed of one {self.type.name}, when and by whom"
        return self.operation(
            "history_of", summary, {"200": answer}, parameters, description="Least role: administrator."
        )
