"""Paths of /v3/crud → viewset, parents and id."""

from __future__ import annotations

import pytest
from django.urls import Resolver404, resolve, reverse

from crud.declare.object_type import children_of, registry
from crud.rest.urls import route, router
from crud.rest.views import NoSuchRoute
from kernel.errors import NotFound, UnknownType


@pytest.mark.parametrize(
    ("path", "kind", "type_name", "public_id", "parents"),
    [
        ("", "types", None, "", []),
        ("/", "types", None, "", []),
        ("journal", "list", "journal", "", []),
        ("journal/", "list", "journal", "", []),
        ("journal/search", "search", "journal", "", []),
        ("journal/bulk/", "bulk", "journal", "", []),
        ("journal/schema", "schema", "journal", "", []),
        ("journal/AAA", "detail", "journal", "AAA", []),
        ("journal/AAA/history", "history", "journal", "AAA", []),
        ("journal/AAA/entry", "list", "journal_entry", "", ["journal"]),
        ("journal/AAA/journal_entry/BBB/", "detail", "journal_entry", "BBB", ["journal"]),
        ("journal/AAA/entry/search", "search", "journal_entry", "", ["journal"]),
        ("journal/AAA/entry/BBB/history/", "history", "journal_entry", "BBB", ["journal"]),
        ("event/A/session/B/presentation/C/presenter/D", "detail", "event_presenter", "D", ["event_presentation"]),
        ("account/A/site/B/site_domain", "list", "site_domain", "", ["site"]),
    ],
)
def test_routes(path: str, kind: str, type_name: str | None, public_id: str, parents: list[str]) -> None:
    found = route(path)
    assert (found.target.kind, found.public_id) == (kind, public_id)
    assert (found.object_type.name if found.object_type else None) == type_name
    assert [link.relation for link in found.parents][-1:] == parents


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("no_such", UnknownType),
        ("//", UnknownType),
        ("Journal", UnknownType),
        ("journal/AAA/event", UnknownType),
        ("journal/AAA/schema", UnknownType),
        ("journal//", NotFound),
        ("journal//entry", NotFound),
        ("journal/AAA//", UnknownType),
        ("journal/a b", NotFound),
        ("journal/" + "A" * 23, NotFound),
        ("journal/AAA/entry/bulk", NotFound),
        ("journal/AAA/entry/schema", NotFound),
        ("journal/search/x", NotFound),
        ("journal/search/history", NotFound),
        ("event/A/" + "session/B/" * 16, NotFound),
    ],
)
def test_no_routes(path: str, error: type[Exception]) -> None:
    """They lead to a view all the same: who may not come in is to hear that first."""
    view = route(path).target.view
    assert view.cls is NoSuchRoute  # type: ignore[attr-defined]
    assert isinstance(view.initkwargs["error"], error)  # type: ignore[attr-defined]


def test_a_path_that_django_resolves_leads_to_the_same_view() -> None:
    for path in (
        "journal/",
        "journal/AAA",
        "journal/AAA/entry/BBB",
        "event/A/session/B/presentation/search",
        "no_such",
    ):
        match, found = resolve(f"/v3/crud/{path}"), route(path)
        assert (match.func.cls, match.kwargs) == (found.target.view.cls, found.kwargs)  # type: ignore[attr-defined]
    with pytest.raises(Resolver404):
        resolve("/v3/crudx/journal/")


@pytest.mark.parametrize(
    ("name", "kwargs", "path"),
    [
        ("journal-list", {}, "/v3/crud/journal"),
        ("journal-detail", {"public_id": "AAA"}, "/v3/crud/journal/AAA"),
        ("event_session-search", {}, "/v3/crud/event_session/search"),
        ("journal-history", {"public_id": "AAA"}, "/v3/crud/journal/AAA/history"),
    ],
)
def test_names_lead_back_to_paths(name: str, kwargs: dict[str, str], path: str) -> None:
    assert reverse(name, kwargs=kwargs) == path


def test_every_type_has_a_viewset_class_of_its_own() -> None:
    classes = {prefix: viewset for prefix, viewset, _ in router.registry}
    assert set(classes) == set(registry)
    assert len(set(classes.values())) == len(classes)
    assert classes["event_session"].__name__ == "EventSessionViewSet"


def test_the_table_names_each_path_and_every_one_leads_where_it_says() -> None:
    listed = dict(router.resolver.route_table())
    for path, target in listed.items():
        filled = "/".join("AAA" if part.startswith("{") else part for part in path.split("/"))
        assert route(filled).target is target, path
    for parent in registry.values():
        for spelling, (_, relation) in children_of(parent).items():
            assert f"{parent.name}/{{{relation}_id}}/{spelling}/{{id}}" in listed
