"""The line of each request, without looking for whoever logs it.

Left out, of Python's logging and Django 5.2: `Logger.findCaller` and `LogRecord.__init__` (process, thread and task,
which no line names), which take longer than writing the line; and `QueryDict`'s reading of an empty text.
"""

from __future__ import annotations

import logging
import time

from django.http import HttpRequest, HttpResponseBase, QueryDict

from kernel.middleware import MESSAGE, RequestMiddleware, fields_of, log

NO_PARAMETERS = QueryDict()
NOT_LOOKED_FOR = ("process", "processName", "thread", "threadName")
SAME = vars(log.makeRecord(log.name, logging.INFO, __file__, 0, MESSAGE, (), None)) | dict.fromkeys(NOT_LOOKED_FOR)
"""What the records of all requests have in common."""
LOGGING_SINCE = SAME["created"] - SAME["relativeCreated"] / 1000


class FastRequestMiddleware(RequestMiddleware):
    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.META.get("QUERY_STRING"):
            request.GET = NO_PARAMETERS
        return super().__call__(request)

    def write_line(self, request: HttpRequest, status: int, seconds: float) -> None:
        if log.isEnabledFor(logging.INFO):
            log.handle(record_of(request, status, seconds))


def record_of(request: HttpRequest, status: int, seconds: float) -> logging.LogRecord:
    """What `log.info` makes."""
    record = logging.LogRecord.__new__(logging.LogRecord)
    now = time.time()
    record.__dict__ = {
        **SAME,
        "args": (request.method, request.path, status),
        "created": now,
        "msecs": now % 1 * 1000,
        "relativeCreated": (now - LOGGING_SINCE) * 1000,
        **fields_of(request, status, seconds),
    }
    return record
