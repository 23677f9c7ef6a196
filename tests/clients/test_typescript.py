"""The TypeScript client: its types are those of the API, the compiler takes it, and it sends twice only what it may."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Response

from crud.describe.openapi import document_json
from tests.clients.typescript import PROJECT, compile_beside_the_client, node

FAIL_FAST = """
import { create_ae_obj_v3, get_ae_obj_v3, search_ae_obj_v3, update_ae_obj_v3 } from './aether_client.ts';
import type { AetherError, ApiCfg } from './aether_client.ts';
const told: unknown[] = [];
const on_auth_failure = (error: AetherError) => told.push(error.status);
const api_cfg: ApiCfg = {
  base_url: process.env.BASE ?? '', api_key: 'aep_x', account_id: 'A', jwt: 'token', on_auth_failure,
};
const failed = (error: AetherError) => { told.push(error.details.category); return undefined; };
for (const obj_id of ['401', '403', '500', 'cut', 'busy']) {
  await get_ae_obj_v3({ api_cfg, obj_type: 'journal', obj_id }).catch(failed);
}
const found = await search_ae_obj_v3({ api_cfg, obj_type: 'journal' });
const made = await create_ae_obj_v3({ api_cfg, obj_type: 'journal', data: { name: 'x' } });
await update_ae_obj_v3({ api_cfg, obj_type: 'journal', obj_id: 'busy', data: { name: 'x' } }).catch(failed);
console.log(JSON.stringify([...told, found.data.length, made.data.id]));
"""

PLACES = """
import { get_ae_obj_v3, update_ae_obj_v3 } from './aether_client.ts';
const api_cfg = { base_url: process.env.BASE ?? '', api_key: 'aes_x', retries: 0 };
const told: string[] = [];
const failed = (error: Error) => { told.push(error.constructor.name); };
for (const obj_id of ['', '..', '../event/x', 'a/b?c#d']) {
  await get_ae_obj_v3({ api_cfg, obj_type: 'journal', obj_id }).catch(failed);
}
await update_ae_obj_v3({ api_cfg, obj_type: 'journal', obj_id: '', data: { name: 'x' } }).catch(failed);
await get_ae_obj_v3({ api_cfg: { ...api_cfg, base_url: 'http://127.0.0.1:9' }, obj_type: 'x', obj_id: 'x' }).catch(failed);
console.log(JSON.stringify(told));
"""

WRONG = """
import { create_ae_obj_v3, get_ae_obj_v3, search_ae_obj_v3 } from './aether_client.ts';
const api_cfg = { base_url: '', api_key: '' };
// @ts-expect-error: there is no such field
await create_ae_obj_v3({ api_cfg, obj_type: 'journal', data: { nam: 'x' } });
// @ts-expect-error: it needs a name
await create_ae_obj_v3({ api_cfg, obj_type: 'journal', data: {} });
// @ts-expect-error: there is no such key in a search
await search_ae_obj_v3({ api_cfg, obj_type: 'journal', search_query: { where: [] } });
const { data } = await get_ae_obj_v3({ api_cfg, obj_type: 'event_session', obj_id: 'x' });
const name: string | undefined = data.name;
// @ts-expect-error: a text is no number
const capacity: number = data.name;
console.log(name, capacity, (await get_ae_obj_v3({ api_cfg, obj_type: 'of_tomorrow', obj_id: 'x' })).data['anything']);
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory: Path = tmp_path_factory.mktemp("typescript")
    programs = {"fail_fast.ts": FAIL_FAST, "places.ts": PLACES, "wrong.ts": WRONG}
    assert compile_beside_the_client(programs, directory) == ""
    return directory / "dist"


def test_the_types_are_those_of_the_api(tmp_path: Path) -> None:
    document, made = tmp_path / "openapi.json", tmp_path / "aether_types.ts"
    document.write_bytes(document_json())
    answer = node("generate.mjs", str(document), str(made), cwd=PROJECT)
    assert answer.returncode == 0, answer.stderr
    kept = PROJECT / "src/aether_types.ts"
    if os.environ.get("RENEW_SNAPSHOTS"):
        kept.write_text(made.read_text())
    assert kept.read_text() == made.read_text(), "RENEW_SNAPSHOTS=1 pytest tests/clients writes the types anew"


def test_the_compiler_refuses_what_the_api_would(built: Path) -> None:
    """Each `@ts-expect-error` above is an error of its own if the compiler has nothing to say."""
    assert (built / "wrong.js").exists()
    assert (built / "aether_client.d.ts").exists()


def test_it_fails_fast_and_repeats_what_is_safe(built: Path, httpserver: Any) -> None:
    path = "/v3/crud/journal/"
    asked: dict[tuple[str, str], int] = {}

    def answer(request: Any) -> Any:
        name = request.path.removeprefix(path)
        first = (request.method, name) not in asked
        asked[request.method, name] = asked.get((request.method, name), 0) + 1
        keys.add(request.headers.get("idempotency-key"))
        if name == "cut":
            return Response("<html>", status=502)
        if name.isdigit():
            category = {"401": "authentication", "403": "permission", "500": "internal"}[name]
            return _failure(int(name), category, recoverable=False)
        if name == "busy" or first:
            return _failure(503, "database_connection", recoverable=True)
        data: Any = [] if name == "search" else {"id": "made"}
        return Response(json.dumps({"data": data, "meta": {}}), content_type="application/json")

    keys: set[str | None] = set()
    httpserver.expect_request(pattern(path)).respond_with_handler(answer)
    said = node("fail_fast.js", cwd=built, BASE=httpserver.url_for(""))
    assert said.stderr == ""
    told = [401, "authentication", 403, "permission", "internal", "internal", "database_connection"]
    assert json.loads(said.stdout) == [*told, "database_connection", 0, "made"]  # the last failure: the PATCH
    once = {("GET", name): 1 for name in ("401", "403", "500", "cut")}
    assert asked == once | {("GET", "busy"): 3, ("POST", "search"): 2, ("POST", ""): 2, ("PATCH", "busy"): 1}
    assert len(keys - {None}) == 1, "the second sending of a creation carries the key of the first"
    headers = [httpserver.log[0][0].headers[name] for name in ("x-aether-api-key", "x-account-id", "authorization")]
    assert headers == ["aep_x", "A", "Bearer token"]


def test_an_id_stays_one_step_and_none_is_not_the_list(built: Path, httpserver: Any) -> None:
    """An id that is missing would else read, or change, what nobody meant."""
    refused = _failure(404, "not_found", recoverable=False)
    httpserver.expect_request(pattern("/")).respond_with_handler(lambda request: refused)
    said = node("places.js", cwd=built, BASE=httpserver.url_for(""))
    assert said.stderr == ""
    assert json.loads(said.stdout) == [*["TypeError"] * 2, *["NotFoundError"] * 2, *["TypeError"] * 2]
    asked = [request.full_path for request, _ in httpserver.log]
    assert asked == ["/v3/crud/journal/../event/x?", "/v3/crud/journal/a/b?c#d?"]  # decoded by the server


def pattern(prefix: str) -> Any:
    return re.compile(f"^{re.escape(prefix)}.*")


def _failure(status: int, category: str, *, recoverable: bool) -> Any:
    details = {"category": category, "code": status, "message": "No.", "recoverable": recoverable}
    meta = {"status_message": "No.", "request_id": "r", "details": details}
    return Response(json.dumps({"data": None, "meta": meta}), status=status, content_type="application/json")
