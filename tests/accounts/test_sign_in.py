"""Passwords and passcodes against the rows; the answers over HTTP are in tests/contract/authentication/."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import RequestFactory

from accounts import sign_in
from accounts.models import User
from accounts.sign_in import SignInBackend, find_passcode_role, find_user
from kernel.errors import Throttled
from tenancy.context import every_tenant, tenant
from tenancy.principal import Role
from tests.conftest import PASSWORD, Caller, Party

PEER = "192.0.2.1"


def change(party: Party, row: Any, **values: Any) -> None:
    with tenant(party.account.pk):
        for name, value in values.items():
            setattr(row, name, value)
        row.save()


def test_by_name_and_by_mail_without_case_and_blanks(north: Party) -> None:
    user = north.users["user"]
    for name in (user.username, user.username.upper(), f"  {user.username} ", user.email, user.email.upper()):
        assert find_user(name, PASSWORD, PEER) == user, name


def test_wrong_ones_find_nobody(north: Party) -> None:
    user = north.users["user"]
    for name, password in (
        (user.username, ""),
        (user.username, PASSWORD + " "),
        (user.username, user.password),  # the stored hash is no password
        ("", PASSWORD),
    ):
        assert find_user(name, password, PEER) is None
    for number, name in enumerate(("%", "north-%", "_" * len(user.username), "nobody", str(user.pk), user.id_random)):
        assert find_user(name, PASSWORD, f"192.0.2.{number}") is None


def test_refusals_are_in_the_log_without_what_was_typed(north: Party, caplog: pytest.LogCaptureFixture) -> None:
    user, site = north.users["user"], north.site.id_random
    assert find_user(user.username, "wrong-secret", PEER) is None
    assert find_user("typed-password", "x", PEER) is None
    assert find_passcode_role(site, "wrong-passcode", PEER) is None
    assert [record.getMessage() for record in caplog.records if record.name == "accounts.sign_in"] == [
        f"sign-in refused: user {user.id_random}, from {PEER}",
        f"sign-in refused: unknown name, from {PEER}",
        f"passcode refused: site {site}, from {PEER}",
    ]


TAKEN_AWAY: dict[str, Callable[[Party], None]] = {
    "disabled": lambda party: change(party, party.users["user"], enable=False),
    "hidden": lambda party: change(party, party.users["user"], hide=True),
    "account disabled": lambda party: change(party, party.account, enable=False),
    "no usable password": lambda party: change(party, party.users["user"], password=make_password(None)),
}


@pytest.mark.parametrize("what", TAKEN_AWAY)
def test_the_right_password_of_whom_may_not(north: Party, what: str) -> None:
    TAKEN_AWAY[what](north)
    assert find_user(north.users["user"].username, PASSWORD, PEER) is None
    backend = SignInBackend()
    assert backend.authenticate(None, north.users["user"].username, PASSWORD) is None
    if what != "no usable password":
        assert backend.get_user(north.users["user"].pk) is None


def test_an_unknown_name_takes_as_much_hashing_as_a_wrong_password(
    north: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AUTN-16: by counting what is hashed, as seconds tell little on a shared machine."""
    hashed = []
    monkeypatch.setattr(sign_in, "make_password", lambda text: hashed.append(text) or make_password(text))
    real = sign_in.check_password
    monkeypatch.setattr(sign_in, "check_password", lambda text, stored: hashed.append(text) or real(text, stored))
    for name in (north.users["user"].username, "nobody"):
        hashed.clear()
        assert find_user(name, "wrong", PEER) is None
        assert len(hashed) == 1, name
    change(north, north.site, passcodes={"manager": make_password("right")})
    for site_id in (north.site.id_random, "nowhere0000", "not an id at all"):
        hashed.clear()
        assert find_passcode_role(site_id, "wrong", PEER) is None
        assert len(hashed) == len(sign_in.PASSCODE_ROLES), site_id


def test_a_passcode_opens_its_role_at_its_site(north: Party, south: Party) -> None:
    change(north, north.site, passcodes={"manager": make_password("one"), "administrator": make_password("two")})
    change(south, south.site, passcodes={"manager": make_password("three")})
    assert find_passcode_role(north.site.id_random, "one", PEER) == (north.site, Role.MANAGER)
    assert find_passcode_role(north.site.id_random, "two", PEER) == (north.site, Role.ADMINISTRATOR)
    assert find_passcode_role(north.site.id_random, "three", PEER) is None
    assert find_passcode_role(south.site.id_random, "one", PEER) is None
    assert find_passcode_role(north.site.id_random.swapcase(), "one", PEER) is None


def test_the_same_passcode_twice_opens_the_higher_role(north: Party) -> None:
    change(north, north.site, passcodes={"administrator": make_password("one"), "manager": make_password("one")})
    found = find_passcode_role(north.site.id_random, "one", PEER)
    assert found is not None
    assert found[1] is Role.MANAGER


@pytest.mark.parametrize(
    "passcodes", [None, {}, {"manager": ""}, {"manager": "plain"}, {"super": make_password("one")}]
)
def test_no_passcode_no_way_in(north: Party, passcodes: Any) -> None:
    """Nor a role that passcodes can't give, nor a text that is no hash."""
    change(north, north.site, passcodes=passcodes)
    for passcode in ("", "one", "plain", "None"):
        assert find_passcode_role(north.site.id_random, passcode, f"{PEER}{passcode}") is None


def test_a_passcode_of_a_disabled_site_or_account_is_none(north: Party) -> None:
    change(north, north.site, passcodes={"manager": make_password("one")}, enable=False)
    assert find_passcode_role(north.site.id_random, "one", PEER) is None
    change(north, north.site, enable=True)
    assert find_passcode_role(north.site.id_random, "one", PEER) is not None
    change(north, north.account, enable=False)
    assert find_passcode_role(north.site.id_random, "one", PEER) is None


def test_the_admins_door_counts_as_well(north: Party) -> None:
    """Five there and none is left here; and there a lock looks like a wrong password."""
    request = RequestFactory().post("/admin/login/", REMOTE_ADDR=PEER)
    name = north.users["manager"].username
    backend = SignInBackend()
    assert backend.authenticate(request, name, PASSWORD) == north.users["manager"]
    for _ in range(5):
        assert backend.authenticate(request, name, "wrong") is None
    assert backend.authenticate(request, name, PASSWORD) is None
    with pytest.raises(Throttled):
        find_user(name, PASSWORD, PEER)


def test_one_users_mail_as_anothers_name_opens_nothing(north: Party, south: Party) -> None:
    """A name may look like somebody else's mail; the password decides for the one who was found, and nobody else."""
    victim = north.users["manager"]
    with tenant(south.account.pk):
        squatter = User(username=victim.email, email="squatter@example.org")
        squatter.set_password("the squatter's own one")
        squatter.save()
    assert find_user(victim.email, "the squatter's own one", PEER) in (None, squatter)
    assert find_user(victim.email, PASSWORD, PEER) in (None, victim)
    assert find_user(victim.username, PASSWORD, PEER) == victim


def test_a_squatter_who_came_first_does_not_lock_the_owner_out(north: Party, south: Party) -> None:
    """A user of South whose name is a mail of North: whoever signs in by their own mail and password gets in."""
    with tenant(south.account.pk):
        squatter = User(username="new@north.example.org", email="other@example.org")
        squatter.set_password("the squatter's own one")
        squatter.save()
    with tenant(north.account.pk):
        owner = User(username="new", email="new@north.example.org")
        owner.set_password(PASSWORD)
        owner.save()
    assert find_user("new@north.example.org", PASSWORD, PEER) == owner


def test_nobody_is_found_without_a_scope_left_open(north: Party) -> None:
    find_user(north.users["user"].username, PASSWORD, PEER)
    with every_tenant(reason="a test"):
        assert User.objects.count() >= 3


@pytest.mark.parametrize(
    ("password", "told"),
    [
        (5, "Give a text."),
        ("a\x00b", "A text can't contain the character NUL."),
        ("p" * 1_000_000, "It must have at most 8192 characters."),
        ("p" * 4_097, "It must have at most 4096 characters."),
    ],
)
def test_what_is_wrong_with_a_password_that_is_none(north: Party, password: Any, told: str) -> None:
    key = {"x-aether-api-key": north.keys["publishable"]}
    answer = Caller(key).post("/v3/auth/login", {"username": "north-user", "password": password})
    assert (answer.status, answer.meta["details"]["fields"]["password"]) == (400, [told])
