"""What operations are made of: references, parameters, answers in the envelope, failures."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final

from crud.describe.discovery import ID_SCHEMA
from crud.read.parameters import DEFAULT_LIMIT, MAX_LIMIT, MAX_OFFSET, STATES, VERSIONS
from crud.tables.export import WRITERS
from crud.write.row_writer import METHODS
from kernel.errors import (
    ApiError,
    Conflict,
    DatabaseAway,
    Invalid,
    LengthRequired,
    NotFound,
    Refused,
    Stale,
    StorageFull,
    Throttled,
    TooLarge,
    TooSlow,
    Unauthenticated,
    Upstream,
)
from kernel.wording import REQUIRED

Json = dict[str, Any]

ID: Final = "x7Kq2mB9fRw"
MOMENT: Final = "2026-05-01T09:30:00Z"
TEXT: Final[Json] = {"type": "string"}
FLAG: Final[Json] = {"type": "boolean", "default": False}
SUCCESS_META: Final[Json] = {
    "success": True,
    "status_code": 200,
    "status_message": "OK",
    "request_id": "5f2b8c1e9a7d4e30",
}
LIST_META: Final[Json] = {"count": 1, "limit": DEFAULT_LIMIT, "offset": 0, "next_cursor": None}

FAILURES: Final[dict[int, tuple[str, str, ApiError]]] = {
    400: ("BadRequest", "The request is not right; `fields` says where.", Invalid.field("name", REQUIRED)),
    401: ("Unauthenticated", "A token is there, but it is not good.", Unauthenticated()),
    403: ("Forbidden", "No valid API key, no account, another account's record, or too low a role.", Refused("No.")),
    404: ("NotFound", "There is no such object, type or path.", NotFound()),
    408: ("TooSlow", "The body did not arrive in time.", TooSlow()),
    409: ("Conflict", "Another state than the request takes it for.", Conflict("There is no second factor.")),
    411: ("LengthRequired", "An upload without a Content-Length.", LengthRequired()),
    412: ("Stale", "If-Match does not match.", Stale()),
    413: ("TooLarge", "Over a limit.", TooLarge("The body is too large.")),
    429: ("Throttled", "Too many requests; see Retry-After.", Throttled(30)),
    500: ("ServerError", "A defect, logged under this request id.", ApiError("Something went wrong on our side.")),
    502: ("BadGateway", "An outside service refuses ours; it is logged.", Upstream("It refuses this service.", 502)),
    507: ("StorageFull", "There is no room to store it; nothing was kept.", StorageFull()),
    503: ("Unavailable", "The database or another part is away; see Retry-After.", DatabaseAway()),
}


def ref(section: str, name: str) -> Json:
    return {"$ref": f"#/components/{section}/{name}"}


def schema_ref(name: str) -> Json:
    return ref("schemas", name)


def param(name: str) -> Json:
    return ref("parameters", name)


def headers() -> list[Json]:
    """The headers of every request that acts in an account."""
    return [param("AccountId"), param("NoAccountId"), param("RequestId")]


def object_schema(properties: Json, required: list[str] | None = None, *, closed: bool = False, **more: Any) -> Json:
    schema: Json = {"type": "object", "properties": properties, **more}
    if required:
        schema["required"] = required
    return schema | {"additionalProperties": False} if closed else schema


def list_of(schema: Json) -> Json:
    return {"type": "array", "items": schema}


def operation(
    operation_id: str,
    summary: str,
    tag: str,
    answers: Json,
    *,
    parameters: list[Json] | None = None,
    body: Json | None = None,
    description: str = "",
    failures: tuple[int, ...] = (),
) -> Json:
    """An operation with the failures that every request can meet, and those named. `answers`: status → response."""
    met = {400, 401, 403, 429, 500, 503, *failures} | ({413} if body else set())
    described: Json = {
        "operationId": operation_id,
        "summary": summary,
        "tags": [tag],
        "description": description or f"{summary}.",  # linters want one
    }
    if parameters:
        described["parameters"] = parameters
    if body:
        described["requestBody"] = body
    return described | {
        "responses": answers | {str(status): ref("responses", FAILURES[status][0]) for status in sorted(met)}
    }


def json_content(schema: Json, example: Any) -> Json:
    return {"application/json": {"schema": schema, "example": example}}


def body_of(schema: Json, example: Any) -> Json:
    return {"required": True, "content": json_content(schema, example)}


def enveloped(schema: Json, *, listed: bool = False) -> Json:
    return object_schema({"data": schema, "meta": schema_ref("ListMeta" if listed else "Meta")}, ["data", "meta"])


def success(schema: Json, example: Any, description: str = "", *, listed: bool = False, status: int = 200) -> Json:
    """An answer in the envelope; `schema` is of its data."""
    phrase = HTTPStatus(status).phrase
    meta = SUCCESS_META | {"status_code": status, "status_message": phrase} | (LIST_META if listed else {})
    return answer_in(enveloped(schema, listed=listed), {"data": example, "meta": meta}, description or phrase)


def answer_in(schema: Json, example: Any, description: str = "OK", headers: tuple[str, ...] = ()) -> Json:
    named = {name: {"schema": TEXT} for name in ("x-request-id", *headers)}
    return {"description": description, "headers": named, "content": json_content(schema, example)}


def shared_responses() -> Json:
    responses: Json = {"NotModified": {"description": "Unchanged since the ETag in If-None-Match."}}
    for status, (name, description, error) in FAILURES.items():
        meta = SUCCESS_META | {"success": False, "status_code": status, "status_message": error.message}
        example = {"data": None, "meta": meta | {"details": error.details()}}
        responses[name] = answer_in(schema_ref("Failure"), example, description, tuple(error.headers))
    return responses


def parameter(name: str, description: str, schema: Json, example: Any, where: str = "query", **more: Any) -> Json:
    """The example of a simple value stands in its schema: one beside it would be filled in by /docs, and sent."""
    if "$ref" in schema:
        more |= {"example": example}
    else:
        schema = schema | {"examples": [example]}
    return {"name": name, "in": where, "description": description, "schema": schema, **more}


def path_parameter(name: str, type_name: str) -> Json:
    return parameter(name, f"The id of the {type_name}.", ID_SCHEMA, ID, "path", required=True)


def _one_of(choices: Any, default: str | None = None) -> Json:
    return {"type": "string", "enum": list(choices)} | ({"default": default} if default else {})


def _number(least: int, most: int, default: int) -> Json:
    return {"type": "integer", "minimum": least, "maximum": most, "default": default}


PARAMETERS: Final[dict[str, Json]] = {
    "AccountId": parameter("x-account-id", "The account to act in.", ID_SCHEMA, ID, "header"),
    "NoAccountId": parameter(
        "x-no-account-id", "All accounts, for keys and tokens that may.", _one_of(["bypass"]), "bypass", "header"
    ),
    "RequestId": parameter(
        "x-request-id",
        "Names the request in the answer and in the logs.",
        {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
        "5f2b8c1e9a7d4e30",
        "header",
    ),
    "IfMatch": parameter("If-Match", "Only if the object still has this ETag.", TEXT, '"0f1e2d3c4b5a6978"', "header"),
    "IfNoneMatch": parameter("If-None-Match", "The ETag that is known.", TEXT, '"0f1e2d3c4b5a6978"', "header"),
    "IdempotencyKey": parameter(
        "Idempotency-Key",
        "The same key and body within 24 hours get the first answer again.",
        {"type": "string", "maxLength": 255},
        "order-17",
        "header",
    ),
    "IgnoreExtraFields": parameter(
        "x-ae-ignore-extra-fields", "Drops fields that are unknown or read-only.", FLAG, True, "header"
    ),
    "Fields": parameter("fields", "Only these columns, separated by commas.", TEXT, "id"),
    "Enabled": parameter("enabled", "Rows by `enable`.", _one_of(STATES["enabled"], "enabled"), "all"),
    "Hidden": parameter("hidden", "Rows by `hide`.", _one_of(STATES["hidden"], "not_hidden"), "all"),
    "Versions": parameter("versions", "`all`: former versions, too.", _one_of(VERSIONS, "current"), "all"),
    "Limit": parameter("limit", "Rows in one answer.", _number(1, MAX_LIMIT, DEFAULT_LIMIT), 25),
    "Offset": parameter("offset", "Rows to skip. For many pages take `cursor`.", _number(0, MAX_OFFSET, 0), 0),
    "Cursor": parameter("cursor", "`meta.next_cursor` of the page before.", TEXT, ""),
    "OrderBy": parameter("order_by", "Columns, separated by commas; - descends.", TEXT, "-updated_on,id"),
    "ForObjType": parameter("for_obj_type", "With `for_obj_id`: only what hangs on that object.", TEXT, "account"),
    "ForObjId": parameter("for_obj_id", "See `for_obj_type`.", ID_SCHEMA, ID),
    "IncTotal": parameter("inc_total", "Adds `meta.total`: how many rows there are.", FLAG, True),
    "Export": parameter("export", "All rows as a file, and not as JSON.", _one_of(WRITERS), "csv"),
    "Method": parameter("method", "How to delete.", _one_of(METHODS), "hide"),
}
