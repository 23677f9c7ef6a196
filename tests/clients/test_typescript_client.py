"""The TypeScript client as front ends have it: sessions, pages, files, types, and the package itself."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Request, Response

from tests.clients.typescript import PROJECT, compile_beside_the_client, node

pytestmark = pytest.mark.timeout(200)

SESSION = """
import { AetherClient, AetherError, AetherSession, AuthenticationError, ThrottledError } from './aether_client.ts';
const api_cfg = { base_url: `${process.env.BASE}/below/`, api_key: 'aep_x', retries: 0 };
const kept = new Map<string, string>();
const storage = {
  getItem: (name: string) => kept.get(name) ?? null,
  setItem: (name: string, value: string) => kept.set(name, value),
  removeItem: (name: string) => kept.delete(name),
};
const told: unknown[] = [];
const client = new AetherClient(api_cfg, {
  storage,
  on_session_change: (session) => told.push(session?.access ?? null),
});
told.push(await client.session.login({ username: 'mfa', password: 'x' }));
await client.session.mfa({ mfa_token: 'm', code: '123456' });
const five = ['a', 'b', 'c', 'd', 'e'].map((id) => client.get('journal', id));
told.push((await Promise.all(five)).map(({ data }) => data.id).join());
const names: string[] = [];
for await (const row of client.all('journal', { q: 'x' }, { limit: 2 })) names.push(row.id);
told.push(names.join());
const other_tab = new AetherSession(api_cfg, { storage });
told.push((await other_tab.current())?.access);
const failed = (error: Error) => { told.push(error.constructor.name); };
await client.get('journal', 'busy').catch((error: ThrottledError) => told.push(error.category, error.recoverable));
const stopped = AbortSignal.abort(new TypeError('enough'));
await client.get('journal', 'a', { signal: stopped }).catch(failed);
await client.with({ base_url: process.env.SILENT ?? '', timeout: 50 }).get('journal', 'a').catch((error: DOMException) => { told.push(error.name); });
await client.get('journal', 'dead').catch(failed);
told.push(await client.session.current());
console.log(JSON.stringify(told), AetherError.name && AuthenticationError.name);
"""

FILES = """
import { AetherClient, sha256 } from './aether_client.ts';
const client = new AetherClient({ base_url: process.env.BASE ?? '', api_key: 'aes_x', account_id: 'A' });
const shares: number[] = [];
const file = new Blob(['Handout']);
const fields = { title: 'Handout', link_to_type: 'event', link_to_id: 'E' };
const on_progress = (share: number) => { shares.push(share); };
const { data } = await client.upload(file, { filename: 'ü.txt', fields, hash: true, on_progress });
const whole = await (await client.download(data.id)).blob();
const rest = await (await client.download(data.id, { from: 4 })).blob();
const sheet = await (await client.export('event', { format: 'csv' })).blob();
console.log(JSON.stringify([data.id, await whole.text(), await rest.text(), await sheet.text(), shares, await sha256(file)]));
"""

BROWSER = """
import { AetherClient } from './aether_client.ts';
class Xhr { // what a page has of it, on fetch
  upload: any = {}; status = 0; responseText = ''; onload = () => {}; onerror = () => {}; onabort = () => {};
  private given = new Headers(); private url = ''; private answered = new Headers();
  open(_: string, url: string) { this.url = url; }
  setRequestHeader(name: string, value: string) { this.given.set(name, value); }
  getResponseHeader(name: string) { return this.answered.get(name); }
  abort() { this.onabort(); }
  async send(body: FormData) {
    const answer = await fetch(this.url, { method: 'POST', headers: this.given, body });
    this.upload.onprogress?.({ lengthComputable: true, loaded: 1, total: 2 });
    [this.status, this.answered, this.responseText] = [answer.status, answer.headers, await answer.text()];
    this.onload();
  }
}
const page = new EventTarget();
Object.assign(globalThis, { XMLHttpRequest: Xhr, window: page });
const values = new Map<string, string>();
const storage = {
  getItem: (name: string) => values.get(name) ?? null,
  setItem: (name: string, value: string) => values.set(name, value),
  removeItem: (name: string) => values.delete(name),
};
const session = { kind: 'user', access: 'old', refresh: 'r', expires_on: '2999-01-01T00:00:00Z', account_id: 'A', details: {} };
values.set('aether.session', JSON.stringify(session));
const told: unknown[] = [];
const on_session_change = (now: { access: string } | null) => told.push(now?.access ?? null);
const api_cfg = { base_url: `${process.env.BASE}/below`, api_key: 'aep_x', retries: 0 };
const client = new AetherClient(api_cfg, { storage, on_session_change });
const on_progress = (share: number) => { told.push(share); };
told.push((await client.upload(new Blob(['x']), { on_progress })).data.id);
const busy = await client.upload(new Blob(['x']), { what: 'event_file', on_progress }).catch((error) => error);
told.push(busy.retry_after, busy.constructor.name);
const elsewhere = (more: object) => page.dispatchEvent(Object.assign(new Event('storage'), { storageArea: storage, key: 'aether.session', ...more }));
values.delete('aether.session');
elsewhere({ key: 'other' });
elsewhere({ storageArea: null });
elsewhere({});
await new Promise((done) => setTimeout(done, 0));
console.log(JSON.stringify(told));
"""

TYPES = """
import { AetherClient } from './aether_client.ts';
const client = new AetherClient({ base_url: '', api_key: '' });
export async function compiled() {
  const { data } = await client.get('event_session', 'x');
  const name: string | null = data.name;
  // @ts-expect-error: it is of the enriched view
  const event_name = data.event_name;
  const enriched = await client.get<'event_session', 'enriched'>('event_session', 'x', { view: 'enriched' });
  const there: string | null = enriched.data.event_name;
  const inferred = await client.search('event_session', {}, { view: 'enriched' });
  const too: string | null | undefined = inferred.data[0]?.event_name;
  // @ts-expect-error: there is no such view
  await client.search('event_session', {}, { view: 'enrichd' });
  // @ts-expect-error: there is no such field to search by
  await client.search('event_session', { and: [{ field: 'nam', op: 'eq', value: 'x' }] });
  await client.search('event_session', { and: [{ field: 'event.name', op: 'eq', value: 'x' }] });
  // @ts-expect-error: there is no such field to sort by
  await client.search('event_session', {}, { order_by: 'nam' });
  await client.search('event_session', {}, { order_by: '-start_datetime' });
  const child = await client.create_nested('journal', 'x', 'entry', { name: 'Day one' });
  const content: string | null = child.data.content;
  // @ts-expect-error: a journal has no such children
  await client.create_nested('journal', 'x', 'event_session', {});
  // @ts-expect-error: an entry has no such field
  await client.create_nested('journal', 'x', 'entry', { nam: 'Day one' });
  return [name, event_name, there, too, content];
}
"""

EARLIER = """
import { delete_object, get_object, patch_object, post_object } from './aether_client.ts';
export async function get_ae_obj_v3({ api_cfg, obj_type, obj_id, view = 'default' }) {
    const endpoint = `/v3/crud/${obj_type}/${obj_id}`;
    return await get_object({ api_cfg, endpoint, params: { view } });
}
export async function search_ae_obj_v3({
    api_cfg, obj_type, search_query, enabled = 'enabled', view = 'default', for_obj_type, for_obj_id
}) {
    const endpoint = `/v3/crud/${obj_type}/search`;
    const params: any = { enabled, view };
    if (for_obj_type) params.for_obj_type = for_obj_type;
    if (for_obj_id) params.for_obj_id = for_obj_id;
    return await post_object({ api_cfg, endpoint, params, data: search_query });
}
export async function create_ae_obj_v3({ api_cfg, obj_type, data }) {
    return await post_object({ api_cfg, endpoint: `/v3/crud/${obj_type}/`, data });
}
export async function update_ae_obj_v3({ api_cfg, obj_type, obj_id, data }) {
    return await patch_object({ api_cfg, endpoint: `/v3/crud/${obj_type}/${obj_id}`, data });
}
export async function delete_ae_obj_v3({ api_cfg, obj_type, obj_id, method = 'delete' }) {
    return await delete_object({ api_cfg, endpoint: `/v3/crud/${obj_type}/${obj_id}`, params: { method } });
}
const api_cfg = { base_url: process.env.BASE ?? '', api_key: 'aes_x' };
const made = await create_ae_obj_v3({ api_cfg, obj_type: 'journal', data: { name: 'x' } });
console.log(JSON.stringify([made.data, (await delete_ae_obj_v3({ api_cfg, obj_type: 'journal', obj_id: 'a' })).data]));
"""

STRANGER = """
import { AetherClient, AetherSocket } from 'aether-client';
import { AetherSocket as SocketAlone } from 'aether-client/socket';
import type { ObjTypes } from 'aether-client/types';
const client = new AetherClient({ base_url: 'http://127.0.0.1:9', api_key: 'aep_x', retries: 0 });
const name: keyof ObjTypes = 'event';
const failed = await client.search(name, { q: 'gala' }).catch((error: Error) => error.constructor.name);
console.log(failed, AetherSocket === SocketAlone);
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory: Path = tmp_path_factory.mktemp("typescript_client")
    programs = {"signed_in.ts": SESSION, "upload.ts": FILES, "typed.ts": TYPES, "browser.ts": BROWSER}
    assert compile_beside_the_client(programs, directory) == ""
    return directory / "dist"


def run(built: Path, program: str, httpserver: Any, **variables: str) -> str:
    answer = node(program, cwd=built, BASE=httpserver.url_for("").rstrip("/"), **variables)
    assert answer.stderr == ""
    return answer.stdout


def enveloped(data: Any, **meta: Any) -> Response:
    return Response(json.dumps({"data": data, "meta": meta}), content_type="application/json")


def refused(status: int, category: str, *, recoverable: bool = False) -> Response:
    details = {"category": category, "code": status, "message": "No.", "recoverable": recoverable}
    body = {"data": None, "meta": {"status_message": "No.", "request_id": "r", "details": details}}
    return Response(json.dumps(body), status=status, content_type="application/json")


class Upstream:
    """Access tokens `access-1`, `access-2` …: one that a refresh has followed is no good any more."""

    def __init__(self) -> None:
        self.number = 0
        self.refreshes: list[str] = []
        self.dead = False

    def pair(self) -> Response:
        self.number += 1
        names = {"access": f"access-{self.number}", "refresh": f"refresh-{self.number}"}
        return enveloped({**names, "expires_on": "2999-01-01T00:00:00Z", "account_id": "A", "roles": {}})

    def __call__(self, request: Request) -> Response:
        path, sent = request.path.removeprefix("/below"), request.get_json(silent=True) or {}
        match path:
            case "/v3/auth/login":
                return enveloped({"mfa_required": True, "mfa_token": "m", "methods": ["totp"]})
            case "/v3/auth/mfa":
                answer = self.pair()
                self.number += 1  # what was given has expired already
                return answer
            case "/v3/auth/refresh":
                self.refreshes.append(sent["refresh"])
                return refused(401, "authentication") if self.dead else self.pair()
            case "/v3/crud/journal/search":
                first = "cursor" not in request.args
                rows = [{"id": "1"}, {"id": "2"}] if first else [{"id": "3"}]
                return enveloped(rows, next_cursor="n" if first else None)
        name = path.rpartition("/")[2]
        if name == "busy":
            return refused(429, "throttled", recoverable=True)
        if name == "dead":
            self.dead = True
        if self.dead or request.headers["authorization"] != f"Bearer access-{self.number}":
            return refused(401, "authentication")
        return enveloped({"id": name})


def test_a_session_is_renewed_once_for_all_that_ask(built: Path, httpserver: Any) -> None:
    upstream = Upstream()
    httpserver.expect_request(re.compile("^/below/.*")).respond_with_handler(upstream)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it takes connections, and says nothing
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        printed = json.loads(
            run(built, "signed_in.js", httpserver, SILENT=address).partition(" AuthenticationError")[0]
        )
    mfa = {"mfa_required": True, "mfa_token": "m", "methods": ["totp"]}
    assert printed[:5] == [mfa, "access-1", "access-3", "a,b,c,d,e", "1,2,3"]
    assert printed[5:] == [
        "access-3",
        "throttled",
        True,
        "TypeError",
        "TimeoutError",
        None,
        "AuthenticationError",
        None,
    ]
    assert upstream.refreshes == ["refresh-1", "refresh-3"], "five requests at once: one refresh"


def test_files_go_up_and_come_down(built: Path, httpserver: Any) -> None:
    def taken(request: Request) -> Response:
        assert request.form["title"] == "Handout"
        assert request.files["file"].filename == "ü.txt"
        sent.append(request.form["hash_sha256"])
        return enveloped({"id": "F"})

    def given(request: Request) -> Response:
        start = int(request.headers.get("range", "bytes=0-")[6:-1])
        return Response(b"Handout"[start:])

    sent: list[str] = []
    httpserver.expect_request("/v3/action/hosted_file/upload", method="POST").respond_with_handler(taken)
    httpserver.expect_request("/v3/action/hosted_file/F/download").respond_with_handler(given)
    httpserver.expect_request("/v3/crud/event/search", query_string="export=csv").respond_with_data("id\r\n")
    printed = json.loads(run(built, "upload.js", httpserver))
    assert printed == ["F", "Handout", "out", "id\r\n", [0, 1], *sent]


def test_in_a_browser_an_upload_is_renewed_and_other_tabs_are_heard(built: Path, httpserver: Any) -> None:
    """A page sends with progress by XMLHttpRequest, and hears of other tabs by the event `storage`."""
    pair = {"access": "new", "refresh": "r2", "expires_on": "2999-01-01T00:00:00Z", "account_id": "A"}
    upload = {"uri": "/below/v3/action/hosted_file/upload", "method": "POST"}
    httpserver.expect_ordered_request(**upload, headers={"authorization": "Bearer old"}).respond_with_response(
        refused(401, "authentication")
    )
    httpserver.expect_ordered_request("/below/v3/auth/refresh").respond_with_response(enveloped(pair))
    httpserver.expect_ordered_request(**upload, headers={"authorization": "Bearer new"}).respond_with_response(
        enveloped({"id": "F"})
    )
    busy = refused(429, "throttled", recoverable=True)
    busy.headers["retry-after"] = "7"
    httpserver.expect_ordered_request("/below/v3/action/event_file/upload").respond_with_response(busy)
    told = json.loads(run(built, "browser.js", httpserver))
    assert told == [0.5, "new", 0.5, "F", 0.5, 7, "ThrottledError", None]


def test_the_compiler_knows_views_fields_and_children(built: Path) -> None:
    """Each `@ts-expect-error` is an error of its own if the compiler has nothing to say."""
    assert (built / "typed.js").exists()


def test_snippets_of_the_earlier_guides_compile_unchanged(tmp_path: Path, httpserver: Any) -> None:
    lax = ("--strict", "false", "--noImplicitAny", "false")
    assert compile_beside_the_client({"as_before.ts": EARLIER}, tmp_path, *lax) == ""
    httpserver.expect_request("/v3/crud/journal/", method="POST").respond_with_handler(
        lambda request: enveloped("made")
    )
    httpserver.expect_request("/v3/crud/journal/a", method="DELETE", query_string="method=delete").respond_with_handler(
        lambda request: enveloped("gone")
    )
    assert json.loads(run(tmp_path / "dist", "as_before.js", httpserver)) == ["made", "gone"]


def npm(*arguments: str, cwd: Path) -> str:
    program = shutil.which("npm")
    assert program, "npm is missing; `make test` installs it"
    answer = subprocess.run([program, *arguments], cwd=cwd, capture_output=True, text=True, timeout=150, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_a_stranger_installs_the_package_and_compiles_against_it(tmp_path: Path) -> None:
    package = tmp_path / "package"
    package.mkdir()
    for name in ("package.json", "README.md", "LICENSE", "tsconfig.json", "src"):
        source = PROJECT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, package / name)
    (package / "node_modules").symlink_to(PROJECT / "node_modules")
    (packed,) = json.loads(npm("pack", "--json", cwd=package))
    names = {entry["path"] for entry in packed["files"]}
    assert {"README.md", "LICENSE", "dist/aether_client.js", "dist/aether_client.d.ts"} <= names
    assert not [name for name in names if name.startswith(("node_modules", "generate"))]
    project = tmp_path / "project"
    project.mkdir()
    (project / "package.json").write_text('{"name": "stranger", "type": "module", "private": true}')
    npm("install", "--offline", "--no-audit", "--no-fund", str(package / packed["filename"]), cwd=project)
    (project / "program.ts").write_text(STRANGER)
    options = ("--strict", "--module", "nodenext", "--target", "es2022", "--lib", "es2022,dom,dom.iterable")
    compiler = PROJECT / "node_modules/typescript/bin/tsc"
    compiled = node(str(compiler), *options, "program.ts", cwd=project)
    assert (compiled.returncode, compiled.stdout) == (0, "")
    assert node("program.js", cwd=project).stdout == "TypeError true\n"
