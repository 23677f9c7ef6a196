"""Compiling TypeScript beside the client, as a front end would, and running what comes of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

from aether.settings import ROOT

PROJECT = ROOT / "clients/typescript"
SOURCES = ("aether_client.ts", "aether_types.ts", "aether_socket.ts")


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


def compile_beside_the_client(programs: dict[str, str], directory: Path) -> str:
    """Programs by file name, compiled strictly into `directory`/dist. Answers the compiler's complaints."""
    compiler = PROJECT / "node_modules/typescript/bin/tsc"
    assert compiler.exists(), "TypeScript is missing; `make test` installs it (npm ci in clients/typescript)"
    (directory / "node_modules").symlink_to(PROJECT / "node_modules")
    for name in ("package.json", "tsconfig.json"):
        shutil.copy(PROJECT / name, directory)
    (directory / "src").mkdir()
    for name in SOURCES:
        shutil.copy(PROJECT / "src" / name, directory / "src")
    for name, text in programs.items():
        (directory / "src" / name).write_text(text)
    return node(str(compiler), cwd=directory).stdout
