"""POST /v3/mcp: the Model Context Protocol over HTTP, under the caller's own key."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from django.http import HttpResponse

from crud import ApiRequest, ApiView
from kernel.envelope import to_json
from kernel.query_parameters import refuse_unknown


class McpView(ApiView):
    http_method_names = ["post", "options"]

    def post(self, request: ApiRequest) -> HttpResponse:
        refuse_unknown(request.parameters)
        # Imported when first asked for: the SDK takes a second, and most processes never serve an agent.
        from agents.server import exchange

        answer: HttpResponse = async_to_sync(exchange)(request, to_json(request.data))
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
