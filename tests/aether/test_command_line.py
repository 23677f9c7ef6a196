"""manage.py itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from aether.settings import ROOT


def test_ctrl_c_ends_a_command_without_a_trace(tmp_path: Path) -> None:
    pipe = tmp_path / "never.backup.zip"
    os.mkfifo(pipe)
    environment = os.environ | {"AETHER_HOME": str(tmp_path)}
    process = subprocess.Popen(
        [sys.executable, "manage.py", "restore_db", str(pipe), "--dry-run"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with pipe.open("wb"):  # waits until the command reads
        process.send_signal(signal.SIGINT)
        said, complaint = process.communicate(timeout=30)
    assert (process.returncode, said, complaint) == (130, "", "")
