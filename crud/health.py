"""/health/live: this process answers. /health/ready: so does what it needs (contract section 11)."""

from __future__ import annotations

import logging
import secrets

from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from rest_framework.request import Request

from crud.api_view import OpenView
from crud.envelope import answer, failure
from crud.errors import Unavailable

log = logging.getLogger("crud.health")


class LiveView(OpenView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: Request) -> HttpResponse:
        return answer({"live": True})


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def _cache() -> None:
    key, value = f"health:{secrets.token_hex(4)}", secrets.token_hex(4)
    cache.set(key, value, 10)
    if cache.get(key) != value:
        raise RuntimeError("the cache did not keep a value")
    cache.delete(key)


CHECKS = {"database": _database, "cache": _cache}


class ReadyView(OpenView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: Request) -> HttpResponse:
        away = []
        for name, check in CHECKS.items():
            try:
                check()
            except Exception as error:  # whatever is wrong with a part, it is not ready
                log.error("%s is not ready", name, exc_info=error)
                connection.close()
                away.append(name)
        if away:
            return failure(Unavailable(f"Not ready: {', '.join(away)}."))
        return answer({"ready": True, "parts": dict.fromkeys(CHECKS, True)})
