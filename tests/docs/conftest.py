"""A live server with the demo, as the documents' readers have it."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from aether.settings import ROOT

CLIENT = ["--no-defaults", f"--socket={os.environ.get('AETHER_TEST_SERVICES')}/my.sock", "-uroot"]


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


_NUMBERS = count()


def own_environment(home: Path, database: str) -> dict[str, str]:
    """Variables for processes with a home of their own, and a database of their own where MariaDB serves the run."""
    environment = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "PORT", "HOST")}
    environment |= {"AETHER_HOME": str(home), "AETHER_ENV_FILE": "/dev/null", "PYTHONUNBUFFERED": "1"}
    if url := os.environ.get("DATABASE_URL"):
        name, collation = f"{database}_{os.getpid()}_{next(_NUMBERS)}", connection.settings_dict["OPTIONS"]["collation"]
        create = f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE {collation}"
        subprocess.run(["mariadb", *CLIENT, "-e", create], check=True)
        environment["DATABASE_URL"] = urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    return environment


@cache
def prepared() -> tuple[Path, bytes]:
    """A home with the demo in it, made by a server's first start; with MariaDB, a dump of its database too."""
    home = Path(tempfile.mkdtemp(prefix="aether-demo-"))
    atexit.register(shutil.rmtree, home)
    environment = own_environment(home, "aether_prepared")
    with started(ROOT, home, environment):
        pass
    if "DATABASE_URL" not in environment:
        return home, b""
    dump = ["mariadb-dump", *CLIENT, "--no-autocommit", urlsplit(environment["DATABASE_URL"]).path[1:]]
    return home, subprocess.run(dump, check=True, capture_output=True).stdout


def bring_demo(home: Path, environment: dict[str, str]) -> None:
    """To make it anew takes many times as long."""
    source, dump = prepared()
    shutil.copytree(source, home, dirs_exist_ok=True, ignore=shutil.ignore_patterns("logs", "metrics", "serve.log"))
    if dump:
        load = ["mariadb", *CLIENT, urlsplit(environment["DATABASE_URL"]).path[1:]]
        subprocess.run(load, check=True, input=dump)


@contextmanager
def serving(project: Path, home: Path, environment: dict[str, str]) -> Iterator[Live]:
    """A server of the demo."""
    bring_demo(home, environment)
    with started(project, home, environment) as live:
        yield live


@contextmanager
def started(project: Path, home: Path, environment: dict[str, str]) -> Iterator[Live]:
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
            process.wait(60)
            if process.stdout:
                process.stdout.close()


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    home = tmp_path_factory.mktemp("docs-home")
    with serving(ROOT, home, own_environment(home, "aether_docs")) as server:
        yield server
