"""A request of V1 or V2 → the one that V3 would have got; V3's answer → the one that the caller expects."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode

import orjson
from django.core.exceptions import ValidationError
from django.core.handlers.wsgi import WSGIRequest

from crud import ApiRequest, ObjectType
from kernel.envelope import failure, to_json
from kernel.errors import Invalid, NotFound
from kernel.internet_names import normal_host_name
from kernel.request_context import set_caller
from legacy.jp import read_jp
from legacy.names import new_payload, old_details, old_row
from legacy.query import new_query
from legacy.routes import V3, OldRoute

OF_LISTS = ("count", "limit", "offset", "next_cursor", "total")


def new_request(request: ApiRequest, route: OldRoute) -> WSGIRequest:
    """V3's method and path, with query and body as they are."""
    return _asked(request, route, {})


def translated_request(request: ApiRequest, route: OldRoute, object_type: ObjectType) -> WSGIRequest:
    """The same, with query and body in V3's words. Raises Invalid, TooLarge, NotFound."""
    query, body = dict(request.parameters), b""
    if route.fqdn is not None:
        body = to_json(_domain_search(route.fqdn))
    elif route.kind == "search":
        search, within = read_jp(object_type, query.pop("jp"))
        for name in within:
            if name in query:
                raise Invalid.field(name, "It is there in jp and beside it.")
        query |= within
        body = json.dumps(search).encode()
    elif request.method in ("POST", "PATCH"):
        body = json.dumps(new_payload(object_type, request.data)).encode()
    environ = {"QUERY_STRING": urlencode(new_query(object_type, query))}
    return _asked(request, route, environ | _with_body(body) if body else environ)


def _asked(request: ApiRequest, route: OldRoute, more: dict[str, Any]) -> WSGIRequest:
    """A request on the caller's behalf, which has been let in already."""
    method = "POST" if route.kind == "search" and request.method in route.methods else request.method
    path = route.successor.encode().decode("latin-1")  # as WSGI spells paths
    environ = {name: value for name, value in request.META.items() if name != "HTTP_CONTENT_ENCODING" or not more}
    inner = WSGIRequest({**environ, "REQUEST_METHOD": method, "PATH_INFO": path, **more})
    set_caller(inner, request.principal)
    return inner


def _with_body(body: bytes) -> dict[str, Any]:
    return {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}


def _domain_search(fqdn: str) -> dict[str, Any]:
    try:
        return {"and": [{"field": "fqdn", "op": "eq", "value": normal_host_name(fqdn)}]}
    except ValidationError:
        raise NotFound("There is no such domain.") from None  # no domain has such a name


def translate_answer(response: Any, route: OldRoute, object_type: ObjectType) -> Any:
    if not response.headers.get("Content-Type", "").startswith("application/json"):
        return response  # 304
    body = orjson.loads(response.content)
    data, meta = body["data"], body["meta"]
    if route.fqdn is not None and isinstance(data, list):
        if not data:
            return failure(NotFound("There is no such domain."))
        data = data[0]
        body["meta"] = {name: value for name, value in meta.items() if name not in OF_LISTS}
    if isinstance(data, dict):
        body["data"] = old_row(object_type, data)
    elif isinstance(data, list):
        body["data"] = [old_row(object_type, row) for row in data]
    if "details" in meta:
        meta["details"] = old_details(object_type, meta["details"])
        meta["status_message"] = meta["details"]["message"]
    if location := response.headers.get("Location"):
        response.headers["Location"] = location.replace(V3, route.prefix, 1)
    response.content = to_json(body)
    return response
