"""The one shape of every answer (contract section 1): {"data": …, "meta": {…}}."""

from __future__ import annotations

import logging
from typing import Any, Final

import orjson
from django.core.exceptions import BadRequest, DisallowedHost, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, RawPostDataException, UnreadablePostError

from kernel.database_errors import TRANSLATED, translate
from kernel.errors import ApiError, Invalid, NotFound, Refused, TooLarge, TooSlow
from kernel.request_context import current_request_id, current_warnings

log = logging.getLogger("kernel.errors")
OPTIONS: Final = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
MESSAGES: Final = {200: "OK", 201: "Created", 202: "Accepted"}


def to_json(data: Any) -> bytes:
    """JSON as every answer has it. Datetimes without a zone are UTC, which is what the database holds."""
    return orjson.dumps(data, option=OPTIONS)


def enveloped(data: Any, status: int, message: str, more: dict[str, Any] | None = None) -> bytes:
    """`data` may be an orjson.Fragment; `more` is what a list or a failure adds to `meta`."""
    meta: dict[str, Any] = {
        "success": status < 400,
        "status_code": status,
        "status_message": message,
        "request_id": current_request_id(),
    }
    if more:
        meta |= more
    if warnings := current_warnings():
        meta["warnings"] = warnings
    return to_json({"data": data, "meta": meta})


def answer(
    data: Any,
    *,
    status: int = 200,
    message: str = "",
    headers: dict[str, str] | None = None,
    **meta: Any,
) -> HttpResponse:
    """A success that is made below the views. `data` may be an orjson.Fragment; `meta` holds what a list adds."""
    return json_response(enveloped(data, status, message or MESSAGES[status], meta), status, headers)


def failure(error: ApiError) -> HttpResponse:
    body = enveloped(None, error.http_status, error.message, {"details": error.details()})
    return json_response(body, error.http_status, error.headers)


def json_response(body: bytes, status: int, headers: dict[str, str] | None) -> HttpResponse:
    response = JsonResponse(body, status)
    response.headers["Cache-Control"] = "private, no-store" if status != 200 else "private, no-cache"
    if headers:
        for name, value in headers.items():
            response.headers[name] = value
    return response


class JsonResponse(HttpResponse):
    """An answer of ours that no view made."""

    _has_been_logged = True  # Django would log it again; see kernel.middleware

    def __init__(self, content: bytes, status: int) -> None:
        super().__init__(content, status=status, content_type="application/json")


def failure_for(error: Exception) -> HttpResponse:
    """The answer for any exception that no view has answered."""
    return failure(logged_error(error))


def logged_error(error: Exception) -> ApiError:
    """What clients are told of an exception. What is no refusal of ours is a defect: 500, with its trace in the log."""
    known = as_api_error(error)
    if known is None:
        log.error("unexpected %s", type(error).__name__, exc_info=error)
        return ApiError("Something went wrong on our side; it is logged under this request id.")
    if known.http_status >= 500:
        log.error("%s: %s", known.category, known.code, exc_info=error)
    return known


def as_api_error(error: Exception) -> ApiError | None:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, TRANSLATED):
        return translate(error)
    if isinstance(error, Http404):
        return NotFound("There is no such path.")
    if isinstance(error, PermissionDenied):
        return Refused("You may not do that.")
    if isinstance(error, UnreadablePostError):
        return TooSlow() if isinstance(error.__cause__, TimeoutError) else Invalid("The request broke off.")
    if isinstance(error, RequestDataTooBig):
        return TooLarge("The body is too large.")
    if isinstance(error, DisallowedHost):
        return Invalid("The Host header names no host of this server.")
    if isinstance(error, SuspiciousOperation | BadRequest | RawPostDataException):
        return Invalid("The request can't be read.")
    return None


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return failure(NotFound("There is no such path."))


def server_error(request: HttpRequest) -> HttpResponse:
    return failure(ApiError("Something went wrong on our side; it is logged under this request id."))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return failure_for(exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return failure_for(exception)
