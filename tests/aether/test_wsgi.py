"""The WSGI application takes a short way to the objects' view; what is answered is what Django's own handler answers."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler

from aether.wsgi import Application
from crud.metrics import exposition
from tests.conftest import Party

pytestmark = pytest.mark.django_db

PATHS = [
    *("/v3/crud", "/v3/crud/", "/v3/crud/journal/", "/v3/crud/journal", "/v3/crud/journal//", "/v3/crud//journal/"),
    *("/v3/crud/journal/{id}", "/v3/crud/journal/{id}/", "/v3/crud/journal/{id}/journal_entry/", "/v3/crud/none/"),
    *("/v3/crud/journal/{id}\n", "/v3/crud/journal/\n", "/v3/crud/../crud/journal/", "/v3/crudx/", "/V3/crud/journal/"),
    *("/v3/crud/journal/\u00e9", "/v3/crud/journal/" + "x" * 5000, "/v3/lookup/country/list", "/nowhere", "//v3/crud/"),
]


def answered(application: WSGIHandler, method: str, path: str, headers: dict[str, str]) -> tuple[Any, ...]:
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "HTTP_HOST": "127.0.0.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_X_REQUEST_ID": "the-same",
        "wsgi.input": io.BytesIO(),
        "wsgi.url_scheme": "http",
        **{"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()},
    }
    head: list[Any] = []
    response = application(environ, lambda status, headers: head.extend((status, sorted(headers))))
    body = b"".join(response)
    response.close()
    return *head, body


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS", "TRACE"])
def test_both_ways_lead_to_the_same_answer(north: Party, method: str) -> None:
    journal = north.member.create("journal", name="x")["id"]
    quick, stock = Application(), WSGIHandler()
    for path in PATHS:
        for headers in ({}, north.member.headers):
            asked = path.format(id=journal)
            assert answered(quick, method, asked, headers) == answered(stock, method, asked, headers), asked


def test_a_request_that_is_refused_at_the_door_counts_under_its_route(north: Party) -> None:
    assert answered(Application(), "GET", "/v3/crud/journal/", {})[0] == "403 Forbidden"
    assert re.search(rb'route="/v3/crud/\{path\}",status="403"', exposition())
