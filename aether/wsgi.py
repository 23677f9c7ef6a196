"""The API as a WSGI application: `gunicorn aether.wsgi`."""

import os

from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aether.settings")

application = get_wsgi_application()

# What Django does around each request without effect here: forgetting queries that only DEBUG keeps, looking for stale
# connections before a request as it did after the last one, and closing caches, whose connections are to be kept.
from django.core.cache import close_caches  # noqa: E402
from django.db import close_old_connections, reset_queries  # noqa: E402

request_started.disconnect(reset_queries)
request_started.disconnect(close_old_connections)
request_finished.disconnect(close_caches)
