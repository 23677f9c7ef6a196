"""Services of an account in the admin: super users set them, and nobody reads a key."""

from __future__ import annotations

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import AccountService, User
from tenancy.context import every_tenant, tenant
from tests.conftest import PASSWORD, Party
from tests.crud.staff.pages import Staff, errors

PAGES = "/admin/accounts/accountservice/"
KEY = "k3y-that-nobody-reads="


@pytest.fixture
def root(db: None) -> Staff:
    with every_tenant(reason="tests set up a super user, who has no account"):
        user = User(username="root-of-all", email="root@example.org", account=None, super=True)
        user.set_password(PASSWORD)
        user.save()
    return Staff(user, frozenset({KEY})).sign_in()


def stored(party: Party) -> AccountService:
    with tenant(party.account.pk):
        row: AccountService = AccountService.objects.get()
        return row


def test_a_super_user_sets_one_and_never_sees_the_key(root: Staff, north: Party) -> None:
    given = {"account": str(north.account.pk), "name": "novi", "base": "https://www.example.org/api", "key": KEY}
    assert root.save(f"{PAGES}add/", **given).status_code == 302
    row = stored(north)
    assert (row.base, row.key) == (given["base"], KEY)
    page = f"{PAGES}{row.pk}/"
    for path in (PAGES, f"{page}change/", f"{page}history/", f"{page}delete/", f"{PAGES}?q={KEY[:3]}"):
        assert root.get(path).status_code in (200, 302)
    assert "account" not in root.form(f"{page}change/").names

    assert root.save(f"{page}change/", base="https://novi.example.org").status_code == 302
    assert (stored(north).base, stored(north).key) == ("https://novi.example.org", KEY)
    assert root.save(f"{page}change/", key="another").status_code == 302
    assert stored(north).key == "another"
    logged = [entry.get_change_message() for entry in LogEntry.objects.order_by("pk")]
    assert logged == ["Added.", "Changed Base.", "Changed key."]
    assert root.post(f"{page}delete/", {"post": "yes"}).status_code == 302
    with tenant(north.account.pk):
        assert not AccountService.objects.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("base", base) for base in ("http://example.org", "https://u:p@x.org", "https://x.org/?k=", "ftp://x", "")),
        *(("key", key) for key in ("", "a b", "ü", "a\r\nX-Evil: b")),
    ],
)
def test_what_does_not_fit_is_refused(root: Staff, north: Party, name: str, value: str) -> None:
    given = {"account": str(north.account.pk), "name": "novi", "base": "https://www.example.org", "key": KEY}
    assert list(errors(root.save(f"{PAGES}add/", **given | {name: value}))) == [name]
    with tenant(north.account.pk):
        assert not AccountService.objects.exists()


@pytest.mark.parametrize("role", ["administrator", "manager"])
def test_staff_of_an_account_have_no_page(north: Party, role: str) -> None:
    with tenant(north.account.pk):
        row = AccountService(name="novi", base="https://www.example.org", key=KEY)
        row.save()
    staff = Staff(north.users[role], frozenset({KEY})).sign_in()
    for page in ("", "add/", f"{row.pk}/change/", f"{row.pk}/delete/", f"{row.pk}/history/"):
        assert staff.get(PAGES + page).status_code in (302, 403), page
    assert "accountservice" not in staff.get("/admin/").content.decode()


def test_one_of_a_name_in_an_account_and_only_the_own(north: Party, south: Party) -> None:
    for party in (north, south):
        with tenant(party.account.pk):
            AccountService(name="novi", base="https://www.example.org", key=KEY).save()
            assert AccountService.objects.count() == 1
    with tenant(north.account.pk):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccountService(name="novi", base="https://www.example.org", key=KEY).save()
        with pytest.raises(ValidationError):
            AccountService(name="other", base="https://www.example.org", key=KEY).full_clean(["account"])


def test_no_answer_of_the_api_holds_it(north: Party) -> None:
    with tenant(north.account.pk):
        AccountService(name="novi", base="https://secret-host.example", key=KEY).save()
    own = f"/v3/crud/account/{north.id}"
    for path in (own, f"{own}/history", "/v3/crud/account/", "/v3/crud/", "/v3/crud/account/schema"):
        text = north.manager.get(path).raw.content.decode()
        assert KEY not in text
        assert "secret-host" not in text
    assert north.manager.get("/v3/crud/account_service/").status == 404
