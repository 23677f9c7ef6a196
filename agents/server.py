"""The protocol, as the `mcp` SDK speaks it: one message in, one answer out, and nothing kept in between."""

from __future__ import annotations

import logging
from contextvars import ContextVar
from typing import Any, Final

import mcp_types as types
from asgiref.sync import sync_to_async
from django.conf import settings
from django.http import HttpResponse
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from pydantic import ValidationError

from agents.inner_request import ask
from agents.results import refusal, told
from agents.tools import TOOLS
from crud import ApiRequest

log = logging.getLogger("agents")
logging.getLogger("mcp").setLevel(logging.WARNING)  # it says each message at INFO

INSTRUCTIONS: Final = """\
Aether holds the data of an association or conference: events, sessions, people, journals, files. You act with the
rights of the caller's API key, in its account. Begin with list_types, read get_schema of a type before you search or
write it. Ids are short texts; never guess one. Every change is kept in the change log under your key.\
"""

_outer: ContextVar[ApiRequest] = ContextVar("outer_request")


async def list_tools(context: Any, params: Any) -> types.ListToolsResult:
    return types.ListToolsResult(
        tools=[
            types.Tool(
                name=name,
                description=arguments.__doc__,
                input_schema=arguments.model_json_schema(),
                annotations=types.ToolAnnotations(
                    read_only_hint=reads, destructive_hint=name == "update", open_world_hint=False
                ),
            )
            for name, (arguments, reads) in TOOLS.items()
        ]
    )


async def call_tool(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
    # The ORM belongs to the thread of the request; its context (who acts, in which account) comes along.
    text, failed = await sync_to_async(_call_tool, thread_sensitive=True)(params.name, params.arguments or {})
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=failed)


def _call_tool(name: str, given: dict[str, Any]) -> tuple[str, bool]:
    """(text, whether it failed)."""
    if name not in TOOLS:
        return f"There is no such tool. There are: {', '.join(TOOLS)}.", True
    try:
        arguments = TOOLS[name][0].model_validate(given)
    except ValidationError as error:
        problems = (f"{'.'.join(map(str, one['loc'])) or name}: {one['msg']}" for one in error.errors())
        return "; ".join(problems)[:2_000], True
    envelope = ask(_outer.get(), arguments.call())
    status = envelope["meta"]["status_code"]
    log.info("tool %s %s", name, status, extra={"tool": name, "status": status})
    return (told(envelope), False) if envelope["meta"]["success"] else (refusal(envelope), True)


server: Final[Server[Any]] = Server(
    "aether",
    version=settings.AETHER_VERSION,
    title="Aether",
    instructions=INSTRUCTIONS,
    on_list_tools=list_tools,
    on_call_tool=call_tool,
)


async def exchange(request: ApiRequest, body: bytes) -> HttpResponse:
    """Hand one message to the SDK, as an ASGI server would."""
    _outer.set(request)
    answer = HttpResponse()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            answer.status_code = message["status"]
            for name, value in message.get("headers", []):
                answer.headers[name.decode("latin-1")] = value.decode("latin-1")
        else:
            answer.write(message.get("body", b""))

    # Aether's key is asked for before; a page that a browser was tricked into showing has none.
    manager = StreamableHTTPSessionManager(
        app=server, json_response=True, stateless=True, max_request_body_size=settings.AETHER_MAX_BODY_BYTES + 1
    )
    async with manager.run():
        await manager.handle_request(_scope(request, body), receive, send)
    return answer


def _scope(request: ApiRequest, body: bytes) -> dict[str, Any]:
    names = ("accept", "mcp-protocol-version", "mcp-method", "mcp-name")
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() in names}
    headers |= {"content-type": "application/json", "content-length": str(len(body))}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": request.scheme,
        "path": request.path,
        "raw_path": request.path.encode("ascii", "ignore"),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers.items()],
        "client": None,
        "server": None,
    }
