"""/health/live: this process answers. /health/ready: so does what it needs (contract section 11). /v3/: the doors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings

from crud.rest.requests import ApiRequest
from crud.rest.responses import ApiResponse
from crud.rest.views import OpenView
from kernel.errors import Unavailable
from kernel.health import PARTS, parts_away
from kernel.pending_migrations import pending_migrations

DOORS = {
    "docs": "/docs",
    "openapi": "/v3/schema/",
    "objects": "/v3/crud/",
    "lookups": "/v3/lookup/country/",
    "sign_in": "/v3/auth/login",
    "websocket": "/v3/ws",
    "agents": "/v3/mcp",
    "health": "/health",
    "admin": "/admin/",
}


class DoorsView(OpenView):
    """/v3/: where things are, for whoever comes without a map."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: ApiRequest) -> ApiResponse:
        return self.answer({"service": "Aether", "version": settings.AETHER_VERSION, "doors": DOORS})


class LiveView(OpenView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: ApiRequest) -> ApiResponse:
        return self.answer({"live": True})


class ReadyView(OpenView):
    http_method_names = ["get", "head", "options"]
    may_read_names: Callable[[dict[str, Any]], bool] = staticmethod(lambda meta: False)
    """Whether whoever asks (by request.META) may know the names of migrations; given by aether/urls.py."""

    def get(self, request: ApiRequest) -> ApiResponse:
        away = parts_away()
        if away:
            error = Unavailable(f"Not ready: {', '.join(away)}.")
            if "migrations" in away and "database" not in away and (names := pending_migrations()):
                error.extra["migrations"] = {"pending": len(names)}
                if self.may_read_names(request.META):
                    error.extra["migrations"]["names"] = names
            return self.failure(error)
        return self.answer({"ready": True, "parts": dict.fromkeys(PARTS, True)})
