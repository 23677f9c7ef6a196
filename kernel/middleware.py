"""Around every request: its id, its answer to anything that escaped, and its line in the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict

from kernel.envelope import failure_for
from kernel.metrics import count_request
from kernel.request_context import begin_request

log = logging.getLogger("crud.request")
BODILESS = (204, 304)
NO_PARAMETERS = QueryDict()
NOT_LOOKED_FOR = ("process", "processName", "thread", "threadName")
SAME = vars(log.makeRecord(log.name, logging.INFO, __file__, 0, "%s %s %s", (), None)) | dict.fromkeys(NOT_LOOKED_FOR)
"""What the records of all requests have in common; finding it out anew would cost more than writing the line. Process
and thread are none of it: no line names them, and `aether.logs` lets nobody look for them."""
LOGGING_SINCE = SAME["created"] - SAME["relativeCreated"] / 1000


class RequestMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        request_id = begin_request(request.META)
        if not request.META.get("QUERY_STRING"):
            request.GET = NO_PARAMETERS  # Django would parse the empty text
        with_token = True
        try:
            response = self.get_response(request)
            with_token = "jwt" in request.GET  # in here, as it fails on too many parameters
        except Exception as error:  # noqa: BLE001  (the last resort: whatever it is, the caller gets the envelope)
            response = failure_for(error)
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
        if log.isEnabledFor(logging.INFO):
            log.handle(record_of(request, response.status_code, request_id, seconds))
        return response


def record_of(request: HttpRequest, status: int, request_id: str, seconds: float) -> logging.LogRecord:
    """What `log.info` makes, without looking for whoever called it."""
    principal = getattr(request, "principal", None)
    record = logging.LogRecord.__new__(logging.LogRecord)
    now = time.time()
    record.__dict__ = {
        **SAME,
        "args": (request.method, request.path, status),
        "created": now,
        "msecs": now % 1 * 1000,
        "relativeCreated": (now - LOGGING_SINCE) * 1000,
        "request_id": request_id,
        "account": (principal.account_public_id or "") if principal else "",
        "key": principal.key_name if principal else "",
        "status": status,
        "milliseconds": round(seconds * 1000, 2),
    }
    return record
