"""A request of V1 or V2 → the one that V3 would have got; V3's answer → the one that the caller expects."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import urlencode

import orjson
from django.core.exceptions import ValidationError
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, QueryDict

from crud import ObjectType
from kernel.envelope import failure, to_json
from kernel.errors import Invalid, NotFound
from kernel.internet_names import normal_host_name
from kernel.json_body import read_json
from kernel.query_parameters import single_values
from legacy.jp import read_jp
from legacy.names import new_payload, old_details, old_row
from legacy.query import new_query
from legacy.routes import V3, OldRoute

OF_LISTS = ("count", "limit", "offset", "next_cursor", "total")


def new_request(request: HttpRequest, route: OldRoute) -> WSGIRequest:
    """V3's method and path. Query and body are still the caller's: they are nobody's concern before the key."""
    method = "POST" if route.kind == "search" and request.method in route.methods else request.method
    path = route.successor.encode().decode("latin-1")  # as WSGI spells paths
    made = WSGIRequest({**request.META, "REQUEST_METHOD": method, "PATH_INFO": path})
    made.resolver_match = request.resolver_match
    return made


def translate_request(request: HttpRequest, route: OldRoute, object_type: ObjectType) -> None:
    """Put query and body into V3's words. Raises Invalid, TooLarge, NotFound."""
    query = single_values(request.GET)
    body: Any = None
    if route.fqdn is not None:
        body = _domain_search(route.fqdn)
    elif route.kind == "search":
        body, within = read_jp(object_type, query.pop("jp"))
        for name in within:
            if name in query:
                raise Invalid.field(name, "It is there in jp and beside it.")
        query |= within
    elif request.method in ("POST", "PATCH"):
        body = new_payload(object_type, read_json(request))
    _set_query(request, new_query(object_type, query))
    if body is not None:
        _set_body(request, json.dumps(body).encode())


def _domain_search(fqdn: str) -> dict[str, Any]:
    try:
        return {"and": [{"field": "fqdn", "op": "eq", "value": normal_host_name(fqdn)}]}
    except ValidationError:
        raise NotFound("There is no such domain.") from None  # no domain has such a name


def _set_query(request: HttpRequest, query: dict[str, str]) -> None:
    request.META["QUERY_STRING"] = urlencode(query)
    request.GET = QueryDict(request.META["QUERY_STRING"])


def _set_body(request: HttpRequest, body: bytes) -> None:
    request.META |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))}
    request.META.pop("HTTP_CONTENT_ENCODING", None)
    request._stream = io.BytesIO(body)


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
