"""POST /v3/mcp: tools that act under the caller's key, with its rights, in its account."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents import results
from agents.tools import TOOLS
from tests.conftest import Answer, Caller, Party

ACCEPT = "application/json, text/event-stream"


def send(caller: Caller, message: Any, **headers: str) -> Answer:
    return caller.post("/v3/mcp", message, accept=ACCEPT, **headers)


def call(caller: Caller, tool: str, /, **arguments: Any) -> tuple[bool, Any]:
    """(failed, what it said)."""
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    answer = send(caller, message)
    assert answer.status == 200, answer.body
    result = answer.body["result"]
    (content,) = result["content"]
    try:
        said = json.loads(content["text"])
    except ValueError:
        said = content["text"]
    return result["isError"], said


def done(caller: Caller, tool: str, /, **arguments: Any) -> Any:
    failed, said = call(caller, tool, **arguments)
    assert not failed, said
    return said


def refused(caller: Caller, tool: str, /, **arguments: Any) -> tuple[int, str]:
    failed, said = call(caller, tool, **arguments)
    assert failed, said
    return said["status"], said["category"]


def test_the_handshake_and_the_tools(north: Party) -> None:
    params = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    answer = send(north.member, {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
    assert answer.body["result"]["serverInfo"]["name"] == "aether"
    tools = send(north.member, {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}).body["result"]["tools"]
    assert [tool["name"] for tool in tools] == list(TOOLS)
    for tool in tools:
        assert tool["description"]
        assert tool["inputSchema"]["additionalProperties"] is False
        assert tool["annotations"]["readOnlyHint"] is TOOLS[tool["name"]][1]
    assert send(north.member, {"jsonrpc": "2.0", "method": "notifications/initialized"}).status == 202


def test_no_key_no_word(north: Party, south: Party) -> None:
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    for caller in (
        Caller(),
        Caller({"x-aether-api-key": "aes_wrong"}),
        Caller({"x-aether-api-key": north.keys["user"], "x-account-id": south.id}),
    ):
        assert send(caller, message).error == ("permission", 403)
    assert send(north.member.with_headers(authorization="Bearer x"), message).error == ("authentication", 401)
    for method in ("GET", "DELETE", "PUT"):
        assert north.member(method, "/v3/mcp").status == 405
    assert north.member.post("/v3/mcp/", message, accept=ACCEPT).status == 200


def test_an_agent_at_work(north: Party) -> None:
    agent = north.administrator
    types = {entry["name"] for entry in done(agent, "list_types")["data"]}
    assert {"journal", "event"} <= types
    schema = done(agent, "get_schema", obj_type="journal")["data"]
    assert "name" in {field["name"] for field in schema["fields"]}
    made = done(agent, "create", obj_type="journal", values={"name": "Gala notes"}, idempotency_key="k1")["data"]
    again = done(agent, "create", obj_type="journal", values={"name": "Gala notes"}, idempotency_key="k1")["data"]
    assert made["id"] == again["id"]
    entry = {"journal_id": made["id"], "name": "Q7 First"}
    entry_id = done(agent, "create", obj_type="journal_entry", values=entry)["data"]["id"]
    found = done(
        agent,
        "search",
        obj_type="journal_entry",
        q="q7",  # MariaDB's full-text index knows rows once they are committed, and no words of two letters
        parent_type="journal",
        parent_id=made["id"],
        count_all=True,
    )
    assert ([row["id"] for row in found["data"]], found["count"], found["total"]) == ([entry_id], 1, 1)
    query = {"and": [{"field": "name", "op": "starts_with", "value": "Gala"}]}
    assert done(agent, "search", obj_type="journal", query=query, fields="name")["data"] == [{"name": "Gala notes"}]
    done(agent, "update", obj_type="journal", obj_id=made["id"], values={"name": "Ball notes"})
    assert done(agent, "get", obj_type="journal", obj_id=made["id"], view="enriched")["data"]["account_name"] == "North"
    assert north.member.get(f"/v3/crud/journal/{made['id']}").data["name"] == "Ball notes"


def test_what_an_agent_writes_is_marked_in_the_change_log(north: Party) -> None:
    made = done(north.administrator, "create", obj_type="journal", values={"name": "A"})["data"]
    north.administrator.patch(f"/v3/crud/journal/{made['id']}", {"name": "B"})
    done(north.administrator, "update", obj_type="journal", obj_id=made["id"], values={"name": "C"})
    history = north.administrator.get(f"/v3/crud/journal/{made['id']}/history").data
    assert [entry["principal"].endswith(" via:mcp") for entry in history] == [True, False, True]
    assert all(entry["request_id"] for entry in history)
    spoofed = north.administrator.with_headers(**{"aether.via": "mcp", "aether-via": "mcp"})
    spoofed.patch(f"/v3/crud/journal/{made['id']}", {"name": "D"})
    assert "via" not in north.administrator.get(f"/v3/crud/journal/{made['id']}/history").data[0]["principal"]


def test_an_agent_has_the_rights_of_its_key_and_no_more(north: Party, south: Party, visitor: Caller) -> None:
    theirs = south.manager.create("journal", name="Canary of the South")
    own = north.manager.create("journal", name="Ours")
    values = {"name": "Taken"}
    assert refused(north.manager, "get", obj_type="journal", obj_id=theirs["id"]) == (403, "permission")
    assert refused(north.manager, "get", obj_type="journal", obj_id="unknownIdXX") == (404, "not_found")
    assert refused(north.manager, "update", obj_type="journal", obj_id=theirs["id"], values=values)[0] == 403
    entry = {"journal_id": theirs["id"], "name": "x"}
    assert refused(north.manager, "create", obj_type="journal_entry", values=entry)[0] == 400
    rows = done(north.manager, "search", obj_type="journal", enabled="all", hidden="all")["data"]
    assert [row["id"] for row in rows] == [own["id"]]

    reader = Caller({"x-aether-api-key": north.keys["read_only"], "x-account-id": north.id})
    assert done(reader, "get", obj_type="journal", obj_id=own["id"])["data"]["name"] == "Ours"
    for tool, more in (("create", {}), ("update", {"obj_id": own["id"]})):
        assert refused(reader, tool, obj_type="journal", values=values, **more)[0] == 403
        assert refused(north.guest, tool, obj_type="journal", values=values, **more)[0] == 403
        assert refused(visitor, tool, obj_type="journal", values=values, **more)[0] == 403
    assert refused(north.guest, "get", obj_type="journal", obj_id=own["id"])[0] == 403
    assert done(north.guest, "search", obj_type="journal")["data"] == []
    assert south.manager.get(f"/v3/crud/journal/{theirs['id']}").data["name"] == "Canary of the South"


def test_a_token_is_handed_on(north: Party) -> None:
    login = {"username": "north-manager", "password": "correct horse battery"}
    web = Caller({"x-aether-api-key": north.keys["publishable"]})
    token = web.post("/v3/auth/login", login).data["access"]
    own = north.manager.create("journal", name="Ours")
    assert done(web.with_headers(authorization=f"Bearer {token}"), "get", obj_type="journal", obj_id=own["id"])["data"]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("delete", {}),
        ("get", {}),
        ("get", {"obj_type": "journal", "obj_id": 7}),
        ("get", {"obj_type": "journal", "obj_id": ""}),
        ("get", {"obj_type": "", "obj_id": ""}),
        ("update", {"obj_type": "journal", "obj_id": "", "values": {}}),
        ("get", {"obj_type": "journal", "obj_id": "x", "colour": "red"}),
        ("search", {"obj_type": "journal", "limit": 51}),
        ("search", {"obj_type": "journal", "limit": "many"}),
        ("search", {"obj_type": "journal", "query": []}),
        ("search", {"obj_type": "journal", "hidden": "maybe"}),
        ("search", {"obj_type": "x" * 65}),
        ("create", {"obj_type": "journal", "values": "name"}),
    ],
)
def test_arguments_that_do_not_fit_are_told(north: Party, tool: str, arguments: dict[str, Any]) -> None:
    failed, said = call(north.administrator, tool, **arguments)
    assert failed
    assert isinstance(said, str)
    assert said


@pytest.mark.parametrize(
    ("tool", "arguments", "status"),
    [
        ("get", {"obj_type": "jour nal\x00😀", "obj_id": "x"}, 404),
        ("get", {"obj_type": "../health", "obj_id": "live"}, 404),
        ("get", {"obj_type": "journal", "obj_id": "x/history"}, 404),
        ("get", {"obj_type": "journal", "obj_id": "schema?x=1"}, 404),
        ("search", {"obj_type": "journal", "query": {"where": 1}}, 400),
        ("search", {"obj_type": "journal", "fields": "name&limit=1000"}, 400),
        ("search", {"obj_type": "journal", "cursor": "forged"}, 400),
        ("search", {"obj_type": "journal", "parent_type": "event", "parent_id": "unknownIdXX"}, 400),
        ("create", {"obj_type": "journal", "values": {"name": "a\x00b"}}, 400),
        ("create", {"obj_type": "journal", "values": {"name": 1}, "idempotency_key": "😀\n"}, 400),
        ("create", {"obj_type": "journal", "values": {}}, 400),
        ("create", {"obj_type": "journal", "values": {"name": "x", "id": "mine"}}, 400),
    ],
)
def test_what_the_api_refuses_is_refused(north: Party, tool: str, arguments: dict[str, Any], status: int) -> None:
    failed, said = call(north.administrator, tool, **arguments)
    assert failed, said
    assert said["status"] == status
    assert said["message"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b'{"jsonrpc": "2.0", "jsonrpc": "2.0"}', 400),
        (b"[" * 5000, 400),
        (b'"' + b"x" * 2**20 + b'"', 413),
        (b"[]", 400),
        (b"7", 400),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "no/such"}', 404),
    ],
)
def test_a_message_that_is_none(north: Party, body: bytes, status: int) -> None:
    answer = north.member.post("/v3/mcp", body, accept=ACCEPT)
    assert answer.status in (status, 200 if status == 404 else status)
    assert "result" not in answer.body


def test_results_are_capped(north: Party) -> None:
    long = "word " * 3_000
    journal = north.administrator.create("journal", name="J")["id"]
    entries = [{"journal_id": journal, "name": f"E{n}", "content": long} for n in range(12)]
    north.administrator.post("/v3/crud/journal_entry/bulk", {"create": entries})
    failed, said = call(north.administrator, "search", obj_type="journal_entry", limit=50)
    assert not failed
    assert 0 < len(said["data"]) < 12
    assert "of 12 rows" in said["truncated"]
    assert "next_cursor" not in said
    big = {"journal_id": journal, "name": "Big", "content": "x" * 100_000}
    entry = north.administrator.create("journal_entry", **big)
    one = done(north.administrator, "get", obj_type="journal_entry", obj_id=entry["id"])
    assert one["truncated"]
    assert one["data"]["content"].endswith("(96000 more characters)")
    assert len(json.dumps(one)) < results.MAX_CHARACTERS
