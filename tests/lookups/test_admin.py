"""Lookups in the admin: super users edit every row, managers the overrides of their account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from lookups.models import Country, CountrySubdivision
from tenancy.context import every_tenant
from tests.conftest import PASSWORD, Party
from tests.crud.staff.pages import Staff, errors

LIST = "/admin/lookups/country/"


@pytest.fixture
def root(db: None) -> Staff:
    with every_tenant(reason="tests set up a super user, who has no account"):
        user = User(username="root-of-all", email="root@example.org", account=None, super=True)
        user.set_password(PASSWORD)
        user.save()
    return Staff(user).sign_in()


@pytest.fixture
def manager(world: None, north: Party) -> Staff:
    return Staff(north.users["manager"]).sign_in()


def page(row: Country, name: str = "change") -> str:
    return f"{LIST}{row.pk}/{name}/"


def test_a_manager_edits_the_rows_of_the_account(
    manager: Staff, north: Party, south: Party, override: Callable[..., Any], listed: Callable[..., Any]
) -> None:
    theirs = Country.objects.get(id_random=override(south, "CA", name="South's")["id"])
    everybodys = Country.objects.get(group="US", account_id=None)
    made = manager.save(
        f"{LIST}add/", code="US", group="US", name="Ours", priority="on", account_id=str(south.account.pk)
    )
    assert made.status_code == 302, errors(made)
    ours = Country.objects.get(name="Ours")
    assert ours.account_id == north.account.pk
    assert [row.pk for row in manager.get(LIST).context["cl"].result_list] == [ours.pk]
    assert manager.save(page(ours), name="Still ours", group="CA", for_type="journal", for_id="x").status_code == 302
    ours.refresh_from_db()
    assert (ours.name, ours.group, ours.for_type) == ("Still ours", "US", None)
    assert "Still ours" in {row["name"] for row in listed(north.member)}
    assert "Still ours" not in {row["name"] for row in listed(south.member)}
    history = manager.get(page(ours, "history")).content.decode()
    assert "Ours → Still ours" in history
    for row in (theirs, everybodys):
        before = row.name
        for name in ("change", "history", "delete"):
            for response in (manager.get(page(row, name)), manager.post(page(row, name), {"name": "x", "post": "yes"})):
                assert response.status_code == 302
        manager.post(LIST, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        row.refresh_from_db()
        assert row.name == before
    assert manager.get(LIST, {"account_id": str(south.account.pk)}).status_code == 400
    assert manager.post(page(ours, "delete"), {"post": "yes"}).status_code == 302
    assert not Country.objects.filter(pk=ours.pk).exists()


def test_the_rules_of_lookups_hold(
    manager: Staff, north: Party, south: Party, journal_of: Callable[[Party], str]
) -> None:
    given = {"code": "US", "group": "US", "name": "Ours"}
    for more, name in (
        ({"for_type": "journal", "for_id": journal_of(south)}, "for_id"),
        ({"for_type": "nothing", "for_id": "x"}, "for_type"),
        ({"for_type": "journal"}, "for_id"),
        ({"group": ""}, "group"),
    ):
        assert name in errors(manager.save(f"{LIST}add/", **given | more))
    assert manager.save(f"{LIST}add/", **given, for_type="journal", for_id=journal_of(north)).status_code == 302
    assert manager.save(f"{LIST}add/", **given).status_code == 302
    twice = manager.save(f"{LIST}add/", **given | {"group": "us"})
    assert list(errors(twice)) == ["group"]
    subdivision = manager.save("/admin/lookups/countrysubdivision/add/", code="X", group="X", name="X")
    assert list(errors(subdivision)) == ["country_group"]
    assert not CountrySubdivision.objects.filter(group="X").exists()


def test_super_users_edit_global_rows(root: Staff, world: None, north: Party, listed: Callable[..., Any]) -> None:
    row = Country.objects.get(group="CA", account_id=None)
    assert root.save(page(row), name="Canada, changed").status_code == 302
    assert "Canada, changed" in {found["name"] for found in listed(north.member)}
    for account_id in ("", str(north.account.pk)):
        assert root.save(f"{LIST}add/", code="XX", group="XX", name="New", account_id=account_id).status_code == 302
    found = Country.objects.filter(group="XX").order_by("pk")
    assert [made.account_id for made in found] == [None, north.account.pk]
    assert root.get(LIST, {"account_id": str(north.account.pk)}).context["cl"].result_count == 1


def test_administrators_do_not_edit_lookups(world: None, north: Party) -> None:
    person = Staff(north.users["administrator"]).sign_in()
    for path in (LIST, f"{LIST}add/", page(Country.objects.all()[0])):
        assert person.get(path).status_code == 403
        assert person.post(path, {"name": "x"}).status_code == 403
