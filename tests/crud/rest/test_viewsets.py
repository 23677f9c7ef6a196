"""/v3/crud over HTTP: its paths in both spellings, its methods, and children at any depth."""

from __future__ import annotations

from typing import Any

import pytest

from crud.declare.object_type import children_of, registry
from tests.conftest import Answer, Caller, Party
from tests.crud.examples import Examples
from tests.crud.write.test_writer import log_count


def without_request(answer: Answer) -> Any:
    """An answer without what differs from request to request."""
    if answer.body is None:
        return answer.status, answer.raw.content
    return answer.status, answer.body["data"], {**answer.meta, "request_id": None}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_both_spellings_are_the_same_for_every_method(method: str, north: Party) -> None:
    examples = Examples(north)
    entry, journal = examples.one("journal_entry"), examples.one("journal")
    body = None if method in ("GET", "HEAD", "OPTIONS", "DELETE") else {"no_such_field": 1}
    for path in (
        *(
            "/v3/crud",
            "/v3/crud/journal",
            "/v3/crud/journal/search",
            "/v3/crud/journal/schema",
            "/v3/crud/journal/bulk",
        ),
        *(
            f"/v3/crud/journal/{journal}",
            f"/v3/crud/journal/{journal}/entry",
            f"/v3/crud/journal/{journal}/entry/search",
        ),
        *(f"/v3/crud/journal/{journal}/entry/{entry}", f"/v3/crud/journal/{journal}/history", "/v3/crud/no_such"),
        *(f"/v3/crud/journal/{journal}/no_such", "/v3/crud/journal/AAAAAAAAAAA"),
    ):
        bare = north.administrator(method, path, body)
        slashed = north.administrator(method, f"{path}/", body)
        assert "Location" not in bare.headers or bare.status == 201
        assert without_request(bare) == without_request(slashed), path
        assert bare.status not in (301, 302, 307, 308, 500)


def test_head_answers_what_get_does_without_its_body(north: Party) -> None:
    examples = Examples(north)
    entry, journal = examples.one("journal_entry"), examples.one("journal")
    logged = log_count()
    for path in (
        *("journal/", f"journal/{journal}", f"journal/{journal}/entry/", f"journal/{journal}/entry/{entry}", ""),
        *(
            "journal/schema",
            f"journal/{journal}/history",
            "journal/AAAAAAAAAAA",
            "no_such",
            "journal/?limit=x",
            "user/",
        ),
    ):
        get, head = (north.administrator(method, f"/v3/crud/{path}") for method in ("GET", "HEAD"))
        assert (head.status, head.raw.content) == (get.status, b""), path
        assert head.headers.get("ETag") == get.headers.get("ETag")
        assert head.headers["Content-Type"] == get.headers["Content-Type"]
    assert log_count() == logged


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("", ["GET", "HEAD", "OPTIONS"]),
        ("journal", ["GET", "HEAD", "POST"]),
        ("journal/$/entry", ["GET", "HEAD", "POST"]),
        ("journal/search", ["POST"]),
        ("journal/$/entry/search", ["POST"]),
        ("journal/schema", ["GET", "HEAD"]),
        ("journal/bulk", ["POST"]),
        ("journal/$", ["GET", "HEAD", "PATCH", "DELETE"]),
        ("journal/$/history", ["GET", "HEAD"]),
    ],
)
def test_other_methods_are_405_with_those_that_are_allowed(path: str, allowed: list[str], north: Party) -> None:
    journal = Examples(north).one("journal")
    before = log_count()
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "FOO"):
        if method in allowed:
            continue
        answer = north.administrator(method, f"/v3/crud/{path.replace('$', journal)}")
        assert answer.status == 405
        assert answer.headers["Allow"] == ", ".join(allowed)
        if method != "HEAD":
            assert answer.error == ("validation", 405)
    options = north.administrator("OPTIONS", f"/v3/crud/{path.replace('$', journal)}")
    assert (options.status, options.headers["Allow"]) == (204, ", ".join(allowed))
    assert log_count() == before


def test_cors_preflights_are_answered_for_configured_origins_only(north: Party, settings: Any) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.org"]
    asked = {"access-control-request-method": "PATCH", "access-control-request-headers": "x-aether-api-key"}
    for origin, allowed in (
        ("https://app.example.org", "https://app.example.org"),
        ("https://evil.example", None),
        ("https://app.example.org.evil.example", None),
        ("http://app.example.org", None),
        ("null", None),
    ):
        preflight = Caller({"origin": origin})("OPTIONS", "/v3/crud/journal/", **asked)
        assert preflight.headers.get("Access-Control-Allow-Origin") == allowed
        assert "Access-Control-Allow-Credentials" not in preflight.headers
        got = north.member.with_headers(origin=origin).get("/v3/crud/journal/")
        assert (got.status, got.headers.get("Access-Control-Allow-Origin")) == (200, allowed)


@pytest.mark.parametrize("type_name", sorted(registry))
def test_children_are_served_under_their_name_and_without_the_parents_prefix(type_name: str, north: Party) -> None:
    examples = Examples(north)
    parent = examples.one(type_name)
    for name, (child, relation) in children_of(registry[type_name]).items():
        made = examples.one(child.name)
        row = north.manager.get(f"/v3/crud/{child.name}/{made}").data
        path = f"/v3/crud/{type_name}/{parent}/{name}/"
        hangs = row[f"{relation}_id"] == parent
        listed = north.manager.get(f"{path}?enabled=all&hidden=all")
        assert listed.status == 200, listed.body
        assert (made in listed.ids) == hangs
        assert (made in north.manager.post(f"{path}search", {}).ids) == hangs
        single = north.manager.get(f"{path}{made}")
        assert (single.status, single.data) == ((200, row) if hangs else (404, None))


def test_at_any_depth_each_link_is_checked(north: Party, south: Party) -> None:
    examples, foreign = Examples(north), Examples(south)
    chain = ["event", "session", "presentation", "presenter"]
    types = {
        "event": "event",
        "session": "event_session",
        "presentation": "event_presentation",
        "presenter": "event_presenter",
    }
    ids = {step: examples.one(types[step]) for step in chain}
    foreign.one("event_presenter")
    others = {step: examples.another(types[step], **alone(examples, types[step])) for step in chain[:-1]}
    path = "/v3/crud/event/{event}/session/{session}/presentation/{presentation}/presenter/"
    assert north.member.get(path.format(**ids)).ids == [ids["presenter"]]
    assert north.member.get(path.format(**ids) + ids["presenter"]).status == 200
    for step in chain[:-1]:
        for wrong, status in ((others[step], 404), ("AAAAAAAAAAA", 404), (foreign.one(types[step]), 403)):
            bad = path.format(**ids | {step: wrong})
            found = [
                north.member.get(bad).status,
                north.member.get(bad + ids["presenter"]).status,
                north.member.post(f"{bad}search", {}).status,
                north.administrator.post(bad, {"family_name": "x"}).status,
                north.administrator.patch(bad + ids["presenter"], {"family_name": "x"}).status,
                north.administrator.delete(bad + ids["presenter"]).status,
            ]
            if step == "presentation" and wrong == others[step]:
                # A presentation of that session, with no presenters yet: an empty list, and a place for one.
                assert found == [200, 404, 200, 201, 404, 404]
            else:
                assert found == [status] * 6, (step, wrong)
    assert north.member.get(path.format(**ids)).data[0]["family_name"] != "x"
    made = north.administrator.post(path.format(**ids), {"family_name": "New"})
    assert made.status == 201
    assert made.data["event_presentation_id"] == ids["presentation"]
    assert made.data["event_session_id"] == ids["session"]


def alone(examples: Examples, type_name: str) -> dict[str, Any]:
    """Of the same parents, save that another session belongs to another event."""
    return {"event_id": examples.another("event")} if type_name == "event_session" else {}


def test_an_empty_list_below_a_parent_is_no_404(north: Party) -> None:
    journal = north.member.create("journal", name="x")["id"]
    for answer in (
        north.member.get(f"/v3/crud/journal/{journal}/entry/"),
        north.member.post(f"/v3/crud/journal/{journal}/entry/search", {}),
        north.member.get(f"/v3/crud/journal/{journal}/entry/?offset=50"),
    ):
        assert (answer.status, answer.data) == (200, [])


def test_a_hidden_parent_still_serves_its_children_to_members(north: Party) -> None:
    examples = Examples(north)
    entry, journal = examples.one("journal_entry"), examples.one("journal")
    north.member.delete(f"/v3/crud/journal/{journal}")
    assert north.member.get(f"/v3/crud/journal/{journal}/entry/").ids == [entry]
    assert north.member.get(f"/v3/crud/journal/{journal}/entry/{entry}").status == 200


@pytest.mark.django_db(transaction=True)  # words are indexed on commit
def test_a_type_that_may_not_be_read_is_403_and_its_search_is_empty(north: Party) -> None:
    Examples(north).one("user")
    for path in ("/v3/crud/user/", f"/v3/crud/user/{north.users['user'].id_random}"):
        assert north.member.get(path).error == ("permission", 403)
    found = north.member.search("user", {"q": "north"}, "?inc_total=true")
    assert (found.status, found.data, found.meta["count"], found.meta["total"]) == (200, [], 0, 0)
    assert len(north.manager.search("user", {"q": "north"}).data) > 0


def test_the_handshake(north: Party) -> None:
    """Before anything else is known, a site's domain tells its account; the domains can't be listed."""
    visitor = Caller({"x-aether-api-key": north.keys["publishable"]})
    exact = {"and": [{"field": "fqdn", "op": "eq", "value": north.fqdn}]}
    named: list[dict[str, Any]] = [exact, {"q": north.fqdn}, {"q": north.fqdn.upper()}]
    for body in named:
        (row,) = visitor.search("site_domain", body).data
        assert (row["fqdn"], row["account_id"], row["site_id"]) == (north.fqdn, north.id, north.site.id_random)
    vague: list[dict[str, Any]] = [
        *({}, {"q": "example"}, {"q": "%"}, {"not": exact}),
        {"and": [{"field": "fqdn", "op": "like", "value": "%"}]},
    ]
    for body in vague:
        assert visitor.search("site_domain", body).data == [], body
    assert visitor.search("site_domain", {"or": exact["and"]}).data == []
    assert visitor.get("/v3/crud/site_domain/").data == []
