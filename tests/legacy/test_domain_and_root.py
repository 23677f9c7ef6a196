"""What only V1 had: the handshake by GET, and the greeting at `/`."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings

from accounts.models import SiteDomain
from tenancy.context import tenant
from tests.conftest import Caller, Party

pytestmark = pytest.mark.django_db
ALT = "?use_alt_table=true&use_alt_base=true"


def test_the_handshake(north: Party, visitor: Caller) -> None:
    found = visitor.get(f"/crud/site/domain/{north.fqdn}{ALT}")
    assert found.status == 200
    assert (found.data["account_id_random"], found.data["site_id_random"]) == (north.id, north.site.id_random)
    assert (found.data["fqdn"], found.data["account_name"]) == (north.fqdn, "North")
    assert not {"count", "limit", "offset", "next_cursor"} & set(found.meta)
    query = {"and": [{"field": "fqdn", "op": "eq", "value": north.fqdn}]}
    (row,) = visitor.search("site_domain", query, "?view=enriched").data
    assert {name.removesuffix("_random"): value for name, value in found.data.items()} == row
    plain = visitor.get(f"/crud/site/domain/{north.fqdn}/")
    assert (plain.data["id_random"], "account_name" in plain.data) == (found.data["id_random"], False)
    assert visitor("HEAD", f"/crud/site/domain/{north.fqdn}{ALT}").status == 200


@pytest.mark.parametrize(
    ("stored", "asked"),
    [
        ("north-2.example.org", "NORTH-2.Example.Org"),
        ("north-2.example.org", "north-2.example.org."),
        ("north-2.example.org", "%20north-2.example.org"),
        ("xn--bcher-kva.example", "b%C3%BCcher.example"),
        ("xn--bcher-kva.example", "B%C3%9CCHER.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "XN--BCHER-KVA.example."),
    ],
)
def test_a_domain_is_asked_for_by_its_normal_form(north: Party, visitor: Caller, stored: str, asked: str) -> None:
    with tenant(north.account.pk):
        SiteDomain(site=north.site, fqdn=stored).save()
    assert visitor.get(f"/crud/site/domain/{asked}").data["fqdn"] == stored


@pytest.mark.parametrize(
    "asked",
    [
        "unknown.example.org",
        "%25",
        "%25.example.org",
        "north.example.or_",
        "_orth.example.org",
        "north",
        "example.org",
        "north.example.org:443",
        "north.example.org:",
        "north.example.org%00",
        "https:%2F%2Fnorth.example.org",
        "north..example.org",
        "xn--zzzzz.example.org",
        "n%C3%B6rth.example.org",
        "%FF",
        "a" * 300,
        "list",
        "'",
        "%20",
    ],
)
def test_no_other_name_finds_it(north: Party, visitor: Caller, asked: str) -> None:
    for caller in (visitor, north.manager):
        answer = caller.get(f"/crud/site/domain/{asked}{ALT}")
        assert answer.error == ("not_found", 404), answer.body


def test_a_domain_of_another_account_is_as_unknown_as_any(north: Party, south: Party, bypass: Caller) -> None:
    foreign = north.manager.get(f"/crud/site/domain/{south.fqdn}")
    unknown = north.manager.get("/crud/site/domain/nobody.example.org")
    assert foreign.error == unknown.error == ("not_found", 404)
    assert foreign.meta["status_message"] == unknown.meta["status_message"]
    assert bypass.get(f"/crud/site/domain/{south.fqdn}").data["account_id_random"] == south.id
    hidden = SiteDomain
    with tenant(south.account.pk):
        hidden.objects.filter(fqdn=south.fqdn).update(hide=True)
    visitor = Caller({"x-aether-api-key": south.keys["publishable"]})
    assert visitor.get(f"/crud/site/domain/{south.fqdn}").status == 404


def test_the_handshake_needs_a_key(north: Party) -> None:
    for fqdn in (north.fqdn, "unknown.example.org", "%25"):
        answer = Caller().get(f"/crud/site/domain/{fqdn}{ALT}")
        assert answer.error == ("permission", 403)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("use_alt_table=true", True),
        ("use_alt_base=1", True),
        ("use_alt_table=false&use_alt_base=0", False),
        ("tbl_alt=enriched", True),
        ("view=enriched", True),
        ("use_alt_table=true&view=enriched", True),
        ("use_alt_table=true&use_alt_base=false", None),
        ("use_alt_table=true&view=default", None),
        ("use_alt_table=perhaps", None),
        ("use_alt_table=true&use_alt_table=true", None),
        ("bogus=1", None),
        ("jp={}", None),
    ],
)
def test_the_alternatives_of_v1(north: Party, visitor: Caller, query: str, expected: Any) -> None:
    answer = visitor.get(f"/crud/site/domain/{north.fqdn}?{query}")
    if expected is None:
        assert answer.status == 400, answer.body
    else:
        assert (answer.status, "account_name" in answer.data) == (200, expected)
    listed = north.manager.get(f"/crud/site_domain/list?{query}")
    if "jp" not in query:
        assert listed.status == answer.status


def test_v2_had_no_such_handshake(north: Party, visitor: Caller) -> None:
    assert visitor.get(f"/v2/crud/site/domain/{north.fqdn}").error == ("not_found", 404)


def test_the_greeting_names_service_and_version() -> None:
    for headers in ({}, {"accept": "*/*"}, {"accept": "application/json"}, {"x-aether-api-key": "aes_bad"}):
        answer = Caller(headers).get("/")
        assert (answer.status, answer.data) == (200, {"service": "Aether", "version": settings.AETHER_VERSION})
        assert answer.meta["success"] is True
    assert Caller()("HEAD", "/").status == 200
    assert Caller().post("/", {}).error == ("validation", 405)
    assert "Set-Cookie" not in answer.headers


def test_a_browser_is_shown_the_documents() -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
    answer = Caller({"accept": accept}).get("/")
    assert (answer.status, answer.headers["Location"]) == (302, "/docs")
    assert "Accept" in answer.headers["Vary"]
    assert Caller({"accept": accept}).get("/docs").status == 200
