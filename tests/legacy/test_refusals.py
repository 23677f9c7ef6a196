"""What the old routes refuse: LEG-02, LEG-04, and everything that was never a route."""

from __future__ import annotations

import pytest

from tests.conftest import Caller, Party
from tests.legacy.asking import PREFIXES, journals, jp

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("prefix", PREFIXES)]
NO_VIEWS = (
    "api_key",
    "user;DROP",
    "__class__",
    "../",
    "..%2F..%2Fetc",
    "v_journal",
    "Enriched",
    "default%20",
    "",
    "default,enriched",
    "%00",
    "a" * 1024,
)


@pytest.mark.parametrize("view", NO_VIEWS)
def test_views_are_those_of_a_short_list(north: Party, prefix: str, view: str) -> None:
    (own,) = journals(north.manager, "J")
    for word in ("tbl_alt", "mdl_alt"):
        for path in (f"{prefix}/journal/list", f"{prefix}/journal/{own}"):
            answer = north.manager.get(f"{path}?{word}={view}")
            assert answer.status == 400, answer.body
            assert list(answer.meta["details"]["fields"]) == [word]
            assert len(answer.raw.content) < 1_000
        assert north.manager.patch(f"{prefix}/journal/{own}?{word}={view}", {"name": "x"}).status == 400
        assert north.manager.delete(f"{prefix}/journal/{own}?{word}={view}").status == 400
        assert north.manager.post(f"{prefix}/journal?{word}={view}", {"name": "x"}).status == 400
    assert north.manager.get(f"/v3/crud/journal/{own}").data["name"] == "J"
    assert len(north.manager.get("/v3/crud/journal/?hidden=all&enabled=all").data) == 1


@pytest.mark.parametrize(
    "query",
    ["tbl_alt=default&mdl_alt=enriched", "tbl_alt=enriched&view=default", "tbl_alt=enriched&tbl_alt=enriched"],
)
def test_views_that_contradict_each_other(north: Party, prefix: str, query: str) -> None:
    assert north.manager.get(f"{prefix}/journal/list?{query}").error == ("validation", 400)


@pytest.mark.parametrize(
    "query",
    ["bogus=1", "limit=0", "limit=x", "export=csv", "jp={}&export=csv", "jp={}&jp={}", "enabled=x", "name=a&name=b"],
)
def test_unknown_and_wrong_parameters(north: Party, prefix: str, query: str) -> None:
    answer = north.manager.get(f"{prefix}/journal/list?{query}")
    assert answer.status == 400, answer.body


def test_parameters_of_lists_have_no_place_beside_one_object(north: Party, prefix: str) -> None:
    (own,) = journals(north.manager, "J")
    for query in ("limit=1", "order_by=name", "jp={}", "enabled=all", "bogus=1"):
        assert north.manager.get(f"{prefix}/journal/{own}?{query}").error == ("validation", 400), query
        assert north.manager.patch(f"{prefix}/journal/{own}?{query}", {"name": "x"}).error == ("validation", 400)
        assert north.manager.post(f"{prefix}/journal?{query}", {"name": "x"}).error == ("validation", 400)
    assert north.manager.delete(f"{prefix}/journal/{own}?method=bogus").error == ("validation", 400)
    assert north.manager.get("/v3/crud/journal/").data[0]["name"] == "J"


def test_the_key_comes_before_anything_else(north: Party, prefix: str) -> None:
    (own,) = journals(north.manager, "J")
    nobody = [
        Caller(),
        Caller({"x-account-id": north.id}),
        Caller({"x-aether-api-key": "aes_unknown", "x-account-id": north.id}),
        Caller({"x-aether-api-token": north.keys["manager"], "x-account-id": north.id}),
        Caller({"authorization": f"Bearer {north.keys['manager']}"}),
        Caller({"authorization": "Basic eDp5"}),
        Caller({"cookie": f"api_key={north.keys['manager']}"}),
    ]
    for caller in nobody:
        for method, path, body in (
            ("GET", f"{prefix}/journal/{own}", None),
            ("GET", f"{prefix}/journal/nowhere0000", None),
            ("GET", f"{prefix}/journal/list{jp('{')}", None),
            ("GET", f"{prefix}/journal/list?api_key={north.keys['manager']}", None),
            ("GET", f"{prefix}/journal/list?tbl_alt=api_key", None),
            ("GET", f"{prefix}/bogus/list", None),
            ("GET", f"{prefix}/never/was/a/route", None),
            ("PUT", f"{prefix}/journal/{own}", {}),
            ("OPTIONS", f"{prefix}/journal/{own}", None),
            ("POST", f"{prefix}/journal", b"{"),
            ("PATCH", f"{prefix}/journal/{own}", {"name": "x"}),
            ("DELETE", f"{prefix}/journal/{own}", None),
        ):
            assert caller(method, path, body).error == ("permission", 403), (caller, method, path)
    assert north.manager.get(f"/v3/crud/journal/{own}").data["name"] == "J"


@pytest.mark.parametrize(
    "rest",
    [
        "",
        "/",
        "/journal/x/y",
        "/journal/{id}/journal_entry",
        "/journal/{id}/journal_entry/list",
        "/journal/{id}/history",
        "/journal/schema",
        "/journal/search",
        "/journal/bulk",
        "/journal//list",
        "//list",
        "/journal/list/list",
        "/journal/%2e%2e/list",
        "/Journal/list",
        "/journal%0A/list",
        "/journal/{id}%00",
        "/journal/{id}%20",
        "/journal/%E2%98%83",
        "/journal/%FF",
        "/journal/1",
        "/journal/" + "a" * 500,
    ],
)
def test_what_was_no_route_is_none(north: Party, prefix: str, rest: str) -> None:
    (own,) = journals(north.manager, "J")
    for caller in (north.manager, Caller({"x-aether-api-key": north.keys["manager"]})):
        answer = caller.get(prefix + rest.format(id=own))
        assert answer.status in ({403, 404} if caller is not north.manager else {404}), answer.body
        assert "Deprecation" in answer.headers


def test_other_tables_are_no_types(north: Party, prefix: str) -> None:
    for name in (
        "api_key",
        "change_log",
        "legacy_hit",
        "idempotent_answer",
        "refresh_token",
        "django_session",
        "bogus",
    ):
        for path in (f"{prefix}/{name}/list", f"{prefix}/{name}/nowhere0000"):
            assert north.manager.get(path).error == ("database_schema", 1146)
        assert north.manager.post(f"{prefix}/{name}", {}).error == ("database_schema", 1146)


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/journal", "POST"),
        ("/journal/", "POST"),
        ("/journal/list", "GET, HEAD"),
        ("/journal/list?jp={}", "GET, HEAD"),
        ("/journal/{id}", "GET, HEAD, PATCH, DELETE"),
    ],
)
def test_other_methods_are_refused(north: Party, prefix: str, path: str, allowed: str) -> None:
    (own,) = journals(north.manager, "J")
    path = prefix + path.replace("{id}", own)
    for method in {"GET", "POST", "PATCH", "DELETE", "PUT", "TRACE"} - set(allowed.split(", ")):
        answer = north.manager(method, path, {"name": "x"} if method in ("POST", "PATCH", "PUT") else None)
        assert (answer.status, answer.headers["Allow"]) == (405, allowed), method
    options = north.manager("OPTIONS", path)
    assert (options.status, options.headers["Allow"]) == (204, allowed)
    assert [row["name"] for row in north.manager.get("/v3/crud/journal/").data] == ["J"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'"x"', 400),
        (b"null", 400),
        (b'{"name":"a","name":"b"}', 400),
        (b'{"sort":1e400}', 400),
    ],
)
def test_bodies_are_read_as_strictly_as_in_v3(north: Party, prefix: str, body: bytes, status: int) -> None:
    (own,) = journals(north.manager, "J")
    for method, path in (("POST", f"{prefix}/journal"), ("PATCH", f"{prefix}/journal/{own}")):
        answer = north.manager(method, path, body, content_type="application/json")
        assert answer.status == status, answer.body
        assert north.manager(method, path, b'{"name": "x"}', content_type="text/plain").status == 400
    assert [row["name"] for row in north.manager.get("/v3/crud/journal/").data] == ["J"]


def test_a_body_that_is_too_long(north: Party, prefix: str) -> None:
    body = b'{"name": "x", "summary": "' + b"a" * 2**20 + b'"}'
    assert north.manager.post(f"{prefix}/journal", body).error == ("payload_too_large", 413)


def test_too_many_parameters(north: Party, prefix: str) -> None:
    query = "&".join(f"a{number}=1" for number in range(1_100))
    for path in (f"{prefix}/journal/list?{query}", f"{prefix}/journal/list?jp={{}}&{query}"):
        assert north.manager.get(path).error == ("validation", 400)
