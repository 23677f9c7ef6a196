"""The endpoint's part of the OpenAPI document; its tools describe themselves, by `tools/list`."""

from __future__ import annotations

from typing import Any, Final

from crud.describe.openapi import describe
from crud.describe.openapi.parts import operation

MESSAGE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "jsonrpc": {"const": "2.0"},
        "id": {"type": ["integer", "string"]},
        "method": {"type": "string"},
        "params": {"type": "object"},
    },
    "required": ["jsonrpc", "method"],
}
EXAMPLE: Final = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ANSWER: Final = {"jsonrpc": "2.0", "id": 1, "result": {"tools": ["…"]}}


def describe_endpoint() -> None:
    item = operation(
        "post_mcp",
        "The Model Context Protocol, for agents",
        "mcp",
        {
            "200": {
                "description": "The answer to the message, as JSON-RPC has it.",
                "content": {"application/json": {"schema": {"type": "object"}, "example": ANSWER}},
            },
            "202": {"description": "A notification was taken."},
        },
        body={"required": True, "content": {"application/json": {"schema": MESSAGE, "example": EXAMPLE}}},
        description="Streamable HTTP without sessions: each message stands alone. See docs/agents.md.",
        failures=(),
    )
    describe("/v3/mcp", {"post": item})
