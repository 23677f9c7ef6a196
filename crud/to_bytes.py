"""A browser that is led to an object which stands for a file gets the file: 307 to where its bytes are."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from crud.declare.object_type import ObjectType
from crud.declare.values import parse_boolean
from crud.routers import route_of
from kernel.errors import ApiError, Invalid

RETURN_FILE = "return_file"


def leads_to_bytes(request: HttpRequest, path: str) -> bool:
    """Whether the path is of such an object, and the caller navigates, or asks for it: `?return_file=true`."""
    if request.method not in ("GET", "HEAD") or not _wants_bytes(request):
        return False
    try:
        route = route_of(path)
    except ApiError:
        return False
    return route.kind == "object" and route.object_type is not None and bool(route.object_type.bytes_at)


def redirect_to_bytes(request: HttpRequest, object_type: ObjectType, public_id: str) -> HttpResponse:
    query = urlencode({"jwt": request.GET["jwt"]}) if "jwt" in request.GET else ""
    place = object_type.bytes_at.format(id=public_id)
    headers = {"Location": f"{place}?{query}" if query else place, "Cache-Control": "private, no-store"}
    return HttpResponse(status=307, headers=headers)


def _wants_bytes(request: HttpRequest) -> bool:
    if RETURN_FILE in request.GET:
        try:
            return parse_boolean(request.GET[RETURN_FILE])
        except ValidationError as error:
            raise Invalid.field(RETURN_FILE, error.messages[0]) from None
    return prefers_html(request.META.get("HTTP_ACCEPT", ""))


def prefers_html(accept: str) -> bool:
    """RFC 9110 section 12.5.1, as far as text/html and application/json go."""
    weights: dict[str, float] = {}
    for part in accept.lower().split(","):
        media, *parameters = (word.strip() for word in part.split(";"))
        quality = next((word[2:] for word in parameters if word.startswith("q=")), "1")
        weights[media] = float(quality) if quality.replace(".", "", 1).isdecimal() else 0.0
    return weights.get("text/html", 0.0) > weights.get("application/json", 0.0)
