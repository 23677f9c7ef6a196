"""The WSGI application takes a short way to the objects' view; what is answered is what Django's own handler answers."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

from aether.fast import handler
from aether.fast.handler import FastHandler, ObjectRead, reads_objects
from kernel.metrics import exposition
from tests.conftest import Party

pytestmark = pytest.mark.django_db

PATHS = [
    *("/v3/crud", "/v3/crud/", "/v3/crud/journal/", "/v3/crud/journal", "/v3/crud/journal//", "/v3/crud//journal/"),
    *("/v3/crud/journal/{id}", "/v3/crud/journal/{id}/", "/v3/crud/journal/{id}/journal_entry/", "/v3/crud/none/"),
    *("/v3/crud/journal/{id}\n", "/v3/crud/journal/\n", "/v3/crud/../crud/journal/", "/v3/crudx/", "/V3/crud/journal/"),
    *("/v3/crud/journal/\u00e9", "/v3/crud/journal/" + "x" * 5000, "/v3/lookup/country/list", "/nowhere", "//v3/crud/"),
]


def environment(method: str, path: str, **more: Any) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_X_REQUEST_ID": "the-same",
        "wsgi.input": io.BytesIO(b"{}"),
        "wsgi.url_scheme": "http",
        **more,
    }


def answered(application: WSGIHandler, method: str, path: str, headers: dict[str, str]) -> tuple[Any, ...]:
    named = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}
    head: list[Any] = []
    environ = environment(method, path, **named)
    response = application(environ, lambda status, headers: head.extend((status, sorted(headers))))
    body = b"".join(response)
    if close := getattr(response, "close", None):
        close()
    return *head, body


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "TRACE"])
def test_both_ways_lead_to_the_same_answer(north: Party, method: str) -> None:
    journal = north.member.create("journal", name="x")["id"]
    quick, stock = FastHandler(), WSGIHandler()
    for path in PATHS:
        for headers in ({}, north.member.headers):
            asked = path.format(id=journal)
            assert answered(quick, method, asked, headers) == answered(stock, method, asked, headers), asked


def test_a_request_that_is_refused_at_the_door_counts_under_its_route(north: Party) -> None:
    for path, route in (
        ("journal/", "{type}/"),
        ("journal/x/entry/y", "{parent}/{id}/{type}/{id}"),
        ("none", "{path}"),
    ):
        assert answered(FastHandler(), "PATCH", f"/v3/crud/{path}", {})[0] == "403 Forbidden"
        counted = rf'method="PATCH",route="{re.escape("/v3/crud/" + route)}",status="403"'
        assert re.search(counted.encode(), exposition()), route


@pytest.mark.parametrize("query", ["", "view=enriched&jwt=a"])
def test_a_request_that_reads_knows_what_django_would_find_out(query: str) -> None:
    environ = environment("GET", "/v3/crud/journal/x", QUERY_STRING=query, HTTP_COOKIE="a=b")
    short, stock = ObjectRead(dict(environ)), WSGIRequest(dict(environ))
    assert (short.body, short.GET, short.COOKIES, short.POST) == (stock.body, stock.GET, stock.COOKIES, stock.POST)
    assert short.get_full_path() == stock.get_full_path()
    own = {"_stream", "_files"}
    assert {name: value for name, value in vars(short).items() if name not in own} == {
        name: value for name, value in vars(stock).items() if name not in own
    }


@pytest.mark.parametrize(
    "other",
    [
        *({"REQUEST_METHOD": "POST"}, {"REQUEST_METHOD": "get"}, {"CONTENT_LENGTH": "2"}, {"CONTENT_TYPE": "a/b"}),
        *({"SCRIPT_NAME": "/below"}, {"SCRIPT_URL": "/x"}, {"REDIRECT_URL": "/x"}, {"PATH_INFO": "/v3/crud/\u00e9"}),
        {"PATH_INFO": "/v3/lookup/country/list"},
    ],
)
def test_only_plain_reads_take_the_short_way(other: dict[str, str]) -> None:
    assert reads_objects(environment("GET", "/v3/crud/journal/x"))
    assert not reads_objects(environment("GET", "/v3/crud/journal/x") | other)


def test_a_connection_is_looked_at_once_after_each_request(north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[None] = []
    monkeypatch.setattr(handler, "close_broken_connection", lambda: looked.append(None))
    paths = ["/v3/crud/journal/", "/v3/lookup/country/list", "/nowhere"]
    for number, path in enumerate(paths, start=1):
        answered(FastHandler(), "GET", path, north.member.headers)
        assert len(looked) == number, path
