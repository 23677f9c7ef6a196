"""The API as a WSGI application: `gunicorn aether.wsgi`."""

import os
from typing import Any

import django
from django.core.handlers.base import reset_urlconf
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import ResolverMatch
from django.utils.log import log_response

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aether.settings")
django.setup(set_prefix=False)

# What Django does around each request without effect here: forgetting queries that only DEBUG keeps, closing caches,
# whose connections are to be kept, looking at all connections, of which only a broken one is to be closed, and going
# back to the root of the URLs, which nobody leaves.
from django.core.cache import close_caches  # noqa: E402
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections, reset_queries  # noqa: E402

from crud.urls import OBJECTS, objects  # noqa: E402

OBJECTS_PREFIX = "/v3/crud/"
OBJECTS_MATCH = ResolverMatch(objects, (), {}, route=OBJECTS)


def close_broken_connection(**_: Any) -> None:
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.in_atomic_block:
        return  # of whoever calls the application from within, as tests do
    if connection.errors_occurred or not connection.autocommit:
        connection.close_if_unusable_or_obsolete()


request_started.disconnect(reset_queries)
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
request_finished.disconnect(reset_urlconf)
request_finished.connect(close_broken_connection)


class Application(WSGIHandler):
    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Django's own, but for naming the root of the URLs."""
        response: HttpResponseBase = self._middleware_chain(request)
        response._resource_closers.append(request.close)
        if response.status_code >= 400:
            log_response("%s: %s", response.reason_phrase, request.path, response=response, request=request)
        return response

    def _get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Most requests are for objects: they go to their view without a walk through the patterns, and without what
        surrounds a view there (the middlewares' hooks, which let them pass, and looking for coroutines)."""
        path = request.path_info
        if path.startswith(OBJECTS_PREFIX) and "\n" not in path:
            request.resolver_match = OBJECTS_MATCH
            return objects(request, path=path.removeprefix(OBJECTS_PREFIX))
        response: HttpResponseBase = super()._get_response(request)
        return response


application = Application()
