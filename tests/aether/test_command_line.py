"""manage.py itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from aether.settings import ROOT

LONG = """
import time
print("at work", flush=True)
while True:
    time.sleep(0.1)
"""
"""Waits in steps: a signal that comes just before one long wait would be seen after it."""


def test_ctrl_c_ends_a_command_without_a_trace(tmp_path: Path) -> None:
    """In a run that a shell has put into the background, too, where the signal is ignored."""
    process = subprocess.Popen(
        ["env", "--default-signal=INT", sys.executable, "manage.py", "shell", "--no-imports", "-c", LONG],
        cwd=ROOT,
        env=os.environ | {"AETHER_HOME": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "at work\n"
        process.send_signal(signal.SIGINT)
        said, complaint = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, said, complaint) == (130, "", "")
