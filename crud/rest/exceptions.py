"""EXCEPTION_HANDLER: where an exception of a view becomes an answer."""

from __future__ import annotations

from typing import Any

from rest_framework import exceptions

from crud.rest.responses import ApiResponse
from kernel.envelope import logged_error
from kernel.errors import ApiError, Invalid, MethodNotAllowed, NotFound, Refused, Throttled, Unauthenticated


def handle(error: Exception, context: dict[str, Any]) -> ApiResponse:
    view = context["view"]
    response: ApiResponse = view.failure(of_framework(error, view) or logged_error(error))
    return response


def of_framework(error: Exception, view: Any) -> ApiError | None:
    """REST framework's own exceptions, in our words."""
    match error:
        case exceptions.MethodNotAllowed():
            return MethodNotAllowed(view.allowed_methods)
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return Unauthenticated()
        case exceptions.PermissionDenied():
            return Refused(str(error.detail))
        case exceptions.Throttled():
            return Throttled(int(getattr(error, "wait", None) or 1), "The requests for the minute are used up; wait.")
        case exceptions.NotFound():
            return NotFound(str(error.detail))
        case exceptions.APIException():
            return Invalid(str(error.detail), status=error.status_code)
    return None
