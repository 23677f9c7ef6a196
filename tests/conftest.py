"""The cast. Two accounts, North and South: each has a manager, an administrator, a member, and keys for all of them.
Create data in South that could leak, then look from North."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client
from django.test.client import ClientHandler
from xdist.scheduler import LoadScopeScheduling

from accounts import minute_counts, standing, throttles
from accounts.models import Account, ApiKey, Site, SiteDomain, User
from kernel import fair_share
from tenancy.context import every_tenant, tenant

ONE_RUN = {
    "actions/test_hosted_file_media.py": "embedded",
    "architecture/": "embedded",
    "clients/": "embedded",
    "contract/test_authorisation.py": "embedded",
    "contract/test_growth.py": "services",
    "crud/staff/": "services",
    "demo/": "embedded",
    "deployment/": "services",
    "docs/test_a": "embedded",
    "docs/test_operations.py": "services",
    "docs/test_s": "embedded",
    "e2e/": "services",
    "files/test_clips.py": "embedded",
    "files/test_hostile": "embedded",
    "files/test_service.py": "services",
    "files/test_slow_clients.py": "services",
    "kernel/test_metrics.py": "embedded",
    "legacy/test_removal.py": "embedded",
    "legacy/test_replay.py": "services",
    "legacy/test_roles.py": "services",
    "legacy/test_server.py": "services",
    "realtime/test_abuse.py": "embedded",
    "realtime/test_client.py": "embedded",
    "realtime/test_cluster.py": "services",
    "realtime/test_groups.py": "embedded",
    "realtime/test_resume.py": "embedded",
}
"""`make test` runs the suite twice. Here it does once: no database is asked, or what is asked is asked on both by others
(legacy routes translate to V3's, the admin stands on the same managers, the documents' servers on the same store). By
itself, each of them runs anywhere."""


PROCESSES = (
    *("deployment/", "e2e/", "docs/", "clients/", "operations/", "demo/", "legacy/test_removal.py"),
    *("legacy/test_replay.py", "legacy/test_server.py", "files/test_bucket.py", "files/test_hostile_media.py"),
    *("files/test_service.py", "files/test_slow_clients.py", "realtime/", "aether/test_command_line.py"),
    *("actions/test_hosted_file_media.py", "architecture/test_layers.py", "kernel/test_metrics.py"),
    *("contract/test_growth.py", "crud/staff/"),
)
"""Servers, browsers, ffmpeg, other interpreters; and, for their number, the admin's pages and what MariaDB alone counts:
what `make quick` leaves to `make test`."""

LONGEST = (
    *("deployment/", "crud/staff/", "e2e/", "legacy/test_replay", "contract/test_isolation", "docs/", "contract/"),
    *("files/test_service", "legacy/", "operations/", "kernel/test_metrics", "realtime/"),
)
"""These begin first, so that no worker waits at the end for another: what starts many processes beside what is one."""


class Scheduling(LoadScopeScheduling):
    """A worker runs whole files, and whole folders where one server is for all files, or each takes the whole machine."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return os.path.dirname(file) if file.startswith(("tests/deployment/", "tests/docs/", "tests/e2e/")) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    config.option.loadscopereorder = False
    return Scheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if run := os.environ.get("AETHER_TEST_RUN"):
        left_out = PROCESSES if run == "quick" else [place for place, only in ONE_RUN.items() if only != run]
        others = tuple(f"tests/{place}" for place in left_out)
        config.hook.pytest_deselected(items=[item for item in items if item.nodeid.startswith(others)])
        items[:] = [item for item in items if not item.nodeid.startswith(others)]
        items.sort(key=lambda item: [not item.nodeid.startswith(f"tests/{place}") for place in LONGEST])


def pytest_configure(config: pytest.Config) -> None:
    """Each worker of xdist empties the cache and reads the counts between its tests: they are its own."""
    worker = getattr(config, "workerinput", {}).get("workerid", "gw0").removeprefix("gw")
    settings.AETHER_METRICS_DIR = settings.AETHER_METRICS_DIR / f"tests-{worker}"
    if settings.REDIS_URL:
        server, _, _ = settings.REDIS_URL.rpartition("/")
        settings.CACHES["default"]["LOCATION"] = f"{server}/{int(worker) + 1}"


@pytest.fixture(autouse=True)
def _forget_between_tests() -> Iterator[None]:
    standing.forget()
    minute_counts.forget()
    cache.clear()
    Caller.handler = ClientHandler(enforce_csrf_checks=False)
    yield
    standing.forget()


@pytest.fixture(autouse=True, scope="session")
def _room_for_everybody() -> None:
    """An answer that nobody reads to its end is closed by every server, and not by Django's client: its place among
    those of an account (kernel/fair_share.py) would stay taken, and later tests be refused."""
    fair_share._all, fair_share._dear = fair_share.lanes(threads=10_000, share=1)


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@dataclass
class Answer:
    """A response, taken apart."""

    status: int
    body: Any
    headers: Any
    raw: Any

    @property
    def data(self) -> Any:
        return self.body["data"]

    @property
    def meta(self) -> Any:
        return self.body["meta"]

    @property
    def error(self) -> tuple[str, int]:
        details = self.meta["details"]
        return details["category"], details["code"]

    @property
    def ids(self) -> list[str]:
        return [row["id"] for row in self.data]


@dataclass
class Caller:
    """Somebody who talks to the API: headers, and the verbs."""

    headers: dict[str, str] = field(default_factory=dict)

    handler: ClassVar[ClientHandler]
    """One for the requests of a test: loading the middleware takes as long as a request."""

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        meta = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in (self.headers | headers).items()}
        if "HTTP_CONTENT_TYPE" in meta:
            meta["CONTENT_TYPE"] = meta.pop("HTTP_CONTENT_TYPE")
        client = Client(raise_request_exception=False)
        client.handler = self.handler
        if body is None:
            response = client.generic(method, path, **meta)
        else:
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            meta.setdefault("CONTENT_TYPE", "application/json")
            response = client.generic(method, path, data, meta.pop("CONTENT_TYPE"), **meta)
        is_json = response.headers.get("Content-Type", "").startswith("application/json")
        parsed = json.loads(response.content) if is_json and not response.streaming and response.content else None
        return Answer(response.status_code, parsed, response.headers, response)

    def get(self, path: str, **headers: str) -> Answer:
        return self("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        return self("PATCH", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Answer:
        return self("DELETE", path, **headers)

    def search(self, type_name: str, body: Any, query: str = "", **headers: str) -> Answer:
        return self.post(f"/v3/crud/{type_name}/search{query}", body, **headers)

    def create(self, type_name: str, /, **values: Any) -> dict[str, Any]:
        """Create an object that must succeed; answers its data."""
        answer = self.post(f"/v3/crud/{type_name}/", values)
        assert answer.status == 201, answer.body
        created: dict[str, Any] = answer.data
        return created

    def with_headers(self, **headers: str) -> Caller:
        return Caller(self.headers | headers)


@dataclass
class Party:
    """One account and the people in it."""

    account: Account
    site: Site
    fqdn: str
    keys: dict[str, str]
    users: dict[str, User]
    manager: Caller
    administrator: Caller
    member: Caller
    guest: Caller
    """A visitor: the publishable key and the account, no token."""

    @property
    def id(self) -> str:
        return self.account.id_random


PASSWORD = "correct horse battery"


def make_party(name: str) -> Party:
    with every_tenant(reason="tests set up the accounts"):
        account = Account(code=name.lower(), name=name, time_zone="America/Denver")
        account.save()
    keys = {}
    for role in ("user", "administrator", "manager"):
        keys[role] = ApiKey.issue(name=f"{name} {role}", role=role, accounts=[account])[1]
    keys["publishable"] = ApiKey.issue(name=f"{name} web", kind="publishable", role="guest", accounts=[account])[1]
    keys["read_only"] = ApiKey.issue(name=f"{name} reader", role="manager", read_only=True, accounts=[account])[1]
    fqdn = f"{name.lower()}.example.org"
    users = {}
    with tenant(account.pk):
        site = Site(name=f"{name} site", code="main", passcodes={})
        site.save()
        SiteDomain(site=site, fqdn=fqdn).save()
        for role in ("user", "administrator", "manager"):
            flags = {} if role == "user" else {role: True}
            user = User(username=f"{name.lower()}-{role}", email=f"{role}@{fqdn}", **flags)
            user.set_password(PASSWORD)
            user.save()
            users[role] = user
    callers = {role: Caller({"x-aether-api-key": key, "x-account-id": account.id_random}) for role, key in keys.items()}
    return Party(
        account,
        site,
        fqdn,
        keys,
        users,
        callers["manager"],
        callers["administrator"],
        callers["user"],
        callers["publishable"],
    )


@pytest.fixture
def north(db: None) -> Party:
    return make_party("North")


@pytest.fixture
def south(db: None) -> Party:
    return make_party("South")


@pytest.fixture
def visitor(north: Party) -> Caller:
    """The browser key alone: a guest without an account."""
    return Caller({"x-aether-api-key": north.keys["publishable"]})


@pytest.fixture
def bypass(db: None) -> Caller:
    key = ApiKey.issue(name="root", role="super", all_accounts=True, allow_bypass=True)[1]
    return Caller({"x-aether-api-key": key, "x-no-account-id": "bypass"})


@pytest.fixture
def in_account() -> Callable[[Party], Any]:
    return lambda party: tenant(party.account.pk)


@pytest.fixture
def own_store(tmp_path: Path, settings: Any) -> Path:
    """A directory of this test's own for the bytes of hosted files."""
    root = tmp_path / "files"
    backend = {"BACKEND": "files.directory_storage.DirectoryStorage", "OPTIONS": {"location": str(root)}}
    settings.STORAGES = settings.STORAGES | {"files": backend}
    return root


@pytest.fixture
def guess_clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A clock that tests move, for what counts guesses and requests. Redis has a clock of its own: not used here."""
    monkeypatch.setattr(throttles, "cache", LocMemCache("guesses", {}))
    throttles.cache.clear()
    with time_machine.travel("2026-05-01T09:30:00Z", tick=False) as traveller:
        yield traveller


def pytest_report_header() -> str:
    engine = settings.DATABASES["default"]["ENGINE"].rsplit(".", 1)[-1]
    return f"database: {engine}, cache: {'redis' if settings.REDIS_URL else 'process'}"
