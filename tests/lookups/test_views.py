"""The routes: who may ask, how, and how it is answered."""

from __future__ import annotations

import pytest

from tests.conftest import Caller

pytestmark = pytest.mark.usefixtures("world")

LIST = "/v3/lookup/country/list"


def test_the_key_is_asked_for_before_anything_else(db):
    for path in (LIST, "/v3/lookup/country/resolve?q=US", "/v3/lookup/nothing/list", f"{LIST}?nothing=1"):
        assert Caller().get(path).error == ("permission", 403)
    assert Caller({"x-aether-api-key": "aes_nobody"}).get(LIST).error == ("permission", 403)


def test_a_bad_token_is_no_guest(north):
    assert north.guest.get(LIST, authorization="Bearer rubbish").error == ("authentication", 401)


def test_a_key_without_an_account_reads_the_global_rows(north, override, listed):
    override(north, "US", name="America")
    key = {"x-aether-api-key": north.keys["manager"]}
    assert {row["name"] for row in listed(Caller(key))} >= {"United States"}
    assert {row["account_id"] for row in listed(Caller(key))} == {None}


def test_an_account_that_is_not_the_keys(north, south):
    assert north.member.get(LIST, **{"x-account-id": south.id}).error == ("permission", 403)


@pytest.mark.parametrize("path", ["list", "resolve?q=US"])
def test_with_and_without_a_slash(visitor, path):
    word, _, query = path.partition("?")
    answers = [visitor.get(f"/v3/lookup/country/{word}{slash}?{query}") for slash in ("", "/")]
    assert answers[0].status == 200
    assert answers[0].data == answers[1].data


def test_the_envelope_of_a_list(visitor):
    meta = visitor.get(LIST).meta
    meta.pop("request_id")
    assert meta == {
        "success": True,
        "status_code": 200,
        "status_message": "OK",
        "count": 6,
        "limit": 6,
        "offset": 0,
        "next_cursor": None,
    }


def test_head_says_what_get_says(visitor):
    get, head = visitor.get(LIST), visitor("HEAD", LIST)
    assert (head.status, head.headers["ETag"]) == (200, get.headers["ETag"])


@pytest.mark.parametrize("path", ["list", "resolve?q=US"])
def test_an_etag_spares_the_rows_until_one_changes(north, override, path):
    path = f"/v3/lookup/country/{path}"
    tag = north.member.get(path).headers["ETag"]
    again = north.member.get(path, **{"if-none-match": tag})
    assert (again.status, again.raw.content) == (304, b"")
    override(north, "US", name="America")
    changed = north.member.get(path, **{"if-none-match": tag})
    assert changed.status == 200
    assert changed.headers["ETag"] != tag


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "list"),
        ("DELETE", "list"),
        ("PATCH", "resolve"),
        ("GET", ""),
        ("PUT", "46KS8pfQ6NB"),
        ("POST", "46KS8pfQ6NB"),
    ],
)
def test_other_methods_are_405(north, method, path):
    answer = north.manager(method, f"/v3/lookup/country/{path}", {} if method != "GET" else None)
    assert answer.status == 405
    assert "Allow" in answer.headers


@pytest.mark.parametrize("path", ["country/list/x", "country/46KS8pfQ6NB/x", "", "country//list"])
def test_no_such_path(north, path):
    assert north.member.get(f"/v3/lookup/{path}").error == ("not_found", 404)


def test_one_row_by_its_id(north, south, visitor, override):
    answer = visitor.get("/v3/lookup/country/46KS8pfQ6NB")
    assert (answer.status, answer.data["group"]) == (200, "US")
    made = override(north, "US", name="America")
    place = f"/v3/lookup/country/{made['id']}"
    for caller in (north.member, north.guest):
        assert caller.get(place).data == made
    for caller in (south.manager, visitor):
        assert caller.get(place).error == ("permission", 403)
    assert north.member.get(f"/v3/lookup/time_zone/{made['id']}").error == ("not_found", 404)
    for unknown in ("AAAAAAAAAAA", "1", "%20", "A" * 300, "46ks8pfq6nb"):
        assert north.member.get(f"/v3/lookup/country/{unknown}").error == ("not_found", 404)
    assert north.member.get(f"{place}?x=1").error == ("validation", 400)


def test_a_guest_reads_no_row_that_is_off(north, override):
    made = override(north, "US", enable=False)
    assert north.guest.get(f"/v3/lookup/country/{made['id']}").error == ("permission", 403)
    assert north.member.get(f"/v3/lookup/country/{made['id']}").status == 200


def test_a_header_that_is_not_recognised_is_said_so(north):
    answer = north.member.get(LIST, **{"x-aether-api-token": "x"})
    assert len(answer.meta["warnings"]) == 1
