"""The WSGI handler, past what Django does around every request without effect here.

Left out, of Django 5.2: `WSGIRequest.__init__` for reads without a body (script name, encodings, content type,
LimitedStream); the walk through the URLs, `resolver_match`'s making and the middlewares' `process_view` hooks for
/v3/crud, which let the API pass; signals' receivers that forget queries only DEBUG keeps, close caches whose
connections are to be kept, look at connections of which only a broken one is to be closed, and go back to the root of
the URLs, which nobody leaves. Leans on `_middleware_chain`, `_resource_closers`, `_handler_class`, `_stream`,
`_read_started`, `_get_response`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import Any

from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.signals import request_finished, request_started
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections, reset_queries
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch
from django.utils.log import log_response

from crud import route

OBJECTS_PREFIX = "/v3/crud/"


@lru_cache(maxsize=1_024)
def match_of(view: Callable[..., Any], template: str) -> ResolverMatch:
    """For metrics: which route it was, and which view."""
    return ResolverMatch(view, (), {}, route=f"v3/crud/{template}")


def close_broken_connection() -> None:
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.in_atomic_block:
        return  # of whoever calls the application from within, as tests do
    if connection.errors_occurred or not connection.autocommit:
        connection.close_if_unusable_or_obsolete()


class ObjectRead(WSGIRequest):
    """A request without a body, under no other root than /, whose path Django would leave as it is."""

    def __init__(self, environ: dict[str, Any]) -> None:
        self.environ = self.META = environ
        self.path = self.path_info = environ["PATH_INFO"]
        environ["SCRIPT_NAME"] = ""
        self.method = environ["REQUEST_METHOD"]
        self.content_type, self.content_params = "", {}
        self._stream = BytesIO()
        self._read_started = False
        self.resolver_match = None


def reads_objects(environ: dict[str, Any]) -> bool:
    path: str = environ.get("PATH_INFO", "")
    return (
        path.startswith(OBJECTS_PREFIX)
        and path.isascii()
        and environ["REQUEST_METHOD"] in ("GET", "HEAD")
        and not environ.get("CONTENT_LENGTH")
        and not environ.get("CONTENT_TYPE")
        and not environ.get("SCRIPT_NAME")
        and "SCRIPT_URL" not in environ
        and "REDIRECT_URL" not in environ
    )


class FastHandler(WSGIHandler):
    # Names of Django's own, which its types don't know.
    _middleware_chain: Callable[[HttpRequest], HttpResponseBase]

    def __init__(self) -> None:
        super().__init__()
        request_started.disconnect(reset_queries)
        request_started.disconnect(close_old_connections)
        request_finished.disconnect(close_old_connections)
        request_finished.disconnect(close_caches)
        request_finished.disconnect(reset_urlconf)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        """The body of what is asked most is ready, so that the request is over before it is sent: a server has a faster
        way for lists."""
        if not reads_objects(environ):
            return super().__call__(environ, start_response)
        request_started.send(sender=self.__class__, environ=environ)
        response: Any = self.get_response(ObjectRead(environ))
        response._handler_class = self.__class__
        start_response(f"{response.status_code} {response.reason_phrase}", [*response.items()])
        if response.streaming:
            return response
        response.close()
        return [response.content]

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Django's own, but for naming the root of the URLs."""
        response: Any = self._middleware_chain(request)
        response._resource_closers += (request.close, close_broken_connection)
        if response.status_code >= 400:
            log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        return response  # type: ignore[no-any-return]

    def _get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Most requests are for objects: their router is asked at once."""
        path = request.path_info
        if path.startswith(OBJECTS_PREFIX) and "\n" not in path:
            matched = route(path[len(OBJECTS_PREFIX) :])
            request.resolver_match = match_of(matched.target.view, matched.template)
            return matched.answer(request)
        return super()._get_response(request)  # type: ignore[misc,no-any-return]  # as above
