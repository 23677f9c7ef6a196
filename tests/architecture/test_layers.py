"""Upper layers import lower ones, never the reverse: the contract stands in pyproject.toml."""

import subprocess
import sys

from aether.settings import ROOT

# In a process of its own: the linter configures logging, which silences every logger that is there already.
LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"


def test_layers_hold() -> None:
    linter = subprocess.run([sys.executable, "-c", LINT], check=False, cwd=ROOT, capture_output=True, text=True)
    assert linter.returncode == 0, linter.stdout + linter.stderr
