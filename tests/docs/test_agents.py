"""docs/agents.md: its program with the SDK's own client, and its shell sample, against a live server."""

import os
import subprocess
import sys

import pytest

from tests.docs.markdown import blocks_of, text_problem
from tests.docs.test_samples import problems_of

PAGE = "docs/agents.md"
pytestmark = pytest.mark.timeout(300)  # the server loads the demo first


def test_the_samples_do_what_the_page_says(live, tmp_path):
    assert problems_of(PAGE, live, tmp_path / "shell") == []
    blocks = blocks_of(PAGE)
    (program,) = (block for block in blocks if block.language == "python")
    expected = blocks[blocks.index(program) + 1]
    (tmp_path / "var").symlink_to(live.home)
    environment = os.environ | {"BASE": live.base}
    answer = subprocess.run(
        [sys.executable, "-c", program.text],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert text_problem(expected.text, answer.stdout) == "", answer.stdout
