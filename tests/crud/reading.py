"""Short ways to ask the engine, below HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, settings

from crud.declare.object_type import registry
from crud.parameters import parse_parameters
from crud.read.page import Page, read_page, select
from crud.read.search.parser import parse_search
from tenancy.context import tenant
from tenancy.principal import Principal, Role, acting_as
from tests.conftest import Party


def prop(examples: int) -> settings:
    """Hypothesis as these tests use it: the same examples in every run, rows rolled back by the test itself."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def principal_of(party: Party, role: Role = Role.USER) -> Principal:
    return Principal(
        role=role, account_id=party.account.pk, account_public_id=party.id, time_zone=party.account.time_zone
    )


@contextmanager
def acting(party: Party, role: Role = Role.USER) -> Iterator[Principal]:
    principal = principal_of(party, role)
    with tenant(party.account.pk), acting_as(principal):
        yield principal


def read(principal: Principal, type_name: str, query: str = "", body: Any = None) -> Page:
    """What a list (or, with a body, a search) answers. The scope must be active."""
    object_type = registry[type_name]
    parameters = parse_parameters(QueryDict(query), object_type, principal.access)
    search = None if body is None else parse_search(body)
    return read_page(select(object_type, principal, parameters, search), parameters)


@contextmanager
def rolled_back() -> Iterator[None]:
    """Undo what the block wrote: for the many examples of one property test."""
    with transaction.atomic():
        try:
            yield
        finally:
            transaction.set_rollback(True)


@contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL of the block, without what begins and ends transactions."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    frame = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")
    found.extend(query["sql"] for query in captured.captured_queries if not query["sql"].startswith(frame))
