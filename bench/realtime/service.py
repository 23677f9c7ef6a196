"""What the measurements run against: a MariaDB, a Redis, and one process that serves HTTP and websockets."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from bench.database import MariaDb
from bench.processes import SERVER_CORE, Server, free_port, pinned, say
from bench.stacks import ROOT, service_environment

CAST = """
import django, json
django.setup()
from accounts.models import Account, ApiKey
from content.models import Journal
from tenancy.context import every_tenant, tenant
with every_tenant(reason="the bench makes its account"):
    account = Account(code="bench", name="Bench")
    account.save()
key = ApiKey.issue(name="bench", role="manager", accounts=[account])[1]
with tenant(account.pk):
    rows = Journal.objects.bulk_create([Journal(name=f"Journal {n}") for n in range(500)])
print(json.dumps([account.pk, account.id_random, key, [(row.pk, row.id_random) for row in rows]]))
"""
UVICORN = ["--ws-max-size", "65536", "--ws-per-message-deflate", "false", "--no-access-log", "--log-level", "warning"]


class Database(Protocol):
    """A MariaDb, or something else that is asked like one."""

    @property
    def url(self) -> str: ...
    def query(self, sql: str, *params: Any) -> list[tuple[Any, ...]]: ...


@dataclass
class Installation:
    """Tables with an account, a manager's key and 500 journals, and no process of the service."""

    directory: Path
    database: Database
    environment: dict[str, str]
    account_pk: int
    account: str
    key: str
    rows: list[tuple[int, str]]


@dataclass
class Service:
    server: Server
    port: int
    environment: dict[str, str]
    account_pk: int
    account: str
    key: str
    rows: list[tuple[int, str]]


def own_database(doors: ExitStack, directory: Path) -> MariaDb:
    database = MariaDb(directory)
    doors.callback(database.stop)
    database.create()
    return database


def install(doors: ExitStack, database: Database | None = None) -> Installation:
    """On an empty database; without one, on a MariaDB of its own."""
    directory = Path(doors.enter_context(TemporaryDirectory(prefix="aether-bench.")))
    database = database or own_database(doors, directory)
    redis_port = free_port()
    command = ["redis-server", "--bind", "127.0.0.1", "--port", str(redis_port), "--save", "", "--dir", str(directory)]
    redis = Server("Redis", command, redis_port, directory / "redis.log", {}, directory)
    doors.callback(redis.stop)
    redis.wait_until_open()
    environment = service_environment(database.url, directory) | {"REDIS_URL": f"redis://127.0.0.1:{redis_port}/0"}
    (directory / "home/static").mkdir(parents=True)
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=environment, cwd=ROOT, check=True)
    made = subprocess.run(
        [sys.executable, "-c", CAST], env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    cast = json.loads(made.stdout.splitlines()[-1])
    say("Tables made")
    account_pk, account, key, rows = cast
    return Installation(directory, database, environment, account_pk, account, key, [tuple(row) for row in rows])


def start(doors: ExitStack) -> Service:
    made = install(doors)
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "aether.asgi:application", "--port", str(port), *UVICORN]
    server = Server("Aether", pinned(SERVER_CORE, command), port, made.directory / "aether.log", made.environment, ROOT)
    doors.callback(server.stop)
    server.wait_until_open()
    return Service(server, port, made.environment, made.account_pk, made.account, made.key, made.rows)
