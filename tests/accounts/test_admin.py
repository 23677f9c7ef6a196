"""API keys, users and passcodes in the admin."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import standing
from accounts.models import ApiKey, ApiKeyAccount, Site, User
from crud.models import ChangeLog
from tenancy.context import every_tenant, tenant
from tests.conftest import PASSWORD, Caller, Party
from tests.contract.authentication.asking import login
from tests.crud.staff.pages import Staff, errors, url

KEYS = "/admin/accounts/apikey/"
LIMITS = {"enable": "on", "allowed_origins": "", "allowed_networks": ""}


@pytest.fixture
def root(db: None) -> Staff:
    with every_tenant(reason="tests set up a super user, who has no account"):
        user = User(username="root-of-all", email="root@example.org", account=None, super=True)
        user.set_password(PASSWORD)
        user.save()
    return Staff(user).sign_in()


@pytest.fixture
def manager(north: Party, south: Party) -> Staff:
    strangers = {south.fqdn, south.id, "South", *(key.split("_")[1] for key in south.keys.values())}
    return Staff(north.users["manager"], frozenset(strangers)).sign_in()


def shown_key(response: Any) -> str:
    match = re.search(r">(ae[sp]_[^<]+)</textarea>", response.content.decode())
    assert match, response.content.decode()
    return match[1]


def key_url(row: ApiKey, page: str = "change") -> str:
    return f"{KEYS}{row.pk}/{page}/"


# --- sessions


@pytest.mark.parametrize("disabled", ["the user", "the user, hidden", "the account"])
def test_a_session_does_not_revive_with_its_user(
    disabled: str, manager: Staff, root: Staff, north: Party, south: Party, visitor: Caller
) -> None:
    other = Staff(south.users["manager"]).sign_in()
    refresh = login(visitor, north, "manager")["refresh"]
    row = north.account if disabled == "the account" else north.users["manager"]
    name, off = ("hide", True) if disabled == "the user, hidden" else ("enable", False)
    assert manager.get("/admin/").status_code == 200
    for value in (off, not off):  # meanwhile the browser asks nothing
        with every_tenant(reason="as a super user does it"):
            setattr(row, name, value)
            row.save()
    standing.forget()
    assert manager.get("/admin/").status_code == 302
    assert visitor.post("/v3/auth/refresh", {"refresh": refresh}).status == 401
    assert root.get("/admin/").status_code == other.get("/admin/").status_code == 200


# --- keys


def test_a_manager_makes_a_key_and_sees_it_once(manager: Staff, north: Party, south: Party) -> None:
    made = manager.save(f"{KEYS}add/", name="Kiosk", role="administrator", allowed_networks="127.0.0.0/8\r\n::1")
    assert made.status_code == 200
    assert "no-store" in made.headers["Cache-Control"]
    key = shown_key(made)
    row = ApiKey.objects.get(name="Kiosk")
    assert (row.role, row.allow_bypass, row.all_accounts, row.allowed_networks) == (
        "administrator",
        False,
        False,
        ["127.0.0.0/8", "::1"],
    )
    assert list(ApiKeyAccount.objects.filter(api_key=row).values_list("account_id", flat=True)) == [north.account.pk]
    caller = Caller({"x-aether-api-key": key, "x-account-id": north.id})
    assert caller.get("/v3/auth/whoami").data["role"] == "administrator"
    assert caller.with_headers(**{"x-account-id": south.id}).get("/v3/crud/journal/").status == 403

    secret = key.split("_", 2)[2]
    assert secret not in str(manager.client.cookies)
    assert not any(secret in str(session.get_decoded()) for session in Session.objects.all())
    for path in (KEYS, key_url(row), key_url(row, "history"), "/admin/"):
        page = manager.get(path).content.decode()
        assert secret not in page
        assert row.digest not in page


def test_a_manager_makes_no_more_than_a_manager_may(manager: Staff, north: Party) -> None:
    form = manager.form(f"{KEYS}add/")
    assert form.names.isdisjoint({"all_accounts", "allow_bypass", "accounts", "accounts-0-account", "digest", "prefix"})
    given = form.values | {
        "name": "Greedy",
        "all_accounts": "on",
        "allow_bypass": "on",
        "prefix": "000000000000",
        "accounts-TOTAL_FORMS": "1",
        "accounts-INITIAL_FORMS": "0",
        "accounts-0-account": str(north.account.pk),
    }
    before = ApiKey.objects.count()
    assert list(errors(manager.post(f"{KEYS}add/", given | {"role": "super"}))) == ["role"]
    assert ApiKey.objects.count() == before
    manager.post(f"{KEYS}add/", given | {"role": "manager"})
    row = ApiKey.objects.get(name="Greedy")
    assert (row.all_accounts, row.allow_bypass) == (False, False)
    assert row.prefix != "000000000000"
    manager.post(key_url(row), manager.form(key_url(row)).values | {"allow_bypass": "on", "all_accounts": "on"})
    manager.post(key_url(row), manager.form(key_url(row)).values | {"kind": "publishable", "name": "Renamed"})
    row.refresh_from_db()
    assert (row.all_accounts, row.allow_bypass, row.kind, row.name) == (False, False, "secret", "Renamed")


def test_revoking_and_enabling(manager: Staff, north: Party) -> None:
    made = shown_key(manager.save(f"{KEYS}add/", name="Kiosk"))
    row = ApiKey.objects.get(name="Kiosk")
    caller = Caller({"x-aether-api-key": made, "x-account-id": north.id})
    for action, status in (("revoke", 403), ("enable_again", 200)):
        manager.post(KEYS, {"action": action, "_selected_action": [row.pk]})
        standing.forget()  # the tests' transaction never commits
        assert caller.get("/v3/crud/journal/").status == status
    assert "Revoked." in manager.get(key_url(row, "history")).content.decode()
    assert manager.save(key_url(row), enable=[]).status_code == 302
    row.refresh_from_db()
    assert row.enable is False
    assert manager.get(key_url(row, "delete")).status_code == 403


def test_only_keys_of_the_own_account_alone_are_there(manager: Staff, north: Party, south: Party) -> None:
    shared, _ = ApiKey.issue(name="Of both", accounts=[north.account, south.account])
    everywhere, _ = ApiKey.issue(name="Of all", all_accounts=True)
    bypass, _ = ApiKey.issue(name="Bypass", accounts=[north.account], allow_bypass=True)
    theirs = ApiKey.objects.get(name="South manager")
    listed = {row.name for row in manager.get(KEYS).context["cl"].result_list}
    assert listed == {f"North {name}" for name in ("user", "administrator", "manager", "web", "reader")}
    digests = dict(ApiKey.objects.values_list("pk", "digest"))
    for row in (shared, everywhere, bypass, theirs):
        for page in ("change", "history", "delete"):
            for response in (manager.get(key_url(row, page)), manager.post(key_url(row, page), {"name": "x"})):
                assert response.status_code in (302, 403)
        manager.post(KEYS, {"action": "revoke", "_selected_action": [row.pk]})
        row.refresh_from_db()
        assert (row.enable, row.name != "x") == (True, True)
    assert dict(ApiKey.objects.values_list("pk", "digest")) == digests
    for name in ("digest__startswith", "prefix__startswith", "accounts__code", "name"):
        assert manager.get(KEYS, {name: "a"}).status_code == 400


def test_keys_are_not_for_administrators(north: Party) -> None:
    person = Staff(north.users["administrator"]).sign_in()
    row = ApiKey.objects.get(name="North user")
    for path in (KEYS, f"{KEYS}add/", key_url(row), key_url(row, "history"), key_url(row, "delete")):
        assert person.get(path).status_code == 403
        assert person.post(path, {"name": "x"}).status_code == 403


def test_a_super_user_makes_a_key_for_several_accounts(root: Staff, north: Party, south: Party) -> None:
    made = root.save(
        f"{KEYS}add/",
        **{
            "name": "Bridge",
            "role": "manager",
            "accounts-TOTAL_FORMS": "2",
            "accounts-0-account": str(north.account.pk),
            "accounts-1-account": str(south.account.pk),
        },
    )
    key, row = shown_key(made), ApiKey.objects.get(name="Bridge")
    for party in (north, south):
        assert Caller({"x-aether-api-key": key, "x-account-id": party.id}).get("/v3/crud/site/").status == 200
    links = list(ApiKeyAccount.objects.filter(api_key=row).order_by("account_id"))
    assert [link.account_id for link in links] == [north.account.pk, south.account.pk]
    assert root.save(key_url(row)).status_code == 302
    taken = root.save(key_url(row), **{"accounts-1-DELETE": "on"})
    assert taken.status_code == 302
    assert list(ApiKeyAccount.objects.filter(api_key=row)) == [links[0]]
    row.refresh_from_db()
    assert row.verify(key)
    assert root.save(f"{KEYS}add/", name="Root", role="super", all_accounts="on", allow_bypass="on").status_code == 200
    bad = root.save(f"{KEYS}add/", name="No", kind="publishable", allow_bypass="on")
    assert list(errors(bad)) == ["__all__"]
    assert root.post(key_url(row, "delete"), {"post": "yes"}).status_code == 302
    assert not ApiKey.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("allowed_origins", "app.example.org"),
        ("allowed_origins", "https://app.example.org/"),
        ("allowed_origins", "https://app.example.org\r\njavascript:x"),
        ("allowed_networks", "10.0.0.1/8"),
        ("allowed_networks", "everywhere"),
        ("rate_per_minute", "-1"),
        ("name", ""),
        ("kind", "other"),
    ],
)
def test_what_would_break_authentication_is_refused(manager: Staff, name: str, value: str) -> None:
    before = ApiKey.objects.count()
    assert list(errors(manager.save(f"{KEYS}add/", **{"name": "Kiosk"} | {name: value}))) == [name]
    assert ApiKey.objects.count() == before


def test_key_lists_cost_the_same_for_few_and_many(manager: Staff, north: Party, django_assert_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    manager.get(KEYS)
    with CaptureQueriesContext(connection) as few:
        manager.get(KEYS)
    for number in range(3):
        ApiKey.issue(name=f"More {number}", accounts=[north.account])
    with django_assert_num_queries(len(few)):
        manager.get(KEYS)


# --- users


def test_a_manager_makes_a_user_who_can_sign_in(manager: Staff, north: Party) -> None:
    path = url("user", "add")
    weak = manager.save(path, username="anna", password="password")
    assert list(errors(weak)) == ["password"]
    assert list(errors(manager.save(path, username="anna"))) == ["password"]
    made = manager.save(
        path, username="anna", email="anna@example.org", password="seven green bottles", administrator="on"
    )
    assert made.status_code == 302, errors(made)
    with tenant(north.account.pk):
        anna = User.objects.get(username="anna")
        entry = ChangeLog.objects.filter(obj_type="user", obj_id=anna.id_random).latest("id")
    assert (anna.account_id, anna.super, anna.administrator) == (north.account.pk, False, True)
    assert entry.changes_json["password"] == [None, "***"]
    client = Client()
    assert client.post("/admin/login/", {"username": "anna", "password": "seven green bottles"}).status_code == 302
    assert client.get("/admin/").status_code == 200


def test_a_password_is_kept_or_set(manager: Staff, north: Party) -> None:
    member = north.users["user"]
    path = url("user", "change", member.pk)
    assert manager.save(path, name="Changed").status_code == 302
    with tenant(north.account.pk):
        assert check_password(PASSWORD, User.objects.get(pk=member.pk).password)
    assert manager.save(path, password="eight green bottles").status_code == 302
    with tenant(north.account.pk):
        assert check_password("eight green bottles", User.objects.get(pk=member.pk).password)


def test_who_changes_their_own_password_stays_signed_in(manager: Staff) -> None:
    path = url("user", "change", manager.user.pk)
    other = Staff(manager.user).sign_in()
    assert manager.save(path, password="eight green bottles").status_code == 302
    assert manager.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302  # their other browsers are signed out


def test_djangos_own_password_page(manager: Staff) -> None:
    given = {"old_password": PASSWORD, "new_password1": "eight green bottles", "new_password2": "eight green bottles"}
    assert manager.post("/admin/password_change/", given).status_code == 302
    with every_tenant(reason="tests look a password up"):
        assert check_password("eight green bottles", User.objects.get(pk=manager.user.pk).password)


def test_super_users_are_none_of_a_managers_business(manager: Staff, root: Staff, north: Party) -> None:
    with every_tenant(reason="tests set up a super user inside an account"):
        inside = User(username="inside", account=north.account, super=True, password="x")
        inside.save()
    for user in (root.user, inside):
        assert user.username not in manager.get(url("user")).content.decode()
        for page in ("change", "history", "delete"):
            for response in (
                manager.get(url("user", page, user.pk)),
                manager.post(url("user", page, user.pk), {"username": "mine", "post": "yes"}),
            ):
                assert response.status_code == 302
                assert response.headers["Location"] == "/admin/"
    assert "super" not in manager.form(url("user", "add")).names
    assert manager.get(url("user"), {"super__exact": "1"}).status_code == 400
    manager.save(url("user", "change", north.users["user"].pk), super="on")
    manager.save(url("user", "add"), username="climber", password="seven green bottles", super="on")
    with every_tenant(reason="tests count super users"):
        assert set(User.objects.filter(super=True)) == {root.user, inside}
        logged = ChangeLog.objects.filter(obj_type="user", obj_id=inside.id_random).latest("id")
    assert manager.get(f"/admin/crud/changelog/{logged.pk}/change/").status_code == 302


def test_nobody_deletes_themselves(manager: Staff, root: Staff) -> None:
    for person in (manager, root):
        assert person.get(url("user", "delete", person.user.pk)).status_code == 403
        data = {"action": "delete_selected", "_selected_action": [person.user.pk], "post": "yes"}
        assert person.post(url("user"), data).status_code == 403
        assert person.get("/admin/").status_code == 200


def test_deleting_a_user_takes_their_tokens_along_unnamed(manager: Staff, north: Party) -> None:
    from accounts.models import RefreshToken

    member = north.users["user"]
    soon = timezone.now() + timedelta(days=1)
    RefreshToken.objects.create(jti="j", family="family-of-the-member", user=member, key_prefix="p", expires_on=soon)
    page = manager.get(url("user", "delete", member.pk)).content.decode()
    assert "Refresh tokens: 1" in page
    assert "family-of-the-member" not in page
    assert manager.post(url("user", "delete", member.pk), {"post": "yes"}).status_code == 302
    assert not RefreshToken.objects.exists()


def test_a_user_without_an_account_is_a_super_user(root: Staff, north: Party) -> None:
    path = url("user", "add")
    nobody = root.save(path, username="nobody", password="seven green bottles", manager="on")
    assert errors(nobody) == {"account": ["Only a super user belongs to no account."]}
    assert root.save(path, username="second", password="seven green bottles", super="on").status_code == 302
    made = root.save(path, username="third", password="seven green bottles", account=str(north.account.pk))
    assert made.status_code == 302
    with tenant(north.account.pk):
        assert User.objects.filter(username="third").exists()


# --- sites


def test_passcodes_are_set_kept_and_removed_by_role(manager: Staff, north: Party) -> None:
    path = url("site", "change", north.site.pk)

    def stored() -> dict[str, str]:
        with tenant(north.account.pk):
            passcodes: dict[str, str] = Site.objects.get(pk=north.site.pk).passcodes
        return passcodes

    def opens(passcode: str) -> int:
        body = {"site_id": north.site.id_random, "passcode": passcode}
        return north.guest.post("/api/authenticate_passcode", body).status

    assert manager.save(path, passcodes_manager="open manager", passcodes_administrator="open admin").status_code == 302
    assert set(stored()) == {"manager", "administrator"}
    assert "open manager" not in str(stored())
    assert (opens("open manager"), opens("open admin"), opens("open")) == (200, 200, 401)
    kept = stored()["manager"]
    assert manager.save(path, passcodes_administrator="another one").status_code == 302
    assert stored()["manager"] == kept
    assert opens("another one") == 200
    assert manager.save(path, remove_passcodes_manager="on").status_code == 302
    assert set(stored()) == {"administrator"}
    short = manager.save(path, passcodes_manager="abc")
    assert list(errors(short)) == ["__all__"]
    administrator = Staff(north.users["administrator"]).sign_in().get(path)
    assert administrator.status_code == 200
    assert "passcodes" not in administrator.content.decode()
