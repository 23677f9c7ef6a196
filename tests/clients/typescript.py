"""Compiling TypeScript beside the client, as a front end would, and running what comes of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

from aether.settings import ROOT

PROJECT = ROOT / "clients/typescript"


def node(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Playwright, which the tests need anyway, brings a Node that is new enough."""
    return subprocess.run(
        [compute_driver_executable()[0], *arguments],
        cwd=cwd,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def compile_beside_the_client(programs: dict[str, str], directory: Path, *options: str) -> str:
    """Programs by file name, compiled strictly (but for `options`) into `directory`/dist. Answers what tsc says."""
    compiler = PROJECT / "node_modules/typescript/bin/tsc"
    assert compiler.exists(), "TypeScript is missing; `make test` installs it (npm ci in clients/typescript)"
    (directory / "node_modules").symlink_to(PROJECT / "node_modules")
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(PROJECT / name, directory)
    (directory / "src").mkdir()
    for path in (PROJECT / "src").glob("*.ts"):
        shutil.copy(path, directory / "src")
    for name, text in programs.items():
        (directory / "src" / name).write_text(text)
    return node(str(compiler), *options, cwd=directory).stdout
