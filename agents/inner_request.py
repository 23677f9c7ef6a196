"""An agent's call as a request of the API: the view of /v3/crud answers it, as it would answer the caller itself."""

from __future__ import annotations

import io
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest

from agents.tools import ApiCall
from crud import VIA, ObjectView
from kernel.envelope import to_json

KEPT: Final = (
    *("HTTP_X_AETHER_API_KEY", "HTTP_X_ACCOUNT_ID", "HTTP_X_NO_ACCOUNT_ID", "HTTP_AUTHORIZATION"),
    *("HTTP_ORIGIN", "HTTP_X_FORWARDED_FOR", "REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL"),
    *("HTTP_HOST", "wsgi.url_scheme", "HTTP_X_AETHER_API_TOKEN"),
)
"""Who calls, and from where."""

_crud: Final = ObjectView.as_view()


def ask(outer: HttpRequest, call: ApiCall) -> dict[str, Any]:
    """The envelope of the answer."""
    body = to_json(call.body) if call.body is not None else b""
    environ = {name: outer.META[name] for name in KEPT if name in outer.META}
    if (tokens := outer.GET.getlist("jwt")) and "HTTP_AUTHORIZATION" not in environ:
        environ["HTTP_AUTHORIZATION"] = f"Bearer {tokens[0]}"
    environ |= {f"HTTP_{name}": value for name, value in call.headers.items()}
    environ |= {
        "REQUEST_METHOD": call.method,
        "PATH_INFO": f"/v3/crud/{call.path}".encode().decode("latin-1"),  # as WSGI has it
        "QUERY_STRING": urlencode(call.query),
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        VIA: "mcp",
    }
    answer = _crud(WSGIRequest(environ), path=call.path)
    envelope: dict[str, Any] = orjson.loads(answer.content)  # type: ignore[attr-defined]
    return envelope
