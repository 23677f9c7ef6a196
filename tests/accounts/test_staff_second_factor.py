"""The admin asks for the second factor too: of who has one, and of who must have one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts import second_factor
from accounts.models import AdminSession, SecondFactor, User
from tenancy.context import every_tenant
from tests.conftest import PASSWORD, Party
from tests.contract.authentication.test_second_factor import change, code_of
from tests.crud.staff.pages import Staff

pytestmark = pytest.mark.django_db
PAGE, LIST = "/admin/second_factor/", "/admin/content/journal/"


def enrol(user: User, guess_clock: Any) -> tuple[str, list[str]]:
    """Secret and recovery codes of who set it up a minute ago."""
    with every_tenant(reason="tests set up a second factor"):
        user = User.objects.select_related("account").get(pk=user.pk)
        secret = second_factor.set_up(user)["secret"]
        codes = second_factor.confirm(user, code_of(secret))
    guess_clock.shift(60)
    return secret, codes


def half(user: User) -> Client:
    return Staff(user).sign_in().client


def is_in(client: Client) -> bool:
    return bool(client.get(LIST).status_code == 200)


def demand(party: Party, *roles: str) -> None:
    change(party.account, cfg_json={"auth": {"mfa_required_roles": list(roles)}})


def test_who_has_one_shows_it(north: Party, guess_clock: Any) -> None:
    secret, _ = enrol(north.users["manager"], guess_clock)
    client = half(north.users["manager"])
    for path in ("/admin/", LIST, "/admin/sessions/", "/admin/desk/", "/admin/person_data/"):
        assert client.get(path).status_code in (302, 403), path
    assert client.post("/admin/content/journal/add/", {"name": "x"}).status_code == 302
    assert client.get("/admin/login/?next=/admin/desk/").headers["Location"] == f"{PAGE}?next=%2Fadmin%2Fdesk%2F"
    with every_tenant(reason="tests count sign-ins"):
        assert not AdminSession.objects.filter(user=north.users["manager"]).exists()
    page = client.get(PAGE)
    assert "Type the code of your app" in page.content.decode()
    assert secret not in page.content.decode()
    wrong = client.post(PAGE, {"code": "000000"})
    assert "The code is not right." in wrong.content.decode()
    assert not is_in(client)
    code = code_of(secret)
    assert client.post(f"{PAGE}?next=/admin/desk/", {"code": code}).headers["Location"] == "/admin/desk/"
    assert is_in(client)

    replayed = half(north.users["manager"])
    assert replayed.post(PAGE, {"code": code}).status_code == 200
    assert not is_in(replayed)
    guess_clock.shift(60)
    leads_away = replayed.post(f"{PAGE}?next=https://evil.example/", {"code": code_of(secret)})
    assert leads_away.headers["Location"] == "/admin/"


def test_a_recovery_code_is_good_once(north: Party, guess_clock: Any) -> None:
    _, (code, *_) = enrol(north.users["administrator"], guess_clock)
    first, second = half(north.users["administrator"]), half(north.users["administrator"])
    assert first.post(PAGE, {"code": code}).status_code == 302
    assert second.post(PAGE, {"code": code}).status_code == 200
    assert (is_in(first), is_in(second)) == (True, False)


def test_who_must_have_one_sets_it_up_first(north: Party, south: Party, guess_clock: Any) -> None:
    demand(north, "manager")
    client = half(north.users["manager"])
    assert not is_in(client)
    page = client.get(PAGE)
    secret = page.context["secret"]
    assert client.get(PAGE).context["secret"] == secret  # loaded again, as phones do
    assert "asks for a second factor" in page.content.decode()
    assert client.post(PAGE, {"code": "000000"}).status_code == 200
    done = client.post(f"{PAGE}?next={LIST}", {"code": code_of(secret)})
    assert len(done.context["recovery_codes"]) == 10
    assert f'href="{LIST}"' in done.content.decode()
    assert is_in(client)
    for user in (north.users["administrator"], south.users["manager"]):  # of whom nothing is demanded
        assert is_in(half(user))


def test_set_up_and_taken_away_by_who_is_signed_in(north: Party, guess_clock: Any) -> None:
    client = half(north.users["administrator"])
    assert is_in(client)
    assert "Second factor" in client.get("/admin/").content.decode()
    secret = client.get(PAGE).context["secret"]
    assert client.post(PAGE, {"code": code_of(secret)}).context["recovery_codes"]
    assert not is_in(half(north.users["administrator"]))
    guess_clock.shift(60)
    assert client.post(PAGE, {"code": "1"}).status_code == 200
    assert client.post(PAGE, {"code": code_of(secret)}).status_code == 302
    with every_tenant(reason="tests look for what is left"):
        assert not SecondFactor.objects.exists()
    assert is_in(half(north.users["administrator"]))


def test_guesses_are_counted(north: Party, guess_clock: Any) -> None:
    secret, _ = enrol(north.users["manager"], guess_clock)
    client = half(north.users["manager"])
    for _ in range(5):
        client.post(PAGE, {"code": "000000"})
    refused = client.post(PAGE, {"code": code_of(secret)})
    assert (refused.status_code, is_in(client)) == (200, False)
    assert "The code is not right." not in refused.content.decode()


def test_super_users_show_theirs(guess_clock: Any) -> None:
    with every_tenant(reason="tests set up a super user, who has no account"):
        root = User(username="root-of-all", email="root@example.org", account=None, super=True)
        root.set_password(PASSWORD)
        root.save()
    assert is_in(half(root))
    secret, _ = enrol(root, guess_clock)
    client = half(root)
    assert not is_in(client)
    assert client.post(PAGE, {"code": code_of(secret)}).status_code == 302
    assert is_in(client)


def test_nobody_else(north: Party, guess_clock: Any) -> None:
    assert Client().get(PAGE).status_code == 302
    enrol(north.users["manager"], guess_clock)
    client = half(north.users["manager"])
    assert client.post(PAGE, {"leave": "1"}).headers["Location"] == "/admin/login/"
    assert client.get(PAGE).status_code == 302
    change(north.users["manager"], enable=False)
    assert Client().post("/admin/login/", {"username": "x", "password": PASSWORD}).status_code == 200
