"""A server of one process with North and South in it; where MariaDB serves the run, on a database of its own there."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from aether.settings import ROOT
from tests.docs.conftest import own_environment
from tests.realtime.servers import ORIGIN, Account, Redis, Server, cast_in, environment_of


@dataclass
class World:
    server: Server
    north: Account
    south: Account
    pages: str
    """Where the example's files are served, as a front-end developer would."""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def pages() -> Iterator[str]:
    handler = partial(Quiet, directory=str(ROOT / "examples/live"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@dataclass
class Ground:
    """A home and a database with North and South in it, for servers to come."""

    home: Path
    environment: dict[str, str]
    cast: dict[str, Any]

    def another(self, name: str) -> Path:
        """A home beside the first, with its secrets: no two processes serve one."""
        home = self.home.with_name(f"{self.home.name}-{name}")
        shutil.copytree(self.home, home, ignore=shutil.ignore_patterns("*.log", "logs", "metrics", ".serving"))
        return home


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    home = tmp_path_factory.mktemp("realtime")
    database = own_environment(home, f"aether_ws_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}").get("DATABASE_URL")
    environment = environment_of(home, **({"DATABASE_URL": database} if database else {}))
    return Ground(home, environment, cast_in(environment))


@pytest.fixture(scope="session")
def world(ground: Ground) -> Iterator[World]:
    with pages() as address:
        server = Server(ground.home, ground.environment | {"CORS_ALLOWED_ORIGINS": f"{ORIGIN},{address}"})
        try:
            north, south = (Account(server, **ground.cast[name]) for name in ("North", "South"))
            yield World(server, north, south, address)
        finally:
            server.stop()


@pytest.fixture
def north(world: World) -> Account:
    return world.north


@pytest.fixture
def south(world: World) -> Account:
    return world.south


@dataclass
class Cluster:
    redis: Redis
    one: Server
    two: Server
    north: Account
    """Who writes through the first process."""
    south: Account
    environment: dict[str, str]


@pytest.fixture(scope="module")
def cluster(ground: Ground) -> Iterator[Cluster]:
    redis = Redis(ground.home)
    environment = ground.environment | {"REDIS_URL": redis.url}
    homes = [ground.another(f"{redis.port}-{number}") for number in range(2)]
    servers = [Server(home, environment | {"AETHER_HOME": str(home)}) for home in homes]
    try:
        north, south = (Account(servers[0], **ground.cast[name]) for name in ("North", "South"))
        yield Cluster(redis, *servers, north, south, environment)
    finally:
        for server in servers:
            server.stop()
        redis.kill()
