"""/health/live: this process answers. /health/ready: so does what it needs (contract section 11)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from crud.api_view import OpenView
from kernel.envelope import answer, failure
from kernel.errors import Unavailable
from kernel.health import PARTS, parts_away


class LiveView(OpenView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return answer({"live": True})


class ReadyView(OpenView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        away = parts_away()
        if away:
            return failure(Unavailable(f"Not ready: {', '.join(away)}."))
        return answer({"ready": True, "parts": dict.fromkeys(PARTS, True)})
