"""The samples of the operators' pages, run beside a live server with the demo."""

import sys

import pytest

from aether.settings import ROOT
from tests.background import free_port
from tests.docs.markdown import Shell, samples_of

PAGES = ("docs/importing.md", "docs/backup_and_restore.md", "docs/deployment.md")


@pytest.mark.timeout(300)
def test_the_samples_do_what_the_pages_say(live, tmp_path):
    """In one directory that looks like the project; the second page restores what the first has left."""
    python = tmp_path / ".venv/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (tmp_path / "var").symlink_to(live.home)
    (tmp_path / "manage.py").symlink_to(ROOT / "manage.py")
    problems = []
    for page in PAGES:
        shell = Shell(tmp_path, live.environment | {"BASE": live.base, "ON_SITE_PORT": str(free_port())})
        problems += [problem for sample in samples_of(page) if (problem := shell.problem(sample))]
    assert not problems, "\n\n".join(["", *problems])
