"""The stage: North and South with a row of every type each, and everybody who may knock.

Made once a module, as it is large; what a test does to it is undone at the end of the test.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import setup_databases, teardown_databases

from accounts import families
from accounts.models import ApiKey, ApiKeyAccount, User
from accounts.models.api_key import split_key
from crud.declare.object_type import registry
from crud.models import IdempotentAnswer
from tenancy.context import every_tenant
from tenancy.models import TenantRow
from tests.conftest import PASSWORD, Answer, Caller, make_party
from tests.contract.factory import World

NOWHERE = "nowhere0000"
"""An id of the right shape that no row has."""

TYPES = sorted(registry)


@dataclass
class Watched(Caller):
    """A caller of one account. Whatever it is answered must hold nothing of `strangers`, and have the contract's form."""

    strangers: frozenset[str] = frozenset()

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        answer = super().__call__(method, path, body, **headers)
        label = f"{method} {path} {body}"
        assert answer.status < 500, f"{label}: {answer.body}"
        said = f"{answer.raw.content.decode()} {dict(answer.headers)}"
        asked = f"{path} {body} {headers} {self.headers}"
        leaked = [word for word in self.strangers if word in said and word not in asked]
        assert not leaked, f"{label}: the answer holds {leaked} of another account: {said}"
        if answer.body is not None:
            assert set(answer.body) == {"data", "meta"}, label
            assert not list(whole_number_ids(answer.body)), f"{label}: {answer.body}"
        return answer

    def with_headers(self, **headers: str) -> Watched:
        return replace(self, headers=self.headers | headers)


def whole_number_ids(value: Any, name: str = "") -> Iterator[str]:
    """The keys under which an id is said as a number. (`jti` and the like are not ids of rows.)"""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from whole_number_ids(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from whole_number_ids(inner, name)
    elif isinstance(value, int | float) and (name == "id" or name.endswith("_id")):
        yield name


@dataclass
class Stage:
    north: World
    south: World
    keys: dict[str, str]
    users: dict[str, User]

    # Everybody is of North, and must learn nothing of South.

    def caller(self, role: str) -> Watched:
        """A secret key of North with a role: user, administrator, manager, read_only."""
        return self._watched({"x-aether-api-key": self.north.party.keys[role], "x-account-id": self.north.party.id})

    @property
    def visitor(self) -> Watched:
        """The browser key alone. It may come upon public rows of every account, by their ids only."""
        return Watched({"x-aether-api-key": self.north.party.keys["publishable"]})

    @property
    def guest(self) -> Watched:
        return self._watched(
            {"x-aether-api-key": self.north.party.keys["publishable"], "x-account-id": self.north.party.id}
        )

    @property
    def guest_token(self) -> str:
        answer = self.visitor.post("/v3/auth/guest", {"site_id": self.north.party.site.id_random})
        assert answer.status == 200, answer.body
        token: str = answer.data["jwt"]
        return token

    @property
    def token_guest(self) -> Watched:
        """The browser key with a guest's token for North's site."""
        return self._watched(self.visitor.headers | {"authorization": f"Bearer {self.guest_token}"})

    def signed_in(self, role: str, **headers: str) -> Watched:
        """The browser key and the token of a user: user, administrator, manager, super."""
        # A super token opens no more accounts than its key.
        key = {"x-aether-api-key": self.keys["web"]} if role == "super" else self.visitor.headers
        return self._watched(key | {"authorization": f"Bearer {self.token(role)}"} | headers)

    def token(self, role: str) -> str:
        prefix = split_key(self.keys["web"] if role == "super" else self.north.party.keys["publishable"])
        assert prefix is not None
        with every_tenant(reason="tests issue tokens"):
            user = User.objects.select_related("account").get(pk=self.users[role].pk)
            token: str = families.begin(user, families.SignInPlace("", "", prefix))["access"]
        return token

    @property
    def super_key(self) -> Watched:
        """A secret key with the role super, used in North."""
        return self._watched({"x-aether-api-key": self.keys["super"], "x-account-id": self.north.party.id})

    @property
    def bypass(self) -> Caller:
        return Caller({"x-aether-api-key": self.keys["super"], "x-no-account-id": "bypass"})

    def southern(self, role: str) -> Caller:
        return Caller({"x-aether-api-key": self.south.party.keys[role], "x-account-id": self.south.party.id})

    def _watched(self, headers: dict[str, str]) -> Watched:
        return Watched(headers, frozenset(self.south.telltales))


def make_stage() -> Stage:
    north, south = make_party("North"), make_party("South")
    users = dict(north.users)
    with every_tenant(reason="tests set up a super user, who has no account"):
        users["super"] = User(username="root", email="root@example.org", account=None, super=True)
        users["super"].set_password(PASSWORD)
        users["super"].save()
    keys = {"super": ApiKey.issue(name="root", role="super", all_accounts=True, allow_bypass=True)[1]}
    keys["web"] = ApiKey.issue(name="web of all", kind="publishable", role="guest", all_accounts=True)[1]
    return Stage(World(north).fill(), World(south).fill(), keys, users)


REAL_DATABASE = settings.DATABASES["default"]["NAME"]


@pytest.fixture(scope="session")
def _database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """pytest-django makes the test database only if a collected test is marked. Those here are not: they share one
    transaction. Without this they would meet the real database when they run alone."""
    if settings.DATABASES["default"]["NAME"] != REAL_DATABASE:
        yield
        return
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases=["default"], serialized_aliases=[])
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="module")
def _stage_of_module(_database: None, django_db_blocker: Any) -> Iterator[Stage]:
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    requests = logging.getLogger("crud.request")
    level = requests.level
    requests.setLevel(logging.WARNING)  # thousands of lines that nobody reads
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=hashers), transaction.atomic():
        yield make_stage()
        transaction.set_rollback(True)
    requests.setLevel(level)


@pytest.fixture
def stage(_stage_of_module: Stage) -> Iterator[Stage]:
    with transaction.atomic():
        yield _stage_of_module
        transaction.set_rollback(True)


@pytest.fixture
def north(stage: Stage) -> World:
    return stage.north


@pytest.fixture
def south(stage: Stage) -> World:
    return stage.south


def everything() -> dict[str, list[Any]]:
    """Every row of every account's tables, the change log and the kept answers included, as the database has it."""
    models = [model for model in apps.get_models() if issubclass(model, TenantRow)]
    found = {}
    with connection.cursor() as cursor:
        for model in [*models, IdempotentAnswer, ApiKeyAccount]:
            table, key = model._meta.db_table, model._meta.pk.column
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY {key}")
            found[table] = list(cursor.fetchall())
    return found


@contextmanager
def nothing_changes() -> Iterator[None]:
    before = everything()
    yield
    after = everything()
    changed = [name for name in before if before[name] != after[name]]
    assert not changed, f"changed although refused: {changed}"


def without_traces(answer: Answer, *words: str) -> str:
    """The answer as text without what differs by nature: the request's id, and the given words (echoes of ids)."""
    meta = {name: value for name, value in answer.meta.items() if name not in ("request_id", "status_message")}
    text = str([answer.status, answer.data, meta])
    for word in words:
        text = text.replace(word, "")
    return text


def refusal(answer: Answer) -> tuple[int, str, int]:
    """(status, category, code) of a failure."""
    assert answer.meta.get("details"), answer.body
    return (answer.status, *answer.error)


FOREIGN = (403, "permission", 403)
UNKNOWN = (404, "not_found", 404)
BAD_REFERENCE = (400, "database_constraint", 1452)
NO_COLUMN = (400, "database_schema", 1054)
NO_TYPE = (404, "database_schema", 1146)
