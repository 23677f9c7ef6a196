"""The samples of the documents, run against a live server."""

import json
import os
import re
import shutil
import subprocess

import pytest
from playwright._impl._driver import compute_driver_executable

from aether.settings import ROOT
from tests.docs.markdown import Shell, blocks_of, samples_of, text_problem

GUIDE = "docs/frontend_guide.md"
pytestmark = pytest.mark.timeout(300)  # the server loads the demo first


def problems_of(name, server, directory):
    samples = samples_of(name)
    assert samples
    directory.mkdir()
    (directory / "var").symlink_to(server.home)
    shell = Shell(directory, {"BASE": server.base})
    return [problem for sample in samples if (problem := shell.problem(sample))]


def test_the_samples_answer_what_the_documents_say(live, tmp_path):
    """First the shell's, then the guide's TypeScript as one program, which meets what those have made."""
    problems = problems_of("README.md", live, tmp_path / "readme") + problems_of(GUIDE, live, tmp_path / "guide")
    program = "".join(block.text for block in blocks_of(GUIDE) if block.language == "ts")
    account = live.demo["accounts"][0]
    answer = run_typescript(
        program,
        tmp_path,
        BASE=live.base,
        KEY=account["api_keys"]["administrator"],
        WEB_KEY=account["api_keys"]["publishable"],
        ACCOUNT=account["id"],
        FQDN=account["fqdn"],
    )
    promised = re.findall(r"console\.log\(.*\); // (.*)", program)
    assert promised
    if answer.returncode or answer.stderr or (problem := text_problem("\n".join(promised), answer.stdout)):
        problems.append(f"TypeScript: {answer.stderr or problem}\n{answer.stdout}")
    assert not problems, "\n\n".join(["", *problems])


FAIL_FAST = """
import { get_ae_obj_v3 } from './aether_client.ts';
const told = [];
const on_auth_failure = (error) => told.push(error.status);
const cfg = { base_url: process.env.BASE, api_key: 'aep_x', account_id: 'A', jwt: 'token', on_auth_failure };
const failed = (error) => told.push(error.details.category);
for (const obj_id of ['401', '403', '503', 'cut']) {
  await get_ae_obj_v3({ api_cfg: cfg, obj_type: 'journal', obj_id }).catch(failed);
}
console.log(JSON.stringify(told));
"""


def test_the_client_fails_fast_and_sends_nothing_twice(httpserver, tmp_path):
    path = "/v3/crud/journal/"
    for status, category in ((401, "authentication"), (403, "permission"), (503, "database_connection")):
        details = {"category": category, "code": status, "message": "No.", "recoverable": False}
        body = {"data": None, "meta": {"status_message": "No.", "request_id": "r", "details": details}}
        httpserver.expect_request(f"{path}{status}").respond_with_json(body, status=status)
    httpserver.expect_request(f"{path}cut").respond_with_data("<html>", status=502)
    answer = run_typescript(FAIL_FAST, tmp_path, BASE=httpserver.url_for(""))
    assert answer.stderr == ""
    told = [401, "authentication", 403, "permission", "database_connection", "internal"]
    assert json.loads(answer.stdout) == told
    sent = [request.path for request, _ in httpserver.log]
    assert sent == [f"{path}{name}" for name in ("401", "403", "503", "cut")]
    headers = [httpserver.log[0][0].headers[name] for name in ("x-aether-api-key", "x-account-id", "authorization")]
    assert headers == ["aep_x", "A", "Bearer token"]


def test_the_client_is_short():
    assert len((ROOT / "docs/samples/aether_client.ts").read_text().splitlines()) < 150


def run_typescript(program, directory, **variables):
    """Runs it beside the client. Playwright, which the tests need anyway, brings a Node that reads TypeScript."""
    shutil.copy(ROOT / "docs/samples/aether_client.ts", directory)
    (directory / "package.json").write_text('{"type": "module"}')
    file = directory / "program.ts"
    file.write_text(program)
    command = [compute_driver_executable()[0], str(file)]
    environment = os.environ | variables
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
