"""The API as a WSGI application: `gunicorn aether.wsgi`."""

import os
from typing import Any

from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aether.settings")

application = get_wsgi_application()

# What Django does around each request without effect here: forgetting queries that only DEBUG keeps, closing caches,
# whose connections are to be kept, and looking at all connections, of which only a broken one is to be closed.
from django.core.cache import close_caches  # noqa: E402
from django.db import close_old_connections, connection, reset_queries  # noqa: E402


def close_broken_connection(**_: Any) -> None:
    if connection.in_atomic_block:
        return  # of whoever calls the application from within, as tests do
    if connection.errors_occurred or not connection.autocommit:
        connection.close_if_unusable_or_obsolete()


request_started.disconnect(reset_queries)
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
request_finished.connect(close_broken_connection)
