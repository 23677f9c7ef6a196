"""Refreshing, passwords and passcodes, and those who guess them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.core.cache import cache
from django.utils import timezone

from accounts import standing, tokens
from accounts.models import RefreshToken, User
from accounts.tokens import Use
from tenancy.context import every_tenant
from tests.conftest import PASSWORD, Answer, Caller, Party
from tests.contract.authentication.asking import BAD_TOKEN, login, refused_everywhere, with_token
from tests.contract.conftest import nothing_changes, refusal, without_traces
from tests.crud.threads import at_once, shared_database

pytestmark = pytest.mark.django_db


def test_a_refresh_token_is_used_once_and_a_late_second_use_ends_the_family(north: Party, visitor: Caller) -> None:
    first = login(visitor, north, "user")
    second = visitor.post("/v3/auth/refresh", {"refresh": first["refresh"]}).data
    assert with_token(visitor, second["access"]).get("/v3/crud/journal/").status == 200
    assert with_token(visitor, first["access"]).get("/v3/crud/journal/").status == 200
    other = login(visitor, north, "user")
    with time_machine.travel(timezone.now() + timedelta(seconds=11)):
        stolen = visitor.post("/v3/auth/refresh", {"refresh": first["refresh"]})
    assert refusal(stolen) == BAD_TOKEN
    # Nobody knows who is the thief: everything that came of it ends, for both.
    assert refusal(visitor.post("/v3/auth/refresh", {"refresh": second["refresh"]})) == BAD_TOKEN
    for pair in (first, second):
        refused_everywhere(visitor, pair["access"], "family revoked")
    assert with_token(visitor, other["access"]).get("/v3/crud/journal/").status == 200
    assert visitor.post("/v3/auth/refresh", {"refresh": other["refresh"]}).status == 200


def test_a_second_tab_gets_the_same_successor(north: Party, visitor: Caller) -> None:
    first = login(visitor, north, "user")["refresh"]
    second = visitor.post("/v3/auth/refresh", {"refresh": first}).data
    with time_machine.travel(timezone.now() + timedelta(seconds=9)):
        again = visitor.post("/v3/auth/refresh", {"refresh": first}).data
        assert again["refresh"] == second["refresh"]
        assert with_token(visitor, again["access"]).get("/v3/crud/journal/").status == 200
        third = visitor.post("/v3/auth/refresh", {"refresh": second["refresh"]}).data
        assert third["refresh"] != second["refresh"]
        # The successor was used: whoever comes with the first one now is no second tab.
        assert refusal(visitor.post("/v3/auth/refresh", {"refresh": first})) == BAD_TOKEN
        assert refusal(visitor.post("/v3/auth/refresh", {"refresh": third["refresh"]})) == BAD_TOKEN


def test_a_second_tab_is_one_of_the_same_key(north: Party, visitor: Caller) -> None:
    first = login(visitor, north, "user")["refresh"]
    second = visitor.post("/v3/auth/refresh", {"refresh": first}).data["refresh"]
    elsewhere = Caller({"x-aether-api-key": north.keys["user"]})
    assert refusal(elsewhere.post("/v3/auth/refresh", {"refresh": first})) == BAD_TOKEN
    assert refusal(visitor.post("/v3/auth/refresh", {"refresh": second})) == BAD_TOKEN


def test_without_a_window_each_second_use_is_theft(north: Party, visitor: Caller, settings: Any) -> None:
    settings.AETHER_REFRESH_REUSE_SECONDS = 0
    first = login(visitor, north, "user")["refresh"]
    second = visitor.post("/v3/auth/refresh", {"refresh": first}).data["refresh"]
    assert refusal(visitor.post("/v3/auth/refresh", {"refresh": first})) == BAD_TOKEN
    assert refusal(visitor.post("/v3/auth/refresh", {"refresh": second})) == BAD_TOKEN


@pytest.mark.django_db(transaction=True)
def test_tabs_that_refresh_at_once_all_go_on(north: Party, visitor: Caller, tmp_path: Path) -> None:
    first = login(visitor, north, "user")["refresh"]
    with shared_database(tmp_path) as connect:
        answers = at_once(connect, [lambda: visitor.post("/v3/auth/refresh", {"refresh": first})] * 8)
        assert {answer.status for answer in answers} == {200}
        (successor,) = {answer.data["refresh"] for answer in answers}
        assert visitor.post("/v3/auth/refresh", {"refresh": successor}).status == 200


def change_password(user: User) -> None:
    user.set_password("another long secret")
    user.save()


def disable(user: User) -> None:
    user.enable = False
    user.save()
    user.enable = True
    user.save()


@pytest.mark.parametrize("change", [change_password, disable])
def test_a_changed_password_and_being_disabled_end_what_came_before(
    north: Party, visitor: Caller, change: Callable[[User], None]
) -> None:
    pair = login(visitor, north, "user")
    rotated = visitor.post("/v3/auth/refresh", {"refresh": pair["refresh"]}).data
    with every_tenant(reason="tests change a user"):
        change(User.objects.get(pk=north.users["user"].pk))
    standing.forget()
    for refresh in (pair["refresh"], rotated["refresh"]):
        assert refusal(visitor.post("/v3/auth/refresh", {"refresh": refresh})) == BAD_TOKEN
        assert refusal(visitor.post("/v3/auth/verify", {"token": refresh})) == BAD_TOKEN
    refused_everywhere(visitor, rotated["access"], "ended with the password or the user")


def test_a_password_that_was_changed_past_the_model_ends_refreshing(north: Party, visitor: Caller) -> None:
    """A restored backup, an UPDATE by hand: the token itself says what it was minted from."""
    refresh = login(visitor, north, "user")["refresh"]
    with every_tenant(reason="tests change a user"):
        User.objects.filter(pk=north.users["user"].pk).update(password="something else")
    assert refusal(visitor.post("/v3/auth/verify", {"token": refresh})) == BAD_TOKEN
    assert refusal(visitor.post("/v3/auth/refresh", {"refresh": refresh})) == BAD_TOKEN
    assert RefreshToken.objects.filter(used_on=None).count() == 1


def test_logging_out_ends_the_family(north: Party, visitor: Caller) -> None:
    pair, other = login(visitor, north, "user"), login(visitor, north, "user")
    assert visitor.post("/v3/auth/logout", {"refresh": pair["refresh"]}).status == 200
    refused_everywhere(visitor, pair["access"], "logged out")
    assert refusal(visitor.post("/v3/auth/refresh", {"refresh": pair["refresh"]})) == BAD_TOKEN
    assert with_token(visitor, other["access"]).get("/v3/crud/journal/").status == 200


def test_each_token_opens_its_own_door_only(north: Party, visitor: Caller) -> None:
    pair = login(visitor, north, "user")
    guest = visitor.post("/v3/auth/guest", {"site_id": north.site.id_random}).data["jwt"]
    refused_everywhere(visitor, pair["refresh"], "refresh as access")
    before = RefreshToken.objects.count()
    for token in (pair["access"], guest, "", "x"):
        assert refusal(visitor.post("/v3/auth/refresh", {"refresh": token})) == BAD_TOKEN
        assert refusal(visitor.post("/v3/auth/logout", {"refresh": token})) == BAD_TOKEN
    assert RefreshToken.objects.count() == before
    assert with_token(visitor, pair["access"]).get("/v3/crud/journal/").status == 200
    for name, token, use in (
        ("access", pair["access"], "access"),
        ("refresh", pair["refresh"], "refresh"),
        ("guest", guest, "guest"),
    ):
        answer = visitor.post("/v3/auth/verify", {"token": token})
        assert (answer.status, answer.data["use"]) == (200, use), name
    expired, _ = tokens.make(Use.REFRESH, north.users["user"].id_random, timedelta(seconds=-60), id="x", family="y")
    assert refusal(visitor.post("/v3/auth/refresh", {"refresh": expired})) == BAD_TOKEN
    unknown, _ = tokens.make(Use.REFRESH, north.users["user"].id_random, timedelta(hours=1), id="x", family="y")
    assert refusal(visitor.post("/v3/auth/refresh", {"refresh": unknown})) == BAD_TOKEN


def guess(visitor: Caller, site: str, passcode: str, address: str = "") -> Answer:
    headers = {"x-forwarded-for": address} if address else {}
    return visitor.post("/api/authenticate_passcode", {"site_id": site, "passcode": passcode}, **headers)


@pytest.fixture
def site(north: Party) -> str:
    codes = {"manager": "the right code", "administrator": "lower code"}
    assert north.manager.patch(f"/v3/crud/site/{north.site.id_random}", {"passcodes": codes}).status == 200
    public_id: str = north.site.id_random
    return public_id


def test_the_sixth_guess_waits_the_right_one_too(
    north: Party, visitor: Caller, site: str, settings: Any, guess_clock: Any
) -> None:
    """AUTN-14."""
    settings.AETHER_TRUSTED_PROXY_COUNT = 1
    with every_tenant(reason="tests make a second site"):
        other = type(north.site)(account=north.account, name="Other", passcodes={})
        other.save()
    assert (
        north.manager.patch(f"/v3/crud/site/{other.id_random}", {"passcodes": {"manager": "other code"}}).status == 200
    )
    for _ in range(5):
        assert refusal(guess(visitor, site, "wrong", "192.0.2.1")) == BAD_TOKEN
    for passcode in ("wrong", "the right code"):
        locked = guess(visitor, site, passcode, "192.0.2.1")
        assert refusal(locked) == (429, "throttled", 429)
        assert locked.meta["details"]["recoverable"] is True
        assert int(locked.headers["Retry-After"]) <= 61
    # Rotating the header's first part changes nothing: only what our proxy wrote counts.
    for spoof in ("203.0.113.1", "203.0.113.2"):
        assert guess(visitor, site, "the right code", f"{spoof}, 192.0.2.1").status == 429
    assert guess(visitor, site, "the right code", "192.0.2.2").status == 200  # another address
    assert guess(visitor, other.id_random, "other code", "192.0.2.1").status == 200  # another site
    waits = []
    for _ in range(4):
        wait = int(guess(visitor, site, "wrong", "192.0.2.1").headers["Retry-After"])
        waits.append(wait)
        guess_clock.shift(wait + 1)
        for _ in range(5):
            assert guess(visitor, site, "wrong", "192.0.2.1").status == 401
        assert guess(visitor, site, "wrong", "192.0.2.1").status == 429
    assert waits == sorted(waits)
    assert waits[-1] >= 4 * waits[0]


def test_fifty_wrong_guesses_at_a_site_lock_it_from_wherever_they_come(
    visitor: Caller, site: str, settings: Any, guess_clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """But for addresses that got in there within a day."""
    settings.AETHER_TRUSTED_PROXY_COUNT = 1
    assert guess(visitor, site, "the right code", "192.0.2.1").status == 200
    assert {guess(visitor, site, "wrong", f"198.51.100.{number}").status for number in range(50)} == {401}
    locked = guess(visitor, site, "the right code", "203.0.113.9")
    assert (refusal(locked), int(locked.headers["Retry-After"])) == ((429, "throttled", 429), 60)
    assert any(record.levelname == "ERROR" and "too many wrong guesses" in record.message for record in caplog.records)
    assert guess(visitor, site, "the right code", "192.0.2.1").status == 200
    assert guess(visitor, site, "wrong", "192.0.2.1").status == 401
    guess_clock.shift(601)
    assert guess(visitor, site, "the right code", "203.0.113.9").status == 200
    unknown = "nowhere0000"  # counts alike
    assert {guess(visitor, unknown, "wrong", f"198.51.100.{number}").status for number in range(50)} == {401}
    assert guess(visitor, unknown, "wrong", "203.0.113.9").status == 429


def test_a_whole_network_of_ipv6_is_one_address(visitor: Caller, site: str, settings: Any) -> None:
    settings.AETHER_TRUSTED_PROXY_COUNT = 1
    assert [guess(visitor, site, "wrong", f"2001:db8:0:1::{number}").status for number in range(5)] == [401] * 5
    assert guess(visitor, site, "wrong", "2001:db8:0:1:ffff::9").status == 429
    assert guess(visitor, site, "wrong", "2001:db8:0:2::1").status == 401


@pytest.mark.parametrize("bad", ["12345", "", "123456", "Password", "aaaaaaaa", 123456, "x" * 129])
def test_a_passcode_that_is_soon_guessed_is_refused(north: Party, visitor: Caller, bad: Any) -> None:
    path = f"/v3/crud/site/{north.site.id_random}"
    with nothing_changes():
        assert refusal(north.manager.patch(path, {"passcodes": {"manager": bad}})) == (400, "validation", 400)


def test_a_stored_one_of_before_opens_and_is_warned_about(
    north: Party, visitor: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    with every_tenant(reason="tests store a passcode that is refused now"):
        north.site.passcodes = {"manager": make_password("1234")}
        north.site.save()
    answer = guess(visitor, north.site.id_random, "1234")
    assert answer.status == 200
    assert answer.meta["warnings"] == ["This passcode is easily guessed. Ask a manager of the site to change it."]
    assert any("easily guessed" in record.message and "1234" not in record.message for record in caplog.records)


def test_a_passcode_is_the_same_from_a_mac_and_a_pc(north: Party, visitor: Caller) -> None:
    """Written apart or composed; an old hash of the other form still opens."""
    apart, composed = "geho\u0308ft", "geh\u00f6ft"
    path = f"/v3/crud/site/{north.site.id_random}"
    assert north.manager.patch(path, {"passcodes": {"manager": apart}}).status == 200
    assert [guess(visitor, north.site.id_random, code).status for code in (apart, composed)] == [200, 200]
    with every_tenant(reason="tests store an old hash"):
        site = type(north.site).objects.get(pk=north.site.pk)
        site.passcodes = {"manager": make_password(apart)}
        site.save()
    assert [guess(visitor, north.site.id_random, code).status for code in (apart, composed)] == [200, 401]


def test_huge_passwords_are_refused_before_they_are_hashed(north: Party, visitor: Caller) -> None:
    name = north.users["user"].username
    for size in (4_097, 8_192):
        answer = visitor.post("/v3/auth/login", {"username": name, "password": "x" * size})
        assert refusal(answer) == (400, "validation", 400)


def test_spellings_of_a_known_and_an_unknown_name_lock_alike(north: Party, visitor: Caller) -> None:
    """Else the lock would tell which names exist."""
    for name in (north.users["user"].username, "nobody"):
        cache.clear()
        spellings = [name, f"\u00ad{name}", name.upper(), f"{name}\u200d", f" {name} "]
        for spelling in spellings:
            assert visitor.post("/v3/auth/login", {"username": spelling, "password": "wrong"}).status == 401
        for spelling in spellings:
            assert visitor.post("/v3/auth/login", {"username": spelling, "password": "wrong"}).status == 429, name


def test_knowing_one_passcode_buys_no_guesses_at_another(visitor: Caller, site: str) -> None:
    statuses = []
    for _ in range(5):
        statuses.append(guess(visitor, site, "wrong").status)
        guess(visitor, site, "lower code")
    assert statuses == [401] * 5
    assert guess(visitor, site, "wrong").status == 429


def test_passcode_refusals_do_not_tell_why(north: Party, south: Party, visitor: Caller, site: str) -> None:
    """AUTN-16: an unknown site, a foreign one, one without passcodes, a disabled one, a wrong passcode: the same words."""
    southern = Caller(south.manager.headers)
    assert (
        southern.patch(f"/v3/crud/site/{south.site.id_random}", {"passcodes": {"manager": "south code"}}).status == 200
    )
    texts = set()
    for site_id, passcode in (
        (site, "wrong"),
        (site.swapcase(), "the right code"),
        (f"{site} ", "the right code"),
        ("nowhere0000", "the right code"),
        ("1", "the right code"),
        (str(north.site.pk), "the right code"),
        (south.site.id_random, "south code"),
        (site, "THE RIGHT CODE"),
        (site, "the right code "),
        (site, "x" * 5_000),
    ):
        answer = guess(visitor, site_id, passcode)
        assert refusal(answer) == BAD_TOKEN, (site_id, passcode)
        texts.add(without_traces(answer))
    north.manager.patch(f"/v3/crud/site/{site}", {"enable": False})
    texts.add(without_traces(guess(visitor, site, "the right code", "")))
    assert len(texts) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"site_id": "x"},
        {"passcode": "x"},
        {"site_id": "x", "passcode": 0},
        {"site_id": 0, "passcode": "x"},
        {"site_id": "x", "passcode": None},
        {"site_id": "x", "passcode": True},
        {"site_id": ["x"], "passcode": "x"},
        {"site_id": "x", "passcode": {"$ne": ""}},
        {"site_id": "x", "passcode": "x", "role": "manager"},
        {"site_id": "x", "passcode": "x", "email": "y"},
        {"site_id": "x", "passcode": "x\x00"},
    ],
)
def test_passcode_bodies_that_are_none(visitor: Caller, body: Any) -> None:
    assert refusal(visitor.post("/api/authenticate_passcode", body)) == (400, "validation", 400)


def test_a_password_is_guessed_five_times_a_minute_under_any_spelling_of_the_name(
    north: Party, visitor: Caller
) -> None:
    """Whatever the database takes for the same name counts as the same name."""
    name = north.users["manager"].username

    def attempt(username: str, password: str) -> int:
        return visitor.post("/v3/auth/login", {"username": username, "password": password}).status

    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)
    for spelling in (
        name.upper(),
        f" {name} ",
        name.title(),
        wide,
        f"{name}\u200d",
        f"\u00ad{name}",
    ):
        if attempt(spelling, PASSWORD) != 200:
            continue  # no spelling of the name to this database
        cache.clear()
        assert [attempt(spelling, "wrong") for _ in range(5)] == [401] * 5, spelling
        assert attempt(name, PASSWORD) == 429, spelling
        cache.clear()


def test_login_refusals_do_not_tell_why(north: Party, south: Party, visitor: Caller) -> None:
    with every_tenant(reason="tests disable a user"):
        gone = north.users["administrator"]
        gone.enable = False
        gone.save()
    texts = set()
    for username, password in (
        ("nobody", PASSWORD),
        (north.users["user"].username, "wrong"),
        (north.users["user"].username, PASSWORD.upper()),
        (north.users["user"].username, f"{PASSWORD} "),
        (north.users["user"].username, PASSWORD + "x" * 500),
        (gone.username, PASSWORD),
        (south.users["user"].username, PASSWORD),  # right, but not for this key's accounts
        ("' OR 1=1 --", PASSWORD),
        ("%", PASSWORD),
    ):
        answer = visitor.post("/v3/auth/login", {"username": username, "password": password})
        assert refusal(answer) == BAD_TOKEN, username
        texts.add(without_traces(answer))
    assert len(texts) == 1


@pytest.mark.parametrize("path", ["/api/authenticate_passcode", "/v3/auth/login", "/v3/auth/refresh", "/v3/auth/guest"])
def test_signing_in_is_by_post_only(visitor: Caller, path: str) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD"):
        assert visitor(method, path).status == 405
    assert visitor.post(path + "/", {}).status in (400, 401)  # with a slash it is the same place


def test_no_cache_keeps_a_token(north: Party, visitor: Caller) -> None:
    name = north.users["user"].username
    pair = visitor.post("/v3/auth/login", {"username": name, "password": PASSWORD})
    answers = [
        pair,
        visitor.post("/v3/auth/refresh", {"refresh": pair.data["refresh"]}),
        visitor.post("/v3/auth/guest", {"site_id": north.site.id_random}),
        visitor.post("/v3/auth/login", {"username": name, "password": "wrong"}),
    ]
    assert [(answer.status, answer.headers["Cache-Control"]) for answer in answers] == [
        *[(200, "private, no-store")] * 3,
        (401, "private, no-store"),
    ]
