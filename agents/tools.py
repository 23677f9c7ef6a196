"""What an agent can do: each tool is one request of the API, worded as a function."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_ROWS: Final = 50

TypeName = Annotated[
    str, Field(description="An object type, as list_types names it: journal_entry.", min_length=1, max_length=64)
]
PublicId = Annotated[str, Field(description="The object's id.", min_length=1, max_length=64)]
View = Annotated[
    str, Field(description="`default`, or `enriched`, which adds the names of what it refers to.", max_length=64)
]
Values = Annotated[
    dict[str, Any], Field(description="Field → value, by the names in get_schema. References are ids of objects.")
]


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One request of /v3/crud."""

    method: str
    path: str
    """Below /v3/crud/, in parts, each a single step of the path."""
    query: dict[str, Any] = field(default_factory=dict)
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")

    def call(self) -> ApiCall:
        raise NotImplementedError


class ListTypes(Arguments):
    """The object types: names, parents, children, and what you may do with each. Begin here."""

    def call(self) -> ApiCall:
        return ApiCall("GET", "")


class GetSchema(Arguments):
    """The fields of an object type, with their types, bounds and search operators; its views and relations."""

    obj_type: TypeName

    def call(self) -> ApiCall:
        return ApiCall("GET", _path(self.obj_type, "schema"))


class SearchObjects(Arguments):
    """Objects of a type that match, a page at a time. Without query, `q` or parent: all of them."""

    obj_type: TypeName
    q: Annotated[str, Field(description="Words that the object's texts hold.", max_length=1000)] = ""
    query: Annotated[
        dict[str, Any],
        Field(
            description=(
                'Conditions: {"and": [{"field": "name", "op": "contains", "value": "gala"}], "or": […], "not": {…}}. '
                "Operators: eq ne gt gte lt lte in not_in like contains starts_with ends_with is_null between."
            )
        ),
    ] = {}
    parent_type: Annotated[str, Field(description="Only below this object: its type …", max_length=64)] = ""
    parent_id: Annotated[str, Field(description="… and its id.", max_length=64)] = ""
    view: View = "default"
    fields: Annotated[str, Field(description="Only these fields: name,start_datetime", max_length=2000)] = ""
    order_by: Annotated[str, Field(description="-start_datetime,name", max_length=500)] = ""
    enabled: Literal["enabled", "disabled", "all"] = "enabled"
    hidden: Literal["not_hidden", "hidden", "all"] = "not_hidden"
    versions: Annotated[
        Literal["current", "all"], Field(description="all: former versions, too (of types that have some).")
    ] = "current"
    limit: Annotated[int, Field(description="How many at most.", ge=1, le=MAX_ROWS)] = 20
    cursor: Annotated[str, Field(description="`next_cursor` of the page before.", max_length=4000)] = ""
    count_all: Annotated[bool, Field(description="Also count all matches, as `total`.")] = False

    def call(self) -> ApiCall:
        query = {
            **{name: getattr(self, name) for name in ("view", "enabled", "hidden", "limit")},
            **{name: text for name in ("fields", "order_by", "cursor") if (text := getattr(self, name))},
            **({"versions": "all"} if self.versions == "all" else {}),
            **({"inc_total": "true"} if self.count_all else {}),
            **({"for_obj_type": self.parent_type} if self.parent_type else {}),
            **({"for_obj_id": self.parent_id} if self.parent_id else {}),
        }
        body = self.query | ({"q": self.q} if self.q else {})
        return ApiCall("POST", _path(self.obj_type, "search"), query, body)


class Get(Arguments):
    """One object by its id."""

    obj_type: TypeName
    obj_id: PublicId
    view: View = "default"

    def call(self) -> ApiCall:
        return ApiCall("GET", _path(self.obj_type, self.obj_id), {"view": self.view})


class Create(Arguments):
    """Make one object. Look at get_schema first. Answers what was made, with its id."""

    obj_type: TypeName
    values: Values
    idempotency_key: Annotated[
        str, Field(description="Any text of your own: sent again with it, no second object is made.", max_length=255)
    ] = ""

    def call(self) -> ApiCall:
        headers = {"IDEMPOTENCY_KEY": self.idempotency_key} if self.idempotency_key else {}
        return ApiCall("POST", _path(self.obj_type), body=self.values, headers=headers)


class Update(Arguments):
    """Change the given fields of one object, and no others. Answers the whole object."""

    obj_type: TypeName
    obj_id: PublicId
    values: Values

    def call(self) -> ApiCall:
        return ApiCall("PATCH", _path(self.obj_type, self.obj_id), body=self.values)


def _path(*steps: str) -> str:
    """Below /v3/crud/. A step never becomes two: what is no name or id fits no type and no object."""
    return "/".join(step.replace("/", "?") for step in steps)


TOOLS: Final[dict[str, tuple[type[Arguments], bool]]] = {
    "list_types": (ListTypes, True),
    "get_schema": (GetSchema, True),
    "search": (SearchObjects, True),
    "get": (Get, True),
    "create": (Create, False),
    "update": (Update, False),
}
"""Name → arguments, and whether it only reads."""
