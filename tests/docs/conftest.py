"""A live server with the demo, as the documents' readers have it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from aether.settings import ROOT

NEW_DATABASE = """
import django, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "aether.settings"
django.setup()
from django.db import connection
connection.cursor().execute(
    f"CREATE DATABASE {sys.argv[1]} CHARACTER SET utf8mb4 COLLATE {connection.settings_dict['OPTIONS']['collation']}"
)
"""


@dataclass(frozen=True)
class Live:
    """A running server."""

    base: str
    home: Path
    environment: dict[str, str]
    pid: int

    @property
    def demo(self) -> Any:
        return json.loads((self.home / "demo.json").read_text())


def own_environment(home: Path, database: str) -> dict[str, str]:
    """Variables for processes with a home of their own, and a database of their own where MariaDB serves the run."""
    environment = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "PORT", "HOST")}
    environment |= {"AETHER_HOME": str(home), "AETHER_ENV_FILE": "/dev/null", "PYTHONUNBUFFERED": "1"}
    if url := os.environ.get("DATABASE_URL"):
        name = f"{database}_{os.getpid()}"
        subprocess.run([sys.executable, "-c", NEW_DATABASE, name], cwd=ROOT, env=environment, check=True)
        environment["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    return environment


@contextmanager
def serving(project: Path, home: Path, environment: dict[str, str]) -> Iterator[Live]:
    command = [sys.executable, "manage.py", "serve", "--demo", "--port", "0"]
    with (home / "serve.log").open("w+") as log:
        process = subprocess.Popen(
            command, cwd=project, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, bufsize=1
        )
        try:
            base = ""
            told = []
            for line in process.stdout or ():
                told.append(line)
                if found := re.search(r"http://\S+", line):
                    base = found[0]
                    break
            log.seek(0)
            assert base, f"the server did not start\n{''.join(told)}\n{log.read()}"
            yield Live(base, home, environment, process.pid)
        finally:
            process.terminate()
            process.wait(20)
            if process.stdout:
                process.stdout.close()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    home = tmp_path_factory.mktemp("docs-home")
    with serving(ROOT, home, own_environment(home, "aether_docs")) as server:
        yield server
