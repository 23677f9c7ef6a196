"""Who changed what: the change log, an object's history, the first page's list of own actions."""

from __future__ import annotations

from typing import Any

import pytest

from crud.declare.object_type import registry
from tenancy.context import tenant
from tests.contract.conftest import Stage, nothing_changes
from tests.crud.staff.cast import STAFF, key_of, last_change
from tests.crud.staff.pages import Staff, url

pytestmark = pytest.mark.django_db


def test_the_change_log_is_for_reading_and_of_the_account(stage: Stage, staff: Any) -> None:
    with tenant(stage.north.party.account.pk):
        journal = registry["journal"].model.objects.get(pk=key_of(stage, "journal"))
        journal.name = "Seen in the log"
        journal.save()
    mine = last_change("journal", journal.id_random)
    users = last_change("user", stage.north.party.users["user"].id_random)
    theirs = last_change("journal", stage.south.id("journal"))
    for role, sees_users in (("administrator", False), ("manager", True)):
        person = staff(role)
        listed = person.get("/admin/crud/changelog/")
        assert listed.status_code == 200
        assert {entry.account_id for entry in listed.context["cl"].queryset} == {stage.north.party.account.pk}
        assert ("user" in {entry.obj_type for entry in listed.context["cl"].queryset}) is sees_users
        page = person.get(f"/admin/crud/changelog/{mine.pk}/change/")
        assert "Seen in the log" in page.content.decode()
        assert 'name="_save"' not in page.content.decode()
        assert person.get(f"/admin/crud/changelog/{users.pk}/change/").status_code == (200 if sees_users else 302)
        assert person.get(f"/admin/crud/changelog/{theirs.pk}/change/").status_code == 302
        assert person.get("/admin/crud/changelog/", {"changes_json__icontains": "a"}).status_code == 400
        assert person.get("/admin/crud/changelog/", {"type": "journal", "action": "updated"}).status_code == 200
        assert person.get("/admin/crud/changelog/", {"q": mine.obj_id}).context["cl"].queryset.count() >= 1
        assert person.get("/admin/crud/changelog/add/").status_code == 403
        with nothing_changes():
            assert person.post(f"/admin/crud/changelog/{mine.pk}/change/", {"action": "x"}).status_code == 403
            assert person.post(f"/admin/crud/changelog/{mine.pk}/delete/", {"post": "yes"}).status_code == 403
            assert person.post(
                "/admin/crud/changelog/", {"action": "delete_selected", "_selected_action": [mine.pk], "post": "yes"}
            ).status_code in (200, 302)


def test_the_index_shows_own_actions_only(stage: Stage, staff: Any) -> None:
    south = Staff(stage.south.party.users["manager"]).sign_in()
    assert (
        south.save(url("journal", "change", stage.south.rows["journal"].pk), name="Made in the South").status_code
        == 302
    )
    assert "Made in the South" in south.get("/admin/").content.decode()
    for role in (*STAFF, "super"):
        assert "Made in the South" not in staff(role).get("/admin/").content.decode()


def test_history_does_not_name_super_users(stage: Stage, staff: Any, manager: Staff) -> None:
    root = staff("super")
    path = url("journal", "change", key_of(stage, "journal"))
    assert root.save(path, name="By root").status_code == 302
    page = manager.get(url("journal", "history", key_of(stage, "journal"))).content.decode()
    assert "By root" in page
    assert root.user.username not in page.replace("By root", "").replace(":root", "")  # a style sheet's word


def test_an_entry_leads_to_its_object_while_there_is_one(stage: Stage, staff: Any, manager: Staff) -> None:
    manager.save(url("journal", "change", key_of(stage, "journal")), name="Followed")
    entry = last_change("journal", stage.north.id("journal"))
    page = manager.get(f"/admin/crud/changelog/{entry.pk}/change/").content.decode()
    assert f'href="{url("journal", "change", key_of(stage, "journal"))}">Followed</a>' in page
    with tenant(stage.north.party.account.pk):
        gone = registry["journal"].model(name="Gone")
        gone.save()
        public_id = gone.id_random
        gone.delete()
    deleted = last_change("journal", public_id)
    page = manager.get(f"/admin/crud/changelog/{deleted.pk}/change/").content.decode()
    assert ">Gone</a>" not in page


def test_history_names_the_colleague(stage: Stage, staff: Any, manager: Staff) -> None:
    """The change log keeps ids; staff know each other by name. Whoever may not read users sees the id alone."""
    manager.save(url("journal", "change", key_of(stage, "journal")), name="Signed")
    label = f"user:{manager.user.id_random}"
    history = url("journal", "history", key_of(stage, "journal"))
    assert f"{manager.user.username} ({label})" in manager.get(history).content.decode()
    seen = staff("administrator").get(history).content.decode()
    assert (f"{manager.user.username} ({label})" in seen, label in seen) == (False, True)


def entry_of(stage: Stage, type_name: str = "journal_entry") -> Any:
    return last_change(type_name, stage.north.id(type_name))


def put_back(person: Staff, stage: Stage, entry: Any, **more: Any) -> Any:
    path = url("journal_entry", "put-back", key_of(stage, "journal_entry"))
    return person.client.post(path, {"entry": entry.pk, **more}, follow=True)


def row_of(stage: Stage) -> Any:
    with tenant(stage.north.party.account.pk):
        return registry["journal_entry"].model.objects.get(pk=key_of(stage, "journal_entry"))


def test_a_field_and_a_whole_change_are_put_back(stage: Stage, staff: Any, manager: Staff) -> None:
    path = url("journal_entry", "change", key_of(stage, "journal_entry"))
    before = row_of(stage)
    other = stage.north.make("journal")
    changes = {"name": "New", "journal": other.pk, "start_datetime_0": "2020-05-02", "start_datetime_1": "10:00"}
    assert manager.save(path, **changes, tags_json='["new"]').status_code == 302
    entry = entry_of(stage)
    page = manager.get(url("journal_entry", "history", before.pk)).content.decode()
    assert f">{other}</td>" in page.replace('<span class="lg:hidden">After: </span>', "")  # the name, not the id
    assert "Put all of it back" in page

    person = staff("administrator")
    assert "Put back: Name." in put_back(person, stage, entry, field="name").content.decode()
    assert (row_of(stage).name, row_of(stage).journal_id) == (before.name, other.pk)
    assert (entry_of(stage).principal, entry_of(stage).changes_json["name"]) == (
        f"user:{person.user.id_random}",
        ["New", before.name],
    )
    assert put_back(person, stage, entry).status_code == 200
    now = row_of(stage)
    assert (now.name, now.journal_id, now.start_datetime, now.tags_json) == (
        before.name,
        before.journal_id,
        before.start_datetime,
        before.tags_json,
    )


def test_what_can_not_be_put_back(stage: Stage, staff: Any, manager: Staff) -> None:
    path = url("journal_entry", "change", key_of(stage, "journal_entry"))
    end = row_of(stage).end_datetime
    manager.save(path, start_datetime_0="2019-05-02", start_datetime_1="10:00")
    entry = entry_of(stage)
    theirs = last_change("journal_entry", stage.south.id("journal_entry"))
    journals = last_change("journal", stage.north.id("journal"))
    south = Staff(stage.south.party.users["manager"]).sign_in()
    with nothing_changes():
        for strange in (theirs, journals, type("Entry", (), {"pk": "x"}), type("Entry", (), {"pk": 10**18})):
            assert put_back(manager, stage, strange).status_code == 404
        assert put_back(manager, stage, entry, field="nowhere").status_code == 200
        assert manager.get(url("journal_entry", "put-back", key_of(stage, "journal_entry"))).status_code == 404
        assert put_back(south, stage, entry).status_code == 404
    if end is not None:
        manager.save(path, end_datetime_0="2019-06-01", end_datetime_1="10:00")
        with nothing_changes():
            assert "Not put back: " in put_back(manager, stage, entry, field="start_datetime").content.decode()


def test_a_sign_in_is_no_change(stage: Stage) -> None:
    user = stage.north.party.users["manager"]
    before = last_change("user", user.id_random)
    Staff(user).sign_in()
    with tenant(stage.north.party.account.pk):
        user.refresh_from_db()
    assert user.last_login is not None
    assert last_change("user", user.id_random) == before
