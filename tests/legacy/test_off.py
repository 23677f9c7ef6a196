"""LEG-07: V1 and V2 switched off. Everybody gets the same answer, with or without a key."""

from __future__ import annotations

from typing import Any

import pytest

from legacy.models import LegacyHit
from tests.conftest import Caller, Party
from tests.legacy.asking import PREFIXES, journals, without_request

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _off(settings: Any) -> None:
    settings.AETHER_LEGACY = False


@pytest.mark.parametrize("prefix", PREFIXES)
def test_everybody_is_told_the_successor_and_nothing_else(north: Party, south: Party, prefix: str) -> None:
    (own,) = journals(north.manager, "J")
    nobody = Caller()
    for method, path, body, successor in (
        ("GET", "/journal/list", None, "/v3/crud/journal/"),
        ("GET", "/journal/list?jp={}&jwt=x", None, "/v3/crud/journal/search"),
        ("GET", "/journal/list?jp=%00{{", None, "/v3/crud/journal/search"),
        ("GET", f"/journal/{own}", None, f"/v3/crud/journal/{own}"),
        ("GET", "/journal/nowhere0000/", None, "/v3/crud/journal/nowhere0000"),
        ("PATCH", f"/journal/{own}", {"name": "x"}, f"/v3/crud/journal/{own}"),
        ("DELETE", f"/journal/{own}", None, f"/v3/crud/journal/{own}"),
        ("POST", "/journal", b"{", "/v3/crud/journal/"),
        ("GET", "/bogus/list", None, "/v3/crud/bogus/"),
        ("PUT", "/never/was/a/route", None, "/v3/crud/"),
        ("GET", "/a%0D%0ASet-Cookie:x/list", None, "/v3/crud/"),
        ("GET", "", None, "/v3/crud/"),
    ):
        answers = [
            caller(method, prefix + path, body) for caller in (nobody, north.manager, south.manager, north.guest)
        ]
        first = answers[0]
        assert (first.status, first.error, first.data) == (410, ("not_found", 410), None), path
        assert first.meta["details"]["successor"] == successor
        assert successor in first.meta["status_message"]
        assert first.headers["Link"] == f'<{successor}>; rel="successor-version"'
        assert "Deprecation" in first.headers
        assert len({str(without_request(answer)) for answer in answers}) == 1, path
    assert north.manager.get(f"/v3/crud/journal/{own}").data["name"] == "J"


def test_the_handshake_and_the_greeting_of_v1(north: Party) -> None:
    for caller in (Caller(), north.guest):
        for fqdn in (north.fqdn, "unknown.example.org"):
            answer = caller.get(f"/crud/site/domain/{fqdn}?use_alt_table=true")
            assert (answer.status, answer.meta["details"]["successor"]) == (410, "/v3/crud/site_domain/search")
        for accept in ("*/*", "text/html"):
            answer = caller.get("/", accept=accept)
            assert (answer.status, answer.meta["details"]["successor"]) == (410, "/v3/schema/")


def test_who_still_calls_is_counted_without_a_key() -> None:
    Caller({"x-aether-api-key": "aes_x"}).get("/v2/crud/journal/list")
    assert list(LegacyHit.objects.values_list("route", "method", "key_prefix", "hits")) == [
        ("/v2/crud/{type}/list", "GET", "", 1)
    ]
