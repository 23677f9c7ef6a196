"""An installation with a database and a home of its own, which tests may back up, break and restore."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings

from aether.settings import ROOT
from content.models import Journal, JournalEntry
from files import store
from files.models import HostedFile
from tenancy.context import tenant
from tests.conftest import Party, make_party

WORDS = ["😀 Möwe", "a\nb\t\\ 'quoted' \"double\" `x`", "); DROP TABLE account; --", "\x1a\x01", "e\u0301 ≠ é", " x "]


@dataclass
class Installation:
    home: Path
    environment: dict[str, str]
    """For processes of its own."""

    @property
    def backups(self) -> list[str]:
        return sorted(path.name for path in (self.home / "backups").glob("*.backup.zip"))

    def run(self, *arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
        """A command in a process of its own; `before`: Python that the process runs first."""
        code = f"{before}\nimport sys; sys.argv = {['manage.py', *arguments]!r}; import manage; manage.main()"
        return self._run(code)

    def python(self, code: str, *arguments: str) -> str:
        """What it prints."""
        done = self._run(code, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _run(self, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=100, check=False
        )


def clear() -> None:
    """An installation without accounts, as `migrate` leaves it. (`flush` takes seconds on MariaDB.)"""
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        for name in connection.introspection.table_names(cursor):
            if not name.startswith("django_"):
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(name)}")


@pytest.fixture(scope="session")
def installed(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[tuple[Installation, str]]:
    """The installation and the name of its database, which the modules of these tests share."""
    home = tmp_path_factory.mktemp("home")
    environment = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL")}
    environment |= {"AETHER_HOME": str(home), "AETHER_ENV_FILE": "/dev/null"}
    name = str(home / "aether.sqlite3")
    with django_db_blocker.unblock():
        if connection.vendor == "mysql":
            name = f"ops_{os.getpid()}"
            with connection.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name} COLLATE {connection.settings_dict['OPTIONS']['collation']}")
            environment["DATABASE_URL"] = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
        with switched_to(home, name):
            call_command("migrate", verbosity=0)
        yield Installation(home, environment), name
        if connection.vendor == "mysql":
            with connection.cursor() as cursor:
                cursor.execute(f"DROP DATABASE {name}")


@contextmanager
def switched_to(home: Path, name: str) -> Iterator[None]:
    kept_name = connection.settings_dict["NAME"]
    store = {"BACKEND": "files.directory_storage.DirectoryStorage", "OPTIONS": {"location": str(home / "files")}}
    connections.close_all()
    kept_connection, connection.connection = connection.connection, None  # to a database in memory
    connection.settings_dict["NAME"] = name
    try:
        with override_settings(AETHER_HOME=home, STORAGES=settings.STORAGES | {"files": store}):
            yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = kept_name
        connection.connection = kept_connection


@pytest.fixture(scope="module")
def installation(installed: tuple[Installation, str], django_db_blocker: Any) -> Iterator[Installation]:
    found, name = installed
    with django_db_blocker.unblock(), switched_to(found.home, name):
        yield found


@pytest.fixture
def inhabited(installation: Installation) -> Iterator[tuple[Installation, Party, Party]]:
    """It, with the two accounts of the cast, and nothing else."""
    for path in (installation.home / "backups").rglob("*.zip"):
        path.unlink()
    clear()
    yield installation, make_party("North"), make_party("South")
    connections.close_all()


@pytest.fixture
def full(inhabited: Any) -> Installation:
    installation, north, _ = inhabited
    with tenant(north.account.pk):
        journal = Journal(name="Log", cfg_json={"a": [1, None, "é"]})
        journal.save()
        for word in WORDS:
            JournalEntry(journal=journal, name=word, content=word * 50, latitude=0.1).save()
        late = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
        JournalEntry(journal=journal, start_datetime=late).save()
        kept = store.put(b"%PDF-1.4 a file")
        HostedFile(filename="a.pdf", hash_sha256=kept.hash_sha256, size=kept.size).save()
    return installation
