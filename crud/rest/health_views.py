"""/health/live: this process answers. /health/ready: so does what it needs (contract section 11)."""

from __future__ import annotations

from crud.rest.requests import ApiRequest
from crud.rest.responses import ApiResponse
from crud.rest.views import OpenView
from kernel.errors import Unavailable
from kernel.health import PARTS, parts_away


class LiveView(OpenView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: ApiRequest) -> ApiResponse:
        return self.answer({"live": True})


class ReadyView(OpenView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: ApiRequest) -> ApiResponse:
        away = parts_away()
        if away:
            return self.failure(Unavailable(f"Not ready: {', '.join(away)}."))
        return self.answer({"ready": True, "parts": dict.fromkeys(PARTS, True)})
