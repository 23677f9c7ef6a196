"""The API as a WSGI application: `gunicorn aether.wsgi`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aether.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402

application = WSGIHandler()
if settings.AETHER_FAST_PATHS:
    from aether.fast.handler import FastHandler

    application = FastHandler()
