"""What escaped every view: for people in the admin a page, for everybody else the envelope."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from kernel import envelope
from kernel.errors import Throttled
from kernel.request_context import current_request_id

FOR_PEOPLE: Final = "/admin/"
CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'none'; style-src 'unsafe-inline'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
WORDS: Final = {
    400: ("This request can't be read", "Go back and try again."),
    403: ("You may not see this", "Your role does not reach so far, or it belongs to another account."),
    404: ("There is no such page", "Perhaps the object was deleted, or the address is not quite right."),
    429: ("A moment, please", "Others of your account ask for much right now. Go back and try again."),
    500: ("Something went wrong on our side", "It is in the log, under the number below."),
}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 400) or envelope.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 403) or envelope.permission_denied(request, exception)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _page(request, 404) or envelope.page_not_found(request, exception)


def throttled(request: HttpRequest, error: Throttled) -> HttpResponse:
    page = _page(request, 429) or envelope.failure_for(error)
    page.headers["Retry-After"] = error.headers["Retry-After"]
    return page


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500) or envelope.server_error(request)


def _page(request: HttpRequest, status: int) -> HttpResponse | None:
    """It needs no database and no session: they may be what is broken."""
    if not request.path_info.startswith(FOR_PEOPLE):
        return None
    title, advice = WORDS[status]
    values = {"title": title, "advice": advice, "status": status, "request_id": current_request_id()}
    page = HttpResponse(render_to_string("kernel/error.html", values), status=status)
    page.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    page.headers["Cache-Control"] = "private, no-store"
    return page
