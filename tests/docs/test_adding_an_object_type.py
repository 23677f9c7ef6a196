"""docs/adding_an_object_type.md, followed word for word in a copy of the project."""

import shutil
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


def files_of(project):
    return {
        str(file.relative_to(project))
        for file in project.rglob("*")
        if file.is_file() and not {"var", "__pycache__", ".venv"} & set(file.relative_to(project).parts)
    }


@pytest.mark.timeout(300)
def test_the_page_is_all_it_takes(project):
    before = files_of(project)
    blocks = blocks_of(PAGE)
    for block in blocks:
        if block.language == "python":
            (project / block.path).write_text(block.text)
    models = [block for block in blocks if block.language == "diff"]
    for block in models:
        insert(project / models[0].path, block)

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
