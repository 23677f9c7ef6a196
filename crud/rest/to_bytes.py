"""A browser that is led to an object which stands for a file gets the file: 307 to where its bytes are."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpResponse

from crud.declare.object_type import ObjectType
from crud.declare.values import parse_boolean
from crud.rest.requests import ApiRequest
from kernel.errors import Invalid
from kernel.query_parameters import JWT

RETURN_FILE = "return_file"


def wants_bytes(request: ApiRequest) -> bool:
    """Whether the caller navigates, or asks for it: `?return_file=true`. Raises Invalid."""
    if request.method not in ("GET", "HEAD"):
        return False
    given = request.parameters
    if RETURN_FILE in given:
        try:
            return parse_boolean(given[RETURN_FILE])
        except ValidationError as error:
            raise Invalid.field(RETURN_FILE, error.messages[0]) from None
    return prefers_html(request._request.META.get("HTTP_ACCEPT", ""))


def leads_to_bytes(request: ApiRequest, object_type: ObjectType | None) -> bool:
    """Whether an object of the type stands for a file, and the caller wants that."""
    return object_type is not None and bool(object_type.bytes_at) and wants_bytes(request)


def redirect_to_bytes(request: ApiRequest, object_type: ObjectType, public_id: str) -> HttpResponse:
    given = request.parameters
    query = urlencode({JWT: given[JWT]}) if JWT in given else ""
    place = object_type.bytes_at.format(id=public_id)
    headers = {"Location": f"{place}?{query}" if query else place, "Cache-Control": "private, no-store"}
    return HttpResponse(status=307, headers=headers)


def prefers_html(accept: str) -> bool:
    """RFC 9110 section 12.5.1, as far as text/html and application/json go."""
    weights: dict[str, float] = {}
    for part in accept.lower().split(","):
        media, *parameters = (word.strip() for word in part.split(";"))
        quality = next((word[2:] for word in parameters if word.startswith("q=")), "1")
        weights[media] = float(quality) if quality.replace(".", "", 1).isdecimal() else 0.0
    return weights.get("text/html", 0.0) > weights.get("application/json", 0.0)
