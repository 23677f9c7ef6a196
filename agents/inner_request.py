"""An agent's call as a request of the API: the view of /v3/crud answers it, as it would answer the caller itself."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from django.core.handlers.wsgi import WSGIRequest

from agents.tools import ApiCall
from crud import ApiRequest, route
from kernel.envelope import to_json
from kernel.request_context import set_caller

KEPT: Final = ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "HTTP_HOST", "wsgi.url_scheme", "REMOTE_ADDR")


def ask(outer: ApiRequest, call: ApiCall) -> dict[str, Any]:
    """The envelope of the answer."""
    body = to_json(call.body) if call.body is not None else b""
    environ: dict[str, Any] = {name: outer.META[name] for name in KEPT if name in outer.META}
    environ |= {f"HTTP_{name}": value for name, value in call.headers.items()}
    environ |= {
        "REQUEST_METHOD": call.method,
        "PATH_INFO": f"/v3/crud/{call.path}".encode().decode("latin-1"),  # as WSGI has it
        "QUERY_STRING": urlencode(call.query),
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    request = WSGIRequest(environ)
    set_caller(request, replace(outer.principal, via="mcp"))  # it has been let in already
    answer = route(call.path).answer(request)
    envelope: dict[str, Any] = orjson.loads(answer.content)  # type: ignore[attr-defined]
    return envelope
