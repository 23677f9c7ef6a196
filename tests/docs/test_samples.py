"""The samples of the documents, run against a live server."""

import re

import pytest

from tests.clients.typescript import compile_beside_the_client, node
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
    complaints = compile_beside_the_client({"program.ts": program}, tmp_path)
    assert complaints == ""
    answer = node(
        "dist/program.js",
        cwd=tmp_path,
        BASE=live.base,
        KEY=account["api_keys"]["administrator"],
        WEB_KEY=account["api_keys"]["publishable"],
        ACCOUNT=account["id"],
        FQDN=account["fqdn"],
        LOGIN=account["users"]["manager"]["username"],
        PASSWORD=account["users"]["manager"]["password"],
    )
    promised = re.findall(r"console\.log\(.*\); // (.*)", program)
    assert promised
    if answer.returncode or answer.stderr or (problem := text_problem("\n".join(promised), answer.stdout)):
        problems.append(f"TypeScript: {answer.stderr or problem}\n{answer.stdout}")
    assert not problems, "\n\n".join(["", *problems])
