"""The shape of every answer, whatever happened, and the id of its request."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import BadRequest, DisallowedHost, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DatabaseError, IntegrityError, OperationalError
from django.http import Http404, RawPostDataException
from django.test import Client

from kernel.envelope import as_api_error, failure_for, to_json
from tenancy.context import CrossTenantError, NoTenantError
from tests.conftest import Answer, Caller, Party
from tests.crud.examples import Examples

SECRET = "SELECT passcode FROM site -- /srv/aether/crud/page.py"


def test_the_shape_of_a_single_answer(north: Party) -> None:
    made = north.member.post("/v3/crud/journal/", {"name": "x"}, **{"x-request-id": "abc"})
    assert made.meta == {"success": True, "status_code": 201, "status_message": "Created", "request_id": "abc"}
    got = north.member.get(f"/v3/crud/journal/{made.data['id']}", **{"x-request-id": "abc"})
    assert got.meta == {"success": True, "status_code": 200, "status_message": "OK", "request_id": "abc"}
    assert list(got.body) == ["data", "meta"]


def test_the_shape_of_a_list(north: Party) -> None:
    for answer in (north.member.get("/v3/crud/journal/"), north.member.search("journal", {})):
        assert answer.data == []
        assert set(answer.meta) == {
            *("success", "status_code", "status_message", "request_id", "count", "limit", "offset", "next_cursor")
        }
    with_total = north.member.get("/v3/crud/journal/?inc_total=true")
    assert with_total.meta["total"] == 0


def test_the_shape_of_a_failure(north: Party) -> None:
    answer = north.member.post("/v3/crud/journal/", {"name": None}, **{"x-request-id": "abc"})
    assert answer.body == {
        "data": None,
        "meta": {
            "success": False,
            "status_code": 400,
            "status_message": "name: It can't be null.",
            "request_id": "abc",
            "details": {
                "category": "validation",
                "code": 400,
                "message": "name: It can't be null.",
                "recoverable": False,
                "fields": {"name": ["It can't be null."]},
            },
        },
    }


PATHS = [
    "/nothing",
    "/v3/nothing",
    "/v3/crudx",
    "/api/nothing",
    "/v3/crud/journal%0Ax",
    "/v3/crud/%ff%fe",
]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "X"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", PATHS)
def test_the_router_answers_in_the_envelope_too(path: str, method: str, north: Party) -> None:
    answer = north.member(method, path)
    assert answer.status in (204, 404, 405)
    assert answer.headers["X-Request-Id"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if answer.status == 204:
        assert (method, answer.raw.content) == ("OPTIONS", b"")
    elif method == "HEAD":
        assert answer.raw.content == b""
    else:
        assert answer.body["data"] is None
        assert answer.meta["details"]["code"] in (answer.status, 1146)
        assert answer.meta["request_id"] == answer.headers["X-Request-Id"]


SANE = ["a", "A-b_c.9", "x" * 64]
INSANE = ["", "x" * 65, "a b", "a,b", "é", "a\tb", "<script>", "a/b", "%0d%0a", "\x00"]


@pytest.mark.parametrize("request_id", SANE)
def test_a_sane_request_id_is_kept(request_id: str, north: Party) -> None:
    for answer in answers(north, **{"x-request-id": request_id}):
        assert answer.headers["X-Request-Id"] == request_id
        assert answer.body is None or answer.meta["request_id"] == request_id


@pytest.mark.parametrize("request_id", INSANE)
def test_another_is_made_anew(request_id: str, north: Party) -> None:
    made = set()
    for answer in answers(north, **{"x-request-id": request_id}):
        assert answer.headers["X-Request-Id"] != request_id
        assert answer.body is None or answer.meta["request_id"] == answer.headers["X-Request-Id"]
        made.add(answer.headers["X-Request-Id"])
    assert len(made) == 6


def answers(party: Party, **headers: str) -> Iterator[Answer]:
    yield party.member.get("/v3/crud/journal/", **headers)
    yield party.member("HEAD", "/v3/crud/journal/", **headers)
    yield party.member.get("/v3/crud/no_such", **headers)
    yield party.member.get("/nothing", **headers)
    yield Caller().get("/v3/crud/journal/", **headers)
    yield party.member.post("/v3/crud/journal/", b"{", **headers)


# --- defects


@pytest.mark.parametrize("place", ["crud.rest.viewsets.read_one", "crud.rest.viewsets.paths_of", "crud.read.page.plan"])
def test_a_defect_is_a_500_that_tells_nothing_and_logs_all(
    place: str, north: Party, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    journal = Examples(north).one("journal")

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr(place, broken)
    with caplog.at_level(logging.ERROR, "kernel.errors"):
        answer = north.member.get(f"/v3/crud/journal/{journal}", **{"x-request-id": "req-1"})
    assert (answer.status, answer.error) == (500, ("internal", 500))
    assert answer.meta["request_id"] == answer.headers["X-Request-Id"] == "req-1"
    assert answer.meta["details"]["recoverable"] is False
    text = answer.raw.content.decode()
    assert not any(word in text for word in ("SELECT", "RuntimeError", "Traceback", "aether/", "passcode"))
    (record,) = [record for record in caplog.records if record.name == "kernel.errors"]
    assert record.exc_info is not None
    assert SECRET in str(record.exc_info[1])


def test_a_defect_outside_of_a_view_too(north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError(SECRET)

    monkeypatch.setattr("crud.rest.views.ApiView.dispatch", broken)
    answer = north.member.get("/v3/crud/journal/")
    assert (answer.status, answer.error) == (500, ("internal", 500))
    assert "SELECT" not in answer.raw.content.decode()


@pytest.mark.parametrize(
    ("error", "status", "category", "code"),
    [
        (Http404(SECRET), 404, "not_found", 404),
        (PermissionDenied(SECRET), 403, "permission", 403),
        (RequestDataTooBig(SECRET), 413, "payload_too_large", 413),
        (DisallowedHost(SECRET), 400, "validation", 400),
        (SuspiciousOperation(SECRET), 400, "validation", 400),
        (BadRequest(SECRET), 400, "validation", 400),
        (RawPostDataException(SECRET), 400, "validation", 400),
        (DjangoValidationError({"name": ["Too odd."]}), 400, "validation", 400),
        (CrossTenantError(SECRET), 400, "database_constraint", 1452),
        (OperationalError(2006, SECRET), 503, "database_connection", 2006),
        (OperationalError(1969, SECRET), 503, "database_connection", 1969),
        (IntegrityError(1062, SECRET), 400, "database_duplicate", 1062),
        (DatabaseError(SECRET), 500, "internal", 500),
        (OperationalError(1064, SECRET), 500, "internal", 500),
        (NoTenantError(SECRET), 500, "internal", 500),
        (RecursionError(SECRET), 500, "internal", 500),
        (MemoryError(SECRET), 500, "internal", 500),
        (KeyError(SECRET), 500, "internal", 500),
        (UnicodeEncodeError("utf-8", SECRET, 0, 1, SECRET), 500, "internal", 500),
    ],
)
def test_every_exception_has_its_answer(error: Exception, status: int, category: str, code: int) -> None:
    response = failure_for(error)
    details = json.loads(response.content)["meta"]["details"]
    assert (response.status_code, details["category"], details["code"]) == (status, category, code)
    assert "SELECT" not in response.content.decode()
    assert (as_api_error(error) is None) == (category == "internal")


def test_the_log_names_the_request_of_each_line(north: Party, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "crud.request"):
        north.member.get("/v3/crud/journal/?name=secret-value", **{"x-request-id": "req-1"})
    (record,) = [record for record in caplog.records if record.name == "crud.request"]
    assert record.getMessage() == "GET /v3/crud/journal/ 200"
    assert "secret-value" not in str(record.__dict__)


def test_answers_are_nobodys_to_keep(north: Party) -> None:
    for answer in answers(north):
        assert answer.headers["Cache-Control"] in ("private, no-cache", "private, no-store")
    link = Client(raise_request_exception=False).get("/v3/crud/journal/?jwt=x.y.z")
    assert link.headers["Cache-Control"] == "private, no-store"
    assert link.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/v3/crud/journal/", "/v3/crud/journal/nowhere0000", "/v2/crud/journal/list"])
def test_answers_name_their_length(path: str, north: Party) -> None:
    """Without it a server sends chunks. Legacy answers are translated last of all, so it is counted after that."""
    raw = north.manager.get(path).raw
    assert raw.headers["Content-Length"] == str(len(raw.content))


def test_warnings_stand_beside_the_answer(north: Party) -> None:
    answer = north.member.get("/v3/crud/journal/", **{"x-aether-api-token": "old"})
    assert answer.status == 200
    assert len(answer.meta["warnings"]) == 1


def test_json_of_what_the_database_holds() -> None:
    assert to_json({"é": "😀\u2028</script>"}) == '{"é":"😀\u2028</script>"}'.encode()


def test_warnings_come_with_refusals_too(north: Party) -> None:
    """`x-aether-api-token` was the key once: who still sends it hears so where it matters, in the 403."""
    old = {"x-aether-api-token": "old"}
    refused = [
        Caller(old).get("/v3/crud/journal/"),
        Caller(old | {"x-account-id": north.id}).post("/v3/crud/journal/search", {}),
        Caller(old).get("/v3/crud/no_such"),
        Caller(old).get("/v2/crud/journal/list"),
        Caller(old).post("/v3/mcp", {}),
        north.member.get("/v3/crud/journal/nowhere0000", **old),
        north.member.post("/v3/crud/journal/", b"{", **old),
        north.member.get("/v3/crud/user/", **old),
        north.member.post("/v3/crud/journal/bulk", {"what": []}, **old),
        north.member.get("/v3/action/event_badge/nowhere0000/render", **old),
        north.member.get("/v3/crud/journal/", authorization="Bearer x.y.z", **old),
    ]
    for answer in refused:
        assert answer.status >= 400
        (warning,) = answer.meta["warnings"]
        assert "x-aether-api-token" in warning
    assert "warnings" not in Caller().get("/v3/crud/journal/").meta
    assert "warnings" not in north.member.get("/v3/crud/journal/nowhere0000").meta


@pytest.mark.parametrize(
    "path",
    ["/v3/crud/", "/v3/crud/journal/schema", "/v3/auth/whoami", "/v3/lookup/country/list", "/v3/crud/journal/search"],
)
def test_a_parameter_that_would_do_nothing_is_refused(path: str, north: Party) -> None:
    method, body = ("POST", {}) if path.endswith("search") else ("GET", None)
    assert north.member(method, path, body).status == 200
    assert north.member(method, f"{path}?colour=red", body).status == 400
    assert north.member.post("/v3/auth/guest?colour=red", {"fqdn": north.fqdn}).error == ("validation", 400)
    if body is not None:
        for name in ("limit=5", "offset=1", "cursor=x", "inc_total=true"):
            refused = north.member(method, f"{path}?export=csv&{name}", body)
            assert list(refused.meta["details"]["fields"]) == [name.partition("=")[0]]
