"""How many requests a minute: of a key, of an address."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine

from accounts.models import ApiKey
from accounts.request_rates import AddressRate, KeyRate
from crud import ApiView
from tests.conftest import Caller, Party


def key_with_rate(party: Party, rate: int) -> Caller:
    key = ApiKey.issue(name="slow", role="user", accounts=[party.account], rate_per_minute=rate)[1]
    return Caller({"x-aether-api-key": key, "x-account-id": party.id})


def test_requests_that_are_refused_count_for_the_key(north: Party) -> None:
    caller = key_with_rate(north, 3)
    with time_machine.travel("2026-05-01T00:00:10Z", tick=False) as clock:
        assert caller.get("/v3/crud/user/").status == 403
        assert caller.get("/v3/crud/journal/", authorization="Bearer x.y.z").status == 401
        assert caller.get("/v3/crud/journal/").status == 200
        for headers in ({}, {"authorization": "Bearer x.y.z"}):
            refused = caller.get("/v3/crud/journal/", **headers)
            assert (refused.error, refused.headers["Retry-After"]) == (("throttled", 429), "50")
            assert refused.meta["details"]["recoverable"] is True
            assert refused.meta["details"]["reason"] == "rate"
        clock.shift(50)
        assert caller.get("/v3/crud/journal/").status == 200


def test_a_request_that_a_view_makes_on_its_callers_behalf_is_none_more(north: Party) -> None:
    caller = key_with_rate(north, 2)
    with time_machine.travel("2026-05-01T00:00:10Z", tick=False):
        assert [caller.get("/v2/crud/journal/list").status for _ in range(3)] == [200, 200, 429]


def test_an_address_has_a_rate_of_its_own_whatever_its_keys(
    north: Party, south: Party, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ApiView, "throttle_classes", [KeyRate, AddressRate])
    settings.AETHER_ADDRESS_RATE, settings.AETHER_TRUSTED_PROXY_COUNT = 2, 1
    with time_machine.travel("2026-05-01T00:00:10Z", tick=False):
        here = {"x-forwarded-for": "192.0.2.1"}
        assert north.guest.get("/v3/crud/event/", **here).status == 200
        assert south.member.get("/v3/crud/event/", **here).status == 200
        assert north.member.get("/v3/crud/event/", **here).error == ("throttled", 429)
        assert Caller().get("/v3/crud/event/", **here).error == ("throttled", 429)
        assert Caller().get("/health/live", **here).status == 200
        assert north.member.get("/v3/crud/event/", **{"x-forwarded-for": "192.0.2.2"}).status == 200
