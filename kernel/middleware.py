"""Around every request: its id, its answer to anything that escaped, and its line in the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from kernel.deadline import begin_deadline, end_deadline
from kernel.envelope import failure_for
from kernel.metrics import count_request
from kernel.request_context import begin_request, current_request_id

log = logging.getLogger("crud.request")
BODILESS: Final = (204, 304)
MESSAGE: Final = "%s %s %s"


class RequestMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        request_id = begin_request(request.META)
        begin_deadline()
        with_token = True
        try:
            response = self.get_response(request)
            with_token = "jwt" in request.GET  # in here, as it fails on too many parameters
        except Exception as error:  # noqa: BLE001  (the last resort: whatever it is, the caller gets the envelope)
            response = failure_for(error)
        finally:
            end_deadline()
        headers = response.headers
        headers["X-Request-Id"] = request_id
        headers.setdefault("X-Content-Type-Options", "nosniff")
        if isinstance(response, HttpResponse) and response.status_code not in BODILESS:
            headers.setdefault("Content-Length", str(len(response.content)))
        if with_token:
            headers["Referrer-Policy"] = "no-referrer"
            headers["Cache-Control"] = "private, no-store"
        seconds = time.perf_counter() - started
        count_request(request, response.status_code, seconds)
        self.write_line(request, response.status_code, seconds)
        return response

    def write_line(self, request: HttpRequest, status: int, seconds: float) -> None:
        log.info(MESSAGE, request.method, request.path, status, extra=fields_of(request, status, seconds))


def fields_of(request: HttpRequest, status: int, seconds: float) -> dict[str, Any]:
    """What the line of a request says besides its words."""
    principal = getattr(request, "principal", None)
    return {
        "request_id": current_request_id(),
        "account": (principal.account_public_id or "") if principal else "",
        "key": principal.key_name if principal else "",
        "status": status,
        "milliseconds": round(seconds * 1000, 2),
    }
