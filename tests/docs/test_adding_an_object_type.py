"""docs/adding_an_object_type.md, followed word for word in a copy of the project."""

import os
import shutil
import subprocess
import sys

import pytest

from aether.settings import ROOT
from tests.docs.conftest import own_environment, serving
from tests.docs.markdown import Shell, blocks_of, samples_of

PAGE = "docs/adding_an_object_type.md"
NOT_COPIED = shutil.ignore_patterns("var", ".venv", ".git", ".*_cache", "__pycache__", "*.pyc", "node_modules")


@pytest.fixture
def project(tmp_path):
    """A copy in which `.venv/bin/python` is the interpreter of this run."""
    copy = tmp_path / "aether"
    shutil.copytree(ROOT, copy, ignore=NOT_COPIED)
    python = copy / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (copy / "var").mkdir()
    return copy


def insert(file, block):
    """Put each `+` line of a diff behind the line that stands above it there."""
    lines = file.read_text().splitlines()
    at = None
    for line in block.text.splitlines():
        text = line[1:]
        if line.startswith("+"):
            assert at is not None, f"{block.place}: the diff begins with an addition"
            at += 1
            lines.insert(at, text)
        else:
            assert lines.count(text) == 1, f"{block.place}: {file.name} has the line {text!r} {lines.count(text)} times"
            at = lines.index(text)
    file.write_text("\n".join(lines) + "\n")


def changes_of(blocks):
    """Each diff with the file that it is of: the one named above it, or that of the diff before."""
    path = ""
    for block in blocks:
        if block.language == "diff":
            path = block.named_path or path
            yield path, block


def files_of(project):
    return {
        str(file.relative_to(project))
        for file in project.rglob("*")
        if file.is_file() and not {"var", "__pycache__", ".venv"} & set(file.relative_to(project).parts)
    }


@pytest.mark.timeout(600)
def test_the_page_is_all_it_takes(project):
    before = files_of(project)
    blocks = blocks_of(PAGE)
    for block in blocks:
        if block.language == "python":
            (project / block.path).write_text(block.text)
    changes = list(changes_of(blocks))
    for path, block in changes:
        if path.startswith("events/"):
            insert(project / path, block)

    environment = own_environment(project / "var", "aether_venue")
    shell = Shell(project, environment)
    command, *requests = samples_of(PAGE)
    assert "makemigrations" in command.block.text
    problem = shell.problem(command)
    assert not problem, problem

    made = files_of(project) - before - {".shell-state"}
    migrations = [name for name in made if name.startswith("events/migrations/") and name.endswith("_venue.py")]
    assert made == {"events/models/venue.py", "events/viewsets.py", *migrations}
    assert len(migrations) == 1

    with serving(project, project / "var", environment) as server:
        shell.variables["BASE"] = server.base
        problems = [problem for sample in requests if (problem := shell.problem(sample))]
    assert not problems, "\n\n".join(["", *problems])
    for path, block in changes:
        if not path.startswith("events/"):
            insert(project / path, block)
    follow_to_the_end(project, environment, [block.text for block in blocks if block.language == "console"])


def follow_to_the_end(project, environment, consoles):
    """What is recorded is recorded anew, lint has nothing to say of it, and the tests of all types take the new one in."""
    commands = [line.removeprefix("$ ") for text in consoles for line in text.splitlines() if line.startswith("$ ")]
    assert any("AETHER_WRITE_QUERY_COUNTS" in command for command in commands)
    commands = [command for command in commands if "tests/clients" not in command]  # no compiler in the copy
    commands += [
        ".venv/bin/python -m ruff check events demo tests/contract tests/demo",
        ".venv/bin/python -m pytest -q -p no:cacheprovider tests/contract tests/crud/test_query_counts.py -k venue",
    ]
    for command in commands:
        answer = subprocess.run(
            ["bash", "-c", command],
            cwd=project,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, f"{command}: {answer.stdout[-3000:]}{answer.stderr[-1000:]}"
