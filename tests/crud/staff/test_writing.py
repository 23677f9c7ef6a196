"""What staff make, change and delete in the admin goes by the type's rules and into the change log."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.utils.html import escape

from crud.declare.object_type import registry
from crud.staff.object_admin import ObjectAdmin
from tenancy.context import tenant
from tests.contract.conftest import Stage, nothing_changes
from tests.crud.staff.cast import key_of, last_change
from tests.crud.staff.pages import Staff, errors, url

pytestmark = pytest.mark.django_db


def test_an_object_is_made_changed_and_deleted_in_the_log(stage: Stage, staff: Any) -> None:
    person = staff("administrator")
    journal = key_of(stage, "journal")
    made = person.save(
        url("journal_entry", "add"), name="From the admin", journal=journal, tags_json='["a"]', content="1\r\n2"
    )
    assert made.status_code == 302, errors(made)
    with tenant(stage.north.party.account.pk):
        row = registry["journal_entry"].model.objects.get(name="From the admin")
    assert (row.account_id, row.tags_json, row.content, row.category_code) == (
        stage.north.party.account.pk,
        ["a"],
        "1\n2",
        None,
    )
    who = f"user:{person.user.id_random}"
    assert (
        last_change("journal_entry", row.id_random).action,
        last_change("journal_entry", row.id_random).principal,
    ) == ("created", who)

    assert person.save(url("journal_entry", "change", row.pk), name="Renamed").status_code == 302
    changed = last_change("journal_entry", row.id_random)
    assert changed.changes_json["name"] == ["From the admin", "Renamed"]
    assert set(changed.changes_json) == {"name", "default_qry_str"} - {"default_qry_str"}
    page = person.get(url("journal_entry", "history", row.pk)).content.decode()
    assert re.search(r"Before: </span>From the admin</td>\s*<td[^>]*><span[^>]*>After: </span>Renamed</td>", page)
    assert who in page

    assert person.post(url("journal_entry", "delete", row.pk), {"post": "yes"}).status_code == 302
    gone = last_change("journal_entry", row.id_random)
    assert (gone.action, gone.principal) == ("deleted", who)


def test_deleting_from_the_list_goes_through_the_log(stage: Stage, manager: Staff) -> None:
    rows = [stage.north.make("journal_entry") for _ in range(3)]
    data = {"action": "delete_selected", "_selected_action": [row.pk for row in rows]}
    asked = manager.post(url("journal_entry"), data)
    assert "Are you sure" in asked.content.decode()
    assert manager.post(url("journal_entry"), data | {"post": "yes"}).status_code == 302
    assert [last_change("journal_entry", row.id_random).action for row in rows] == ["deleted"] * 3


def test_what_others_refer_to_is_kept(stage: Stage, staff: Any) -> None:
    """An administrator is told what is in the way, but of a user (which they may not read) only that there is one."""
    person = staff("administrator")
    owner = stage.north.make("person")
    user = stage.north.make("user", person=owner)
    contact = stage.north.make("contact", person=owner)
    path = url("person", "delete", owner.pk)
    page = person.get(path).content.decode()
    assert escape(str(contact)) in page
    assert url("contact", "change", contact.pk) in page
    assert "<li> User </li>" in " ".join(page.split())
    assert user.username not in page
    data = {"action": "delete_selected", "_selected_action": [owner.pk]}
    with nothing_changes():
        assert "would require deleting" in person.post(path, {"post": "yes"}).content.decode()
        assert "would require deleting" in person.post(url("person"), data | {"post": "yes"}).content.decode()


def test_a_refusal_of_the_database_is_a_message(stage: Stage, staff: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The confirmation saw nothing in the way; since then something came."""
    person = staff("administrator")
    monkeypatch.setattr(ObjectAdmin, "_named", lambda *args: [])
    path = url("journal", "delete", key_of(stage, "journal"))
    with nothing_changes():
        refused = person.client.post(path, {"post": "yes"}, follow=True)
        assert "Other objects still refer to this one" in refused.content.decode()
        data = {"action": "delete_selected", "_selected_action": [key_of(stage, "journal")], "post": "yes"}
        refused = person.client.post(url("journal"), data, follow=True)
        assert "Other objects still refer to this one" in refused.content.decode()
    assert not LogEntry.objects.filter(action_flag=3, user_id=person.user.pk).exists()


def test_list_actions_hide_and_disable(stage: Stage, manager: Staff) -> None:
    row = stage.north.make("journal")
    for action, expected in (
        ("hide_selected", (True, True)),
        ("disable_selected", (False, True)),
        ("show_selected", (False, False)),
        ("enable_selected", (True, False)),
    ):
        manager.post(url("journal"), {"action": action, "_selected_action": [row.pk]})
        with tenant(stage.north.party.account.pk):
            row.refresh_from_db()
        assert (row.enable, row.hide) == expected
    assert last_change("journal", row.id_random).principal == f"user:{manager.user.id_random}"


def test_rules_of_the_type_are_errors_of_the_form(stage: Stage, manager: Staff) -> None:
    path = url("journal_entry", "change", key_of(stage, "journal_entry"))
    with nothing_changes():
        late = manager.save(
            path,
            start_datetime_0="2026-05-02",
            start_datetime_1="10:00",
            end_datetime_0="2026-05-01",
            end_datetime_1="10:00",
        )
        assert list(errors(late)) == ["end_datetime"]
        for text in ('{"a": 1, "a": 2}', "[1e999]", "{", '{"a": 1}', "7", '["\\u0000"]', "{}"):
            assert list(errors(manager.save(path, tags_json=text))) == ["tags_json"], text
        assert list(errors(manager.save(path, latitude="91"))) == ["latitude"]
        assert list(errors(manager.save(path, start_datetime_0="0001-01-01", start_datetime_1="00:00"))) == [
            "start_datetime"
        ]
        assert list(errors(manager.save(path, sort=str(2**31)))) == ["sort"]
        assert list(errors(manager.save(path, name="a\x00b"))) == ["name"]
        assert list(errors(manager.save(path, journal=""))) == ["journal"]
        link = url("hosted_file_link", "change", key_of(stage, "hosted_file_link"))
        assert list(errors(manager.save(link, link_to_type="event", link_to_id=stage.south.id("event")))) == [
            "link_to_id"
        ]
        assert list(errors(manager.save(link, link_to_type="nothing"))) == ["link_to_type"]
        domain = url("site_domain", "change", key_of(stage, "site_domain"))
        assert list(errors(manager.save(domain, fqdn="no host!"))) == ["fqdn"]


def test_what_another_account_has_taken_is_an_error_of_the_form(stage: Stage, manager: Staff) -> None:
    """Unique over all accounts, but invisible from here: the database says it, without naming the row."""
    domain = url("site_domain", "change", key_of(stage, "site_domain"))
    with nothing_changes():
        taken = manager.save(domain, fqdn=stage.south.party.fqdn)
        assert errors(taken) == {"fqdn": ["This value is already taken."]}
        again = manager.save(
            url("user", "add"), username=stage.south.party.users["manager"].username, password="a fine long one"
        )
        assert errors(again) == {"username": ["This value is already taken."]}


def test_read_only_fields_are_not_written(stage: Stage, manager: Staff) -> None:
    path = url("hosted_file", "change", key_of(stage, "hosted_file"))
    form = manager.form(path)
    fields = registry["hosted_file"].fields
    read_only = {spec.model_field.name for spec in fields.values() if spec.read_only or spec.name == "account_id"}
    assert read_only.isdisjoint(form.names)
    given = (
        form.values | dict.fromkeys(read_only, "1") | {"id_random": "x", "account": str(stage.south.party.account.pk)}
    )
    with nothing_changes():
        assert manager.post(path, given).status_code == 302


def test_html_is_made_safe_and_names_are_escaped(stage: Stage, manager: Staff) -> None:
    path = url("journal", "change", key_of(stage, "journal"))
    nasty = "<script>alert(1)</script>"
    assert manager.save(path, name=nasty, notes=f"<p onclick=x>Hi</p>{nasty}").status_code == 302
    with tenant(stage.north.party.account.pk):
        row = registry["journal"].model.objects.get(pk=key_of(stage, "journal"))
    assert row.notes == "<p>Hi</p>"
    for page in (path, url("journal"), url("journal", "history", row.pk), url("journal", "delete", row.pk), "/admin/"):
        assert nasty not in manager.get(page).content.decode(), page


def test_super_users_choose_the_account(stage: Stage, staff: Any) -> None:
    root = staff("super")
    missing = root.save(url("journal", "add"), name="Whose?")
    assert list(errors(missing)) == ["account"]
    south = stage.south.party.account
    foreign = root.save(url("journal", "add"), name="Theirs", account=south.pk, person=key_of(stage, "person"))
    assert errors(foreign) == {"person": ["It refers to no object of this account."]}
    made = root.save(url("journal", "add"), name="Theirs", account=south.pk)
    assert made.status_code == 302
    with tenant(south.pk):
        row = registry["journal"].model.objects.get(name="Theirs")
    assert last_change("journal", row.id_random).principal == f"user:{root.user.id_random}"
    assert "account" not in root.form(url("journal", "change", row.pk)).names
    with nothing_changes():
        moved = root.save(url("journal", "change", row.pk), account=stage.north.party.account.pk)
    assert moved.status_code == 302
    listed = root.get(url("journal"), {"account__id__exact": south.pk}).context["cl"].result_list
    assert {row.account_id for row in listed} == {south.pk}


def test_the_account_is_not_asked_of_others(stage: Stage, manager: Staff) -> None:
    assert "account" not in manager.form(url("journal", "add")).names
    made = manager.save(url("journal", "add"), name="Ours", account=str(stage.south.party.account.pk))
    assert made.status_code == 302
    with tenant(stage.north.party.account.pk):
        assert registry["journal"].model.objects.filter(name="Ours").exists()
