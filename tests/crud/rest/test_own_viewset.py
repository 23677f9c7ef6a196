"""An app's own viewset of a type: more verbs, on the same roles, rows, parents and answers as those that all have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import clear_url_caches
from rest_framework.decorators import action
from rest_framework.response import Response

import crud.rest.urls
from crud import ApiRequest, ObjectViewSet, registry
from crud.rest import checks
from crud.rest.routers import ObjectRouter
from crud.rest.viewsets import viewset_of
from tests.conftest import Party
from tests.crud.examples import Examples


class JournalVerbs(ObjectViewSet):
    @action(detail=True, methods=["post"])
    def close(self, request: ApiRequest, public_id: str) -> Any:
        return self.one(self.writer().update(public_id, {"name": "closed"}))

    @action(detail=False, methods=["get"], nested=False)
    def figures(self, request: ApiRequest) -> Response:
        return Response({"journals": self.object_type.rows(request.principal.access).count()})

    @action(detail=False, methods=["post"], verb="hard_delete")
    def purge(self, request: ApiRequest) -> Response:
        return Response({"purged": True})


class HidesAChild(ObjectViewSet):
    @action(detail=True, methods=["get"])
    def entry(self, request: ApiRequest, public_id: str) -> Response:
        return Response({})


class Doubles(ObjectViewSet):
    @action(detail=False, methods=["get"], url_path="schema")
    def other(self, request: ApiRequest) -> Response:
        return Response({})


class TwoWords(ObjectViewSet):
    @action(detail=True, methods=["get"], url_path="a/b")
    def other(self, request: ApiRequest, public_id: str) -> Response:
        return Response({})


@pytest.fixture
def verbs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The routes of an installation whose journals have these verbs."""
    monkeypatch.setattr(type(registry["journal"]), "viewset", f"{__name__}.JournalVerbs")
    viewset_of.cache_clear()
    router = ObjectRouter()
    for name in registry:
        router.register(name, viewset_of(name))
    monkeypatch.setattr(crud.rest.urls.router, "_urls", router.urls)
    (resolver,) = crud.rest.urls.urlpatterns[0].url_patterns  # type: ignore[union-attr]
    monkeypatch.setattr(resolver, "nodes", router.resolver.nodes)
    clear_url_caches()
    yield
    viewset_of.cache_clear()
    clear_url_caches()


def test_a_verb_of_an_object(north: Party, south: Party, verbs: None) -> None:
    journal = Examples(north).one("journal")
    closed = north.administrator.post(f"/v3/crud/journal/{journal}/close", {})
    assert (closed.status, closed.data["name"], closed.data["id"]) == (200, "closed", journal)
    assert north.administrator.get(f"/v3/crud/journal/{journal}/history").data[0]["changes"]["name"][1] == "closed"
    assert south.administrator.post(f"/v3/crud/journal/{journal}/close/", {}).error == ("permission", 403)
    assert north.manager.post(f"/v3/crud/account/{north.id}/journal/{journal}/close", {}).status == 200
    assert north.manager.post(f"/v3/crud/account/{south.id}/journal/{journal}/close", {}).status == 403
    assert north.guest.post(f"/v3/crud/journal/{journal}/close", {}).error == ("permission", 403)
    assert north.administrator.get(f"/v3/crud/journal/{journal}/close").headers["Allow"] == "POST"
    assert north.administrator.post("/v3/crud/journal/nowhere0000/close", {}).status == 404


def test_a_verb_of_the_type(north: Party, south: Party, verbs: None) -> None:
    Examples(south).one("journal")
    for path in ("/v3/crud/journal/figures", "/v3/crud/journal/figures/"):
        answer = north.member.get(path)
        assert (answer.status, answer.data, answer.meta["success"]) == (200, {"journals": 0}, True)
    assert north.guest.get("/v3/crud/journal/figures").error == ("permission", 403)
    person = Examples(north).one("person")
    assert north.member.get(f"/v3/crud/person/{person}/journal/figures").status == 404


def test_a_verb_asks_for_the_role_that_it_names(north: Party, verbs: None) -> None:
    assert north.administrator.post("/v3/crud/journal/purge", {}).status == 200
    refused = north.member.post("/v3/crud/journal/purge", {})
    assert refused.meta["details"]["message"] == "You may not hard delete 'journal'."


@pytest.mark.parametrize(
    ("viewset", "complaint"),
    [
        ("JournalVerbs", ""),
        ("HidesAChild", "the action 'entry' has the path of the child 'entry'"),
        ("Doubles", "2 actions have the path 'schema'"),
        ("TwoWords", "the url_path of an action is one word, not 'a/b'"),
        ("Party", "which is no subclass of ObjectViewSet"),
        ("NoSuch", "can't be imported"),
    ],
)
def test_a_viewset_that_would_hide_a_route_is_refused(
    monkeypatch: pytest.MonkeyPatch, viewset: str, complaint: str
) -> None:
    monkeypatch.setattr(type(registry["journal"]), "viewset", f"{__name__}.{viewset}")
    viewset_of.cache_clear()
    messages = [str(message.msg) for message in checks.check_viewsets()]
    viewset_of.cache_clear()
    assert len(messages) == (1 if complaint else 0)
    assert all(complaint in message for message in messages)
