"""Short ways to ask the engine, below HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, settings

from crud.read.page import ResultPage, read_page
from crud.read.search.parser import parse_search
from crud.rest.pagination import read_paging
from crud.rest.requests import ApiRequest
from crud.rest.viewsets import viewset_of
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


def read(principal: Principal, type_name: str, query: str = "", body: Any = None) -> ResultPage:
    """What a list (or, with a body, a search) answers. The scope must be active."""
    view = viewset_of(type_name)()
    view.action, view.request = "list", ApiRequest(RequestFactory().get(f"/?{query}"))
    view.request.principal = principal
    asked = view.filter_queryset(view.get_queryset())
    asked.search = asked.search if body is None else parse_search(body)
    read_paging(view.request.parameters, asked.parameters)
    return read_page(asked.selection(), asked.parameters)


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
