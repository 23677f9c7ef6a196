"""The entry ticket and the account: keys and headers, as a hostile client would try them over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts import short_memory, standing
from accounts.models import ApiKey, User
from accounts.models.api_key import split_key
from tenancy.context import every_tenant
from tests.conftest import PASSWORD, Caller, Party
from tests.contract.authentication.asking import login
from tests.contract.conftest import FOREIGN, nothing_changes, refusal, without_traces

pytestmark = pytest.mark.django_db


def test_everything_but_a_good_key_is_refused_in_the_same_words(north: Party) -> None:
    """AUTN-01, 02, 03: before anything else is looked at, and word for word the same."""
    good = north.keys["manager"]
    prefix = split_key(good)
    expired = ApiKey.issue(name="old", all_accounts=True, expires_on=timezone.now() - timedelta(seconds=1))[1]
    row, disabled = ApiKey.issue(name="off", all_accounts=True)
    row.enable = False
    row.save()
    wrong = [
        *("", "null", "undefined", "aes", "aes_", "aep_", "aes__", f"aes_{prefix}", f"aes_{prefix}_", f"{prefix}"),
        *(good.swapcase(), good.upper(), good.lower(), good[:-1], good + "x", good[1:], "x" + good, good[:-1] + "~"),
        *(f"{good} ", f" {good}", f"{good}\t", f"{good}\u00a0", f"{good},{good}", f"{good}\x00", f"Bearer {good}"),
        *(
            good.replace("aes_", "aep_"),
            good.replace("aes_", ""),
            f"aes_{prefix}_{'x' * 32}",
            f"aes_{'0' * 12}_{'x' * 32}",
        ),
        *("%", "aes_%", "' OR 1=1 --", "aes_' OR '1'='1_x", "x" * 100_000, "0", "true", "é" * 20),
        *(expired, disabled),
    ]
    texts = set()
    with nothing_changes():
        for key in wrong:
            caller = Caller({"x-aether-api-key": key, "x-account-id": north.id})
            for method, path, body in (
                ("GET", "/v3/crud/journal/", None),
                ("GET", "/v3/crud/nonesuch/", None),
                ("POST", "/v3/crud/journal/", b"{not json"),
                ("GET", "/v3/crud/journal/?jwt=a&jwt=b", None),
                ("POST", "/v3/auth/login", {"username": "north-manager", "password": PASSWORD}),
                ("POST", "/api/authenticate_passcode", {"site_id": "x", "passcode": "y"}),
                ("GET", "/v3/auth/whoami", None),
            ):
                answer = caller(method, path, body)
                assert refusal(answer) == FOREIGN, (key[:60], path, answer.body)
                texts.add(without_traces(answer) + answer.meta["status_message"])
        assert refusal(Caller().get("/v3/crud/journal/")) == FOREIGN
        texts.add(
            without_traces(Caller().get("/v3/crud/journal/")) + Caller().get("/v3/crud/journal/").meta["status_message"]
        )
    assert len(texts) == 1
    assert Caller({"x-aether-api-key": good, "x-account-id": north.id}).get("/v3/crud/journal/").status == 200


def test_a_key_counts_in_its_header_only(north: Party) -> None:
    good = north.keys["manager"]
    for caller, query in (
        (Caller(), f"?x-aether-api-key={good}&api_key={good}"),
        (Caller({"cookie": f"x-aether-api-key={good}"}), ""),
        (Caller({"authorization": f"Bearer {good}"}), ""),
        (Caller({"authorization": good}), ""),
        (Caller({"x-api-key": good}), ""),
        (Caller({"x-aether-api-token": good}), ""),
    ):
        assert refusal(caller.with_headers(**{"x-account-id": north.id}).get(f"/v3/crud/journal/{query}")) == FOREIGN
    answer = Caller({"x-account-id": north.id}).post("/v3/crud/journal/search", {"x-aether-api-key": good})
    assert refusal(answer) == FOREIGN


def test_the_database_holds_no_key(north: Party) -> None:
    """AUTN-04."""
    for row in ApiKey.objects.all():
        values = str([getattr(row, field.attname) for field in row._meta.concrete_fields])
        for key in north.keys.values():
            assert key not in values
            assert key.split("_", 2)[2] not in values


@pytest.mark.parametrize("change", ["enable", "expires_on", "deleted", "accounts", "role", "read_only"])
def test_what_a_key_loses_it_loses_within_five_seconds(
    north: Party, clock: Callable[[float], None], change: str
) -> None:
    """AUTN-03: from the moment of the change in the database, without a restart and without being told."""
    assert short_memory.SECONDS <= 5
    assert {memory.seconds for memory in (standing._keys, standing._accounts, standing._users, standing._sites)} == {
        short_memory.SECONDS
    }
    caller = north.manager
    assert caller.post("/v3/crud/journal/", {"name": "x"}).status == 201
    row = ApiKey.objects.get(prefix=split_key(north.keys["manager"]))
    match change:
        case "enable":
            row.enable = False
        case "expires_on":
            row.expires_on = timezone.now()
        case "role":
            row.role = "guest"
        case "read_only":
            row.read_only = True
    row.save()
    if change == "deleted":
        row.delete()
    if change == "accounts":
        row.accounts.through.objects.filter(api_key=row).delete()
    clock(5)
    with nothing_changes():
        assert refusal(caller.post("/v3/crud/journal/", {"name": "x"})) == FOREIGN


def test_a_keys_expiry_does_not_wait_for_the_memory(north: Party) -> None:
    key = ApiKey.issue(name="brief", accounts=[north.account], expires_on=timezone.now() + timedelta(seconds=60))[1]
    caller = Caller({"x-aether-api-key": key, "x-account-id": north.id})
    assert caller.get("/v3/crud/journal/").status == 200
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=True):
        assert refusal(caller.get("/v3/crud/journal/")) == FOREIGN


def test_a_key_counts_only_from_its_origins(north: Party) -> None:
    origin = "https://app.example.org"
    key = ApiKey.issue(name="web app", kind="publishable", role="guest", all_accounts=True, allowed_origins=[origin])[1]
    caller = Caller({"x-aether-api-key": key, "x-account-id": north.id})
    assert caller.get("/v3/crud/event/", origin=origin).status == 200
    assert caller.get("/v3/crud/event/").status == 200  # no browser, no Origin
    for other in (
        *("https://evil-app.example.org", "https://app.example.org.evil.com", "http://app.example.org", "null"),
        *(
            "https://app.example.org:8443",
            "https://app.example.org/",
            "https://APP.example.org.evil",
            f"{origin} {origin}",
        ),
    ):
        assert refusal(caller.get("/v3/crud/event/", origin=other)) == FOREIGN, other


def test_a_key_counts_only_from_its_networks(north: Party, settings: Any) -> None:
    key = ApiKey.issue(
        name="server", role="user", accounts=[north.account], allowed_networks=["10.1.0.0/16", "2001:db8::/32"]
    )[1]
    caller = Caller({"x-aether-api-key": key, "x-account-id": north.id})
    assert refusal(caller.get("/v3/crud/journal/")) == FOREIGN  # from 127.0.0.1
    assert (
        refusal(caller.get("/v3/crud/journal/", **{"x-forwarded-for": "10.1.2.3"})) == FOREIGN
    )  # nobody vouches for it
    settings.AETHER_TRUSTED_PROXY_COUNT = 1
    for address, status in (
        *(
            ("10.1.2.3", 200),
            ("2001:db8::7", 200),
            ("10.2.2.3", 403),
            ("10.1.2.3, 10.2.2.3", 403),
            ("10.2.2.3, 10.1.2.3", 200),
        ),
        *(("", 403), ("nonsense", 403), ("10.1.2.3x", 403), ("2001:db9::7", 403)),
    ):
        assert caller.get("/v3/crud/journal/", **{"x-forwarded-for": address}).status == status, address


def test_a_key_has_so_many_requests_a_minute(north: Party, guess_clock: Any) -> None:
    key = ApiKey.issue(name="slow", role="user", accounts=[north.account], rate_per_minute=3)[1]
    caller = Caller({"x-aether-api-key": key, "x-account-id": north.id})
    guess_clock.shift(20)
    assert [caller.get("/v3/crud/journal/").status for _ in range(3)] == [200, 200, 200]
    with nothing_changes():
        answer = caller.post("/v3/crud/journal/", {"name": "x"})
        assert refusal(answer) == (429, "throttled", 429)
    assert answer.meta["details"]["recoverable"] is True
    assert answer.headers["Retry-After"] == "40"
    assert north.member.get("/v3/crud/journal/").status == 200  # other keys have their own
    guess_clock.shift(40)
    assert caller.get("/v3/crud/journal/").status == 200


def test_a_publishable_key_is_a_guest_whatever_it_was_given(north: Party) -> None:
    """Known to everybody: no role of its own counts, nor a flag that somebody has set on it."""
    row, key = ApiKey.issue(name="page", kind="publishable", role="manager", accounts=[north.account])
    ApiKey.objects.filter(pk=row.pk).update(allow_bypass=True)
    caller = Caller({"x-aether-api-key": key})
    inside = caller.with_headers(**{"x-account-id": north.id})
    assert inside.get("/v3/auth/whoami").data["role"] == "guest"
    assert refusal(inside.get("/v3/crud/journal/")) == FOREIGN
    assert refusal(inside.post("/v3/crud/journal/", {"name": "x"})) == FOREIGN
    assert refusal(caller.with_headers(**{"x-no-account-id": "bypass"}).get("/v3/crud/event/")) == FOREIGN


def test_the_old_token_header_is_ignored_with_a_warning(north: Party, visitor: Caller) -> None:
    """AUTN-19."""
    pair = login(visitor, north, "manager")
    for value in (pair["access"], "nonsense", north.keys["manager"], ""):
        answer = visitor.get("/v3/auth/whoami", **{"x-aether-api-token": value})
        assert answer.status == 200
        assert (answer.data["role"], answer.data["account_id"]) == ("guest", None)
        assert [text for text in answer.meta["warnings"] if "x-aether-api-token" in text]
        assert refusal(visitor.get("/v3/crud/journal/", **{"x-aether-api-token": value})) == FOREIGN
    assert "warnings" not in visitor.get("/v3/auth/whoami").meta


# The context


def test_who_one_is_by_each_combination_of_headers(north: Party, south: Party, visitor: Caller) -> None:
    root = ApiKey.issue(name="root", role="super", all_accounts=True, allow_bypass=True)[1]
    token = login(visitor, north, "administrator")["access"]
    account, bypass = {"x-account-id": north.id}, {"x-no-account-id": "bypass"}
    bearer = {"authorization": f"Bearer {token}"}

    def who(key: str, **headers: str) -> tuple[Any, ...]:
        answer = Caller({"x-aether-api-key": key} | headers).get("/v3/auth/whoami")
        if answer.status != 200:
            return (answer.status,)
        return answer.data["role"], answer.data["account_id"], answer.data["bypass"]

    secret, page = north.keys["manager"], north.keys["publishable"]
    assert who(secret) == who(page) == who(root) == ("guest", None, False)
    assert who(secret, **account) == ("manager", north.id, False)
    assert who(page, **account) == ("guest", north.id, False)
    assert who(root, **account) == ("super", north.id, False)
    assert who(root, **bypass) == ("super", None, True)
    assert who(secret, **bypass) == who(page, **bypass) == (403,)
    assert who(root, **account, **bypass) == who(secret, **account, **bypass) == (400,)
    for key in (secret, page, root):
        assert who(key, **bearer) == who(key, **bearer, **account) == ("administrator", north.id, False)
        assert who(key, **bearer, **bypass) == (403,)
        assert who(key, **bearer, **{"x-account-id": south.id}) == (403,)
    assert who(south.keys["manager"], **bearer) == (403,)


def super_token(key: str) -> str:
    with every_tenant(reason="tests make a super user, who has no account"):
        root = User(username="root", email="root@example.org", account=None, super=True)
        root.set_password(PASSWORD)
        root.save()
    answer = Caller({"x-aether-api-key": key}).post("/v3/auth/login", {"username": "root", "password": PASSWORD})
    token: str = answer.data["access"]
    return token


def test_a_key_of_some_accounts_opens_no_other_to_a_super_token(north: Party, south: Party) -> None:
    everywhere = ApiKey.issue(name="web of all", kind="publishable", role="guest", all_accounts=True)[1]
    token = super_token(north.keys["publishable"])
    held = Caller({"x-aether-api-key": north.keys["publishable"], "authorization": f"Bearer {token}"})
    free = Caller({"x-aether-api-key": everywhere, "authorization": f"Bearer {token}"})
    journal = south.manager.post("/v3/crud/journal/", {"name": "South's"}).data["id"]
    bypass, at_south, at_north = {"x-no-account-id": "bypass"}, {"x-account-id": south.id}, {"x-account-id": north.id}
    for headers in ({}, bypass, at_south):
        assert refusal(held.get("/v3/auth/whoami", **headers)) == FOREIGN
        assert refusal(held.get(f"/v3/crud/journal/{journal}", **headers)) == FOREIGN
        assert refusal(held.post("/v3/crud/journal/", {"name": "x"}, **headers)) == FOREIGN
    # What was minted under it opens no more under another key, nor does one that was not by it.
    page = Caller({"x-aether-api-key": everywhere})
    minted_free = page.post("/v3/auth/login", {"username": "root", "password": PASSWORD}).data["access"]
    for mixed in (free, held.with_headers(authorization=f"Bearer {minted_free}")):
        for headers in ({}, bypass, at_south):
            assert refusal(mixed.get(f"/v3/crud/journal/{journal}", **headers)) == FOREIGN
    # In its own account it makes nobody who could open the others.
    assert held.get("/v3/auth/whoami", **at_north).data["role"] == "manager"
    both = free.with_headers(authorization=f"Bearer {minted_free}")
    for headers in (bypass, at_south):
        assert both.get(f"/v3/crud/journal/{journal}", **headers).status == 200
    made = held.post("/v3/crud/user/", {"username": "x", "password": "a long secret 1", "super": True}, **at_north)
    assert made.status == 400


def test_the_role_super_is_for_keys_of_all_accounts(north: Party) -> None:
    with pytest.raises(ValidationError, match="for keys of all accounts only"):
        ApiKey.issue(name="half", role="super", accounts=[north.account])
    row, key = ApiKey.issue(name="half", role="manager", accounts=[north.account])
    ApiKey.objects.filter(pk=row.pk).update(role="super")  # one that an older version has let pass
    caller = Caller({"x-aether-api-key": key, "x-account-id": north.id})
    assert caller.get("/v3/auth/whoami").data["role"] == "manager"
    made = caller.post("/v3/crud/user/", {"username": "x", "password": "a long secret 1", "super": True})
    assert made.status == 400
