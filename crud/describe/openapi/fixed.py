"""The part of the document that is the same whatever types there are: shared schemas, tokens, health."""

from __future__ import annotations

from typing import Any, Final

from crud.declare.fields import Kind
from crud.declare.object_type import VERBS
from crud.describe.discovery import BOUNDS, ID_SCHEMA
from crud.describe.openapi.parts import (
    ID,
    MOMENT,
    TEXT,
    Json,
    body_of,
    headers,
    list_of,
    object_schema,
    operation,
    schema_ref,
    success,
)
from crud.read.search.grammar import ALIASES, ALL_OPERATORS, MAX_Q_LENGTH
from tenancy.principal import Role

NULLABLE_ID: Final[Json] = ID_SCHEMA | {"type": ["string", "null"]}
NULLABLE_TEXT: Final[Json] = {"type": ["string", "null"]}
WHEN: Final[Json] = {"type": "string", "format": "date-time"}
YES_NO: Final[Json] = {"type": "boolean"}
COUNT: Final[Json] = {"type": "integer", "minimum": 0}
NAMES: Final = list_of(TEXT)
ROLE: Final[Json] = {"type": "string", "enum": [role.label for role in Role]}
STAFF: Final = ("super", "manager", "administrator")
FLAGS: Final[Json] = dict.fromkeys(STAFF, YES_NO)
CATEGORIES: Final = (
    *("validation", "database_schema", "database_duplicate", "database_constraint", "database_connection"),
    *(
        "authentication",
        "permission",
        "not_found",
        "conflict",
        "payload_too_large",
        "throttled",
        "storage",
        "upstream",
        "internal",
    ),
)

SEARCH_EXAMPLE: Final[Json] = {"q": "annual meeting", "and": [{"field": "enable", "op": "eq", "value": True}]}
CHANGE_EXAMPLE: Final[Json] = {
    "obj_type": "event",
    "obj_id": ID,
    "action": "updated",
    "created_on": MOMENT,
    "principal": "key:46f35dfe43a5",
    "request_id": "5f2b8c1e9a7d4e30",
    "changes": {"name": ["Gala", "Annual gala"]},
}
TYPE_EXAMPLE: Final[Json] = {
    "name": "event_session",
    "title": "Event session",
    "alias": "session",
    "parents": ["event"],
    "children": ["event_presentation"],
    "views": ["default", "enriched"],
    "may": dict.fromkeys(VERBS, True),
}
TYPE_SCHEMA_EXAMPLE: Final[Json] = {"obj_type": "event_session", "table": "event_session", "columns": [], "fields": []}

SECURITY_SCHEMES: Final[Json] = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "x-aether-api-key", "description": "On every request."},
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "device": {"type": "http", "scheme": "bearer", "description": "A device's own token, which goes alone."},
    "jwt": {"type": "apiKey", "in": "query", "name": "jwt", "description": "The same token, for links."},
}
TAGS: Final = [
    {"name": "auth", "description": "Tokens"},
    {"name": "api", "description": "The API about itself"},
    {"name": "device", "description": "Machines in the rooms of an event, by their own tokens"},
    {"name": "lookup", "description": "Countries, subdivisions, time zones"},
    {"name": "health", "description": "For balancers and monitors"},
]


def _nodes() -> Json:
    node = schema_ref("SearchNode")
    return {"and": list_of(node), "or": list_of(node) | {"minItems": 1}, "not": node}


def _meta() -> dict[str, Json]:
    common = {"status_code": {"type": "integer"}, "status_message": TEXT, "request_id": TEXT}
    names = ["success", *common]
    common["warnings"] = NAMES
    success_meta = {"success": {"const": True}, **common}
    listed = {"count": COUNT, "limit": COUNT, "offset": COUNT, "next_cursor": NULLABLE_TEXT, "total": COUNT}
    details = {
        "category": {"type": "string", "enum": list(CATEGORIES)},
        "code": {"type": "integer"},
        "message": TEXT,
        "recoverable": YES_NO,
        "fields": {"type": "object", "additionalProperties": NAMES},
        "reason": {
            "type": "string",
            "enum": ["rate", "busy"],
            "description": "Of a 429: too many, or too much at once.",
        },
        "row": object_schema({"section": TEXT, "index": COUNT}, description="The entry of a bulk request."),
    }
    failed = {"success": {"const": False}, **common, "details": schema_ref("FailureDetails")}
    return {
        "Meta": object_schema(success_meta, names),
        "ListMeta": object_schema(success_meta | listed, [*names, "count", "limit", "offset", "next_cursor"]),
        "FailureDetails": object_schema(details, ["category", "code", "message", "recoverable"]),
        "Failure": object_schema(
            {"data": {"type": "null"}, "meta": object_schema(failed, [*names, "details"])}, ["data", "meta"]
        ),
    }


def _search() -> dict[str, Json]:
    operators = [*sorted(ALL_OPERATORS), *sorted(ALIASES)]
    condition = {
        "field": {"type": "string", "description": "A field, or `relation.field` one step up."},
        "op": {"type": "string", "enum": operators},
        "value": {"description": "A list for in, not_in, between; nothing for is_null, is_not_null."},
    }
    return {
        "Search": object_schema({"q": {"type": "string", "maxLength": MAX_Q_LENGTH}} | _nodes(), closed=True),
        "SearchNode": {"anyOf": [schema_ref("SearchCondition"), schema_ref("SearchGroup")]},
        "SearchCondition": object_schema(condition, ["field", "op"], closed=True),
        "SearchGroup": object_schema(_nodes(), closed=True, minProperties=1),
    }


def _discovery() -> dict[str, Json]:
    column = {
        "name": TEXT,
        "database_type": TEXT,
        "nullable": YES_NO,
        "default": {},
        "max_length": {"type": ["integer", "null"]},
        "unique": YES_NO,
        "indexed": YES_NO,
        "references": NULLABLE_TEXT,
    }
    field = {
        "name": TEXT,
        "type": {"type": "string", "enum": [kind.value for kind in Kind]},
        **dict.fromkeys(("required", "read_only", "nullable", "public"), YES_NO),
        "choices": list_of({}),
        "bounds": object_schema({name: {} for name in BOUNDS}),
        "help_text": TEXT,
        "operators": NAMES,
        "references": NULLABLE_TEXT,
    }
    schema = {
        "obj_type": TEXT,
        "table": TEXT,
        "columns": list_of(object_schema(column)),
        "fields": list_of(object_schema(field)),
        "views": {"type": "object", "additionalProperties": NAMES},
        **dict.fromkeys(("parents", "children", "searchable", "order_by"), NAMES),
        "roles": object_schema(dict.fromkeys(VERBS, ROLE)),
        "json_schema": object_schema({"create": {"type": "object"}, "update": {"type": "object"}}),
    }
    listed = {
        "name": TEXT,
        "title": TEXT,
        "alias": NULLABLE_TEXT,
        **dict.fromkeys(("parents", "children", "views"), NAMES),
        "may": object_schema(dict.fromkeys(VERBS, YES_NO)),
    }
    change = {
        "obj_type": TEXT,
        "obj_id": ID_SCHEMA,
        "action": {"enum": ["created", "updated", "deleted"]},
        "created_on": WHEN,
        "principal": TEXT,
        "request_id": TEXT,
        "changes": {"type": "object", "description": "Field → [old, new].", "additionalProperties": list_of({})},
    }
    return {"Type": object_schema(listed), "TypeSchema": object_schema(schema), "Change": object_schema(change)}


SCHEMAS: Final[dict[str, Json]] = _meta() | _search() | _discovery()


def _token(summary: str, name: str, path: str, fields: Json, example: Json, data: Json, **more: Any) -> dict[str, Json]:
    """A POST that deals in tokens: it needs a key, and no account."""
    body = body_of(fields, example)
    answer = success(object_schema(data), {key: EXAMPLES.get(key) for key in data})
    return {path: {"post": operation(name, summary, "auth", {"200": answer}, body=body, **more) | {"security": KEY}}}


KEY: Final[list[Json]] = [{"apiKey": []}]
JWT: Final = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJndWVzdCJ9.c2lnbmF0dXJl"
USER: Final = {"id": ID, "username": "ada", "email": "ada@example.org", "name": "Ada"}
EXAMPLES: Final[Json] = {
    "jwt": JWT,
    "access": JWT,
    "refresh": JWT,
    "expires_on": MOMENT,
    "account_id": ID,
    "site_id": ID,
    "event_id": ID,
    "exhibit_id": ID,
    "rep_name": "Grace Hopper",
    "role": "exhibitor",
    "user": USER,
    "roles": dict.fromkeys(STAFF, False),
    "valid": True,
    "use": "access",
    "logged_out": True,
    **dict.fromkeys(STAFF, False),
}
SESSION: Final[Json] = {
    "id": TEXT,
    "device": TEXT,
    "address": TEXT,
    "created_on": WHEN,
    "last_used_on": WHEN,
    "current": YES_NO,
}
SESSION_EXAMPLE: Final[Json] = {
    "id": "4f6c0a1d9be24d7e8f3b5a7c6d1e2f30",
    "device": "Mozilla/5.0 (X11; Linux x86_64)",
    "address": "192.0.2.7",
    "created_on": MOMENT,
    "last_used_on": MOMENT,
    "current": True,
}
USER_ID: Final[Json] = {"name": "user_id", "in": "query", "required": False, "schema": ID_SCHEMA}
PLACES: Final[Json] = {"jwt": TEXT, "expires_on": WHEN, "account_id": ID_SCHEMA, "site_id": ID_SCHEMA}
PAIR: Final[Json] = {
    "access": TEXT,
    "refresh": TEXT,
    "expires_on": WHEN,
    "account_id": NULLABLE_ID,
    "user": object_schema({"id": ID_SCHEMA, "username": TEXT, "email": NULLABLE_TEXT, "name": NULLABLE_TEXT}),
    "roles": object_schema(FLAGS),
}
EXHIBITOR: Final[Json] = {
    "jwt": TEXT,
    "expires_on": WHEN,
    **dict.fromkeys(("account_id", "event_id", "exhibit_id"), ID_SCHEMA),
    "rep_name": {"type": ["string", "null"]},
    "role": ROLE,
}
WHO: Final[Json] = {
    "key": object_schema({"name": TEXT, "prefix": TEXT, "read_only": YES_NO}),
    **dict.fromkeys(("account_id", "user_id", "site_id", "exhibit_id"), NULLABLE_ID),
    "rep_name": {"type": ["string", "null"]},
    "role": ROLE,
    "guest": YES_NO,
    "bypass": YES_NO,
    **FLAGS,
}
WHO_EXAMPLE: Final[Json] = {
    "key": {"name": "web", "prefix": "46f35dfe43a5", "read_only": False},
    "account_id": ID,
    "user_id": ID,
    "site_id": None,
    "exhibit_id": None,
    "rep_name": None,
    "role": "user",
    "guest": False,
    "bypass": False,
    **dict.fromkeys(STAFF, False),
}


def _one_name(*names: str, **others: Json) -> Json:
    """An object with exactly one of `names`, and the others."""
    properties = {**dict.fromkeys(names, TEXT), **others}
    return object_schema(properties, closed=True, oneOf=[{"required": [name, *others]} for name in names])


def _open(name: str, summary: str, tag: str, answer: Json) -> Json:
    """A GET without a key."""
    described = operation(name, summary, tag, {"200": answer})
    described["responses"] = {status: described["responses"][status] for status in ("200", "400", "500", "503")}
    return {"get": described | {"security": []}}


FIXED_PATHS: Final[dict[str, Json]] = {
    **_token(
        "Exchange a passcode of a site for a token",
        "authenticate_passcode",
        "/api/authenticate_passcode",
        object_schema({"site_id": ID_SCHEMA, "passcode": TEXT}, ["site_id", "passcode"], closed=True),
        {"site_id": ID, "passcode": "correct horse"},
        PLACES | FLAGS,
    ),
    **_token(
        "Exchange a passcode of an exhibit for a token",
        "authenticate_exhibit",
        "/api/authenticate_exhibit",
        object_schema(
            {"exhibit_id": ID_SCHEMA, "passcode": TEXT, "rep_name": TEXT}, ["exhibit_id", "passcode"], closed=True
        ),
        {"exhibit_id": ID, "passcode": "open the booth", "rep_name": "Grace Hopper"},
        EXHIBITOR,
    ),
    **_token(
        "A token for a visitor of a site",
        "guest_token",
        "/v3/auth/guest",
        _one_name("site_id", "fqdn"),
        {"fqdn": "demo.example.org"},
        PLACES,
        failures=(404,),
    ),
    **_token(
        "Sign in",
        "login",
        "/v3/auth/login",
        _one_name("username", "email", password=TEXT),
        {"username": "ada", "password": "correct horse battery"},
        PAIR,
    ),
    **_token(
        "Exchange a refresh token for a new pair",
        "refresh_token",
        "/v3/auth/refresh",
        object_schema({"refresh": TEXT}, ["refresh"], closed=True),
        {"refresh": JWT},
        PAIR,
    ),
    **_token(
        "Whether a token is good",
        "verify_token",
        "/v3/auth/verify",
        object_schema({"token": TEXT}, ["token"], closed=True),
        {"token": JWT},
        {"valid": YES_NO, "use": TEXT, "expires_on": WHEN},
    ),
    **_token(
        "End a refresh token and all that came from it",
        "logout",
        "/v3/auth/logout",
        object_schema({"refresh": TEXT}, ["refresh"], closed=True),
        {"refresh": JWT},
        {"logged_out": YES_NO},
    ),
    "/v3/auth/password/change": {
        "parameters": headers(),
        "post": operation(
            "change_password",
            "Change one's password",
            "auth",
            {"200": success(object_schema({"access": TEXT, "refresh": TEXT}), {"access": JWT, "refresh": JWT})},
            body=body_of(
                object_schema({"old": TEXT, "new": TEXT}, ["old", "new"], closed=True),
                {"old": "correct horse battery", "new": "seven green bottles"},
            ),
            description="All sessions of the user end; the one that asked goes on with the new pair.",
        ),
    },
    "/v3/auth/rules": {
        "parameters": headers(),
        "get": operation(
            "password_rules",
            "What a new password must be",
            "auth",
            {
                "200": success(
                    object_schema({"rules": list_of(object_schema({"code": TEXT, "text": TEXT})), "min_length": COUNT}),
                    {"rules": [{"code": "minimum_length", "text": "At least 10 characters."}], "min_length": 10},
                )
            },
        ),
    },
    "/v3/auth/sessions": {
        "parameters": [*headers(), USER_ID],
        "get": operation(
            "list_sessions",
            "Where one is signed in",
            "auth",
            {"200": success(list_of(object_schema(SESSION)), [SESSION_EXAMPLE])},
            description="Of the caller; with user_id, for managers, of a user of the account.",
            failures=(404,),
        ),
        "delete": operation(
            "end_sessions",
            "End all sessions but the one that asks",
            "auth",
            {"200": success(object_schema({"ended": COUNT}), {"ended": 2})},
            failures=(404,),
        ),
    },
    "/v3/auth/sessions/{session_id}": {
        "parameters": [
            *headers(),
            {"name": "session_id", "in": "path", "required": True, "schema": TEXT, "example": SESSION_EXAMPLE["id"]},
        ],
        "delete": operation(
            "end_session",
            "End a session",
            "auth",
            {"200": success(object_schema({"ended": COUNT}), {"ended": 1})},
            failures=(404,),
        ),
    },
    "/v3/auth/whoami": {
        "parameters": headers(),
        "get": operation("whoami", "Who is asking", "auth", {"200": success(object_schema(WHO), WHO_EXAMPLE)}),
    },
    "/v3/crud": {
        "parameters": headers(),
        "get": operation(
            "list_types", "The object types", "api", {"200": success(list_of(schema_ref("Type")), [TYPE_EXAMPLE])}
        ),
    },
    "/v3/schema": _open(
        "openapi",
        "This document",
        "api",
        {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}, "example": {}}}},
    ),
    "/health/live": _open(
        "live", "Whether the process answers", "health", success(object_schema({"live": YES_NO}), {"live": True})
    ),
    "/health/ready": _open(
        "ready",
        "Whether the parts that it needs answer too",
        "health",
        success(
            object_schema({"ready": YES_NO, "parts": {"type": "object"}}), {"ready": True, "parts": {"cache": True}}
        ),
    ),
}
