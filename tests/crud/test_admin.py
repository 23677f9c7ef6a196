"""Django's admin over every object type: what staff see and do; nothing of another account shows or changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from accounts.models import User
from crud.admin import ObjectAdmin
from crud.fields import Kind
from crud.models import ChangeLog
from crud.object_type import registry
from tenancy.context import every_tenant, tenant
from tenancy.principal import Role
from tests.conftest import PASSWORD
from tests.contract.conftest import Stage, make_stage, nothing_changes
from tests.crud.admin_pages import Staff, errors, pages, url

TYPES = sorted(registry)
of_every_type = pytest.mark.parametrize("type_name", TYPES)
STAFF = ("administrator", "manager")
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def _stage_of_module(django_db_setup: None, django_db_blocker: Any) -> Iterator[Stage]:
    hashers = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock(), override_settings(PASSWORD_HASHERS=hashers), transaction.atomic():
        yield make_stage()
        transaction.set_rollback(True)


@pytest.fixture
def stage(_stage_of_module: Stage, db: None) -> Stage:
    return _stage_of_module


def key_of(stage: Stage, type_name: str) -> int:
    key: int = stage.north.rows[type_name].pk
    return key


@pytest.fixture
def staff(stage: Stage) -> Any:
    strangers = frozenset(stage.south.telltales)
    return lambda role: Staff(stage.users[role], frozenset() if role == "super" else strangers).sign_in()


@pytest.fixture
def manager(staff: Any) -> Staff:
    return staff("manager")  # type: ignore[no-any-return]


def last_change(type_name: str, public_id: str) -> ChangeLog:
    with every_tenant(reason="tests read the log"):
        entry: ChangeLog = ChangeLog.objects.filter(obj_type=type_name, obj_id=public_id).latest("id")
    return entry


# --- who comes in


def test_every_type_is_there() -> None:
    assert [t.name for t in registry.values() if not isinstance(admin.site._registry.get(t.model), ObjectAdmin)] == []
    assert admin.site.is_registered(ChangeLog)
    assert not admin.site.is_registered(Group)


def test_names_in_plural_are_english() -> None:
    names = {str(admin_.opts.verbose_name_plural) for admin_ in admin.site._registry.values()}
    assert {"journal entries", "people", "event people", "countries", "API keys", "sites"} <= names
    assert not [name for name in names if name.endswith(("rys", "persons"))]


def test_from_a_parent_to_its_children(stage: Stage, manager: Staff) -> None:
    """The page of an event links to its sessions; that list holds them alone, and none of another account."""
    north, south = stage.north, stage.south
    event = north.rows["event"]
    page = manager.get(url("event", "change", event.pk)).content.decode()
    link = f"{url('event_session')}?in_event={event.id_random}"
    assert f'href="{link}"' in page
    other = north.make("event_session", event=north.make("event"))
    listed = manager.get(link).content.decode()
    assert north.id("event_session") in listed
    assert other.id_random not in listed
    theirs = f"{url('event_session')}?in_event={south.id('event')}"
    for address in (theirs, f"{url('event_session')}?in_event=%00", f"{url('event_session')}?in_event=7"):
        assert "0 event sessions" in " ".join(manager.client.get(address).content.decode().split())


@pytest.mark.parametrize("path", ["/admin/none/", "/admin/events/nothing/", "/admin/accounts/accountservice/"])
def test_errors_in_the_admin_are_pages(manager: Staff, path: str) -> None:
    response = manager.get(path)
    assert response.status_code in (403, 404)
    assert response.headers["Content-Type"].startswith("text/html")
    assert "Back to the admin" in response.content.decode()


def test_a_defect_in_the_admin_is_a_page_with_the_number_in_the_log(
    manager: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr(ObjectAdmin, "get_queryset", broken)
    manager.client.raise_request_exception = False
    response = manager.client.get(url("journal"))
    page = response.content.decode()
    assert response.status_code == 500
    assert response.headers["X-Request-Id"] in page
    assert "canary" not in page


def test_strangers_are_sent_to_the_login_page(stage: Stage) -> None:
    client = Client()
    paths = ["/admin/", "/admin/autocomplete/", "/admin/crud/changelog/", "/admin/accounts/", "/admin/password_change/"]
    for name, row in stage.north.rows.items():
        paths += [url(name), url(name, "add"), *pages(name, row.pk)]
    with nothing_changes():
        for path in paths:
            for response in (client.get(path), client.post(path, {"name": "x", "post": "yes"})):
                assert response.status_code == 302, path
                assert response.headers["Location"].startswith("/admin/login/"), path
    assert client.get("/admin/login/").status_code == 200


@pytest.mark.parametrize("why", ["member", "disabled", "hidden", "account", "wrong"])
def test_who_may_not_sign_in(stage: Stage, why: str) -> None:
    user = stage.users["user" if why == "member" else "manager"]
    with every_tenant(reason="tests put people out"):
        user = User.objects.get(pk=user.pk)
        if why in ("disabled", "hidden"):
            setattr(user, {"disabled": "enable", "hidden": "hide"}[why], why == "hidden")
            user.save()
        if why == "account":
            user.account.enable = False
            user.account.save()
    client = Client()
    password = "wrong" if why == "wrong" else PASSWORD
    response = client.post("/admin/login/", {"username": user.username, "password": password})
    assert response.status_code == 200
    assert client.get("/admin/").status_code == 302


def test_staff_lose_the_door_with_their_role(stage: Stage, manager: Staff) -> None:
    assert manager.get("/admin/").status_code == 200
    with tenant(stage.north.party.account.pk):
        user = User.objects.get(pk=manager.user.pk)
        user.manager = False
        user.save()
    assert manager.get("/admin/").status_code == 302
    assert manager.get(url("journal")).status_code == 302


# --- every page of every type, in every role


@of_every_type
@pytest.mark.parametrize("role", [*STAFF, "super"])
def test_pages_follow_the_roles_of_the_type(stage: Stage, staff: Any, type_name: str, role: str) -> None:
    object_type, person = registry[type_name], staff(role)
    key = key_of(stage, type_name)

    def may(verb: str) -> bool:
        return Role.named(role) >= object_type.least_role(verb)

    expected = {
        url(type_name): may("read"),
        url(type_name) + "?_popup=1": may("read"),
        url(type_name, "add"): may("create"),
        url(type_name, "change", key): may("read"),
        url(type_name, "history", key): may("read"),
        url(type_name, "delete", key): may("read") and may("hard_delete"),
    }
    found = {path: person.get(path).status_code for path in expected}
    assert found == {path: 200 if allowed else 403 for path, allowed in expected.items()}
    if may("read"):
        page = person.get(url(type_name, "change", key)).content.decode()
        assert stage.north.id(type_name) in page
        assert ('name="_save"' in page) is may("update")
        assert stage.north.id(type_name) in person.get(url(type_name)).content.decode()
        assert (
            stage.north.id(type_name) in person.get(url(type_name), {"q": stage.north.id(type_name)}).content.decode()
        )


@of_every_type
def test_another_accounts_object_is_none(stage: Stage, staff: Any, type_name: str) -> None:
    theirs = stage.south.rows[type_name]
    for role in STAFF:
        person = staff(role)
        with nothing_changes():
            for key in (theirs.pk, 2**62, "x", theirs.id_random):
                for path in pages(type_name, key):
                    for response in (person.get(path), person.post(path, {"name": "taken over", "post": "yes"})):
                        assert response.status_code in (302, 403), path
                        if response.status_code == 302:
                            assert response.headers["Location"] == "/admin/", path


@of_every_type
def test_a_list_action_reaches_own_rows_only(stage: Stage, manager: Staff, type_name: str) -> None:
    theirs = stage.south.rows[type_name]
    with nothing_changes():
        for action, more in (("delete_selected", {}), ("delete_selected", {"post": "yes"}), ("hide_selected", {})):
            response = manager.post(url(type_name), {"action": action, "_selected_action": [theirs.pk], **more})
            assert response.status_code in (200, 302)
    exported = manager.client.post(url(type_name), {"action": "export_csv", "_selected_action": [theirs.pk]})
    if exported.status_code == 200:  # else there was nothing to export
        assert len(exported.getvalue().splitlines()) == 1, "the headings alone"


@of_every_type
def test_no_export_of_a_list_holds_anothers_rows(stage: Stage, manager: Staff, type_name: str) -> None:
    opts = registry[type_name].model._meta
    address = f"/admin/{opts.app_label}/{opts.model_name}/export-csv/"
    text = manager.client.get(address).getvalue().decode()
    assert stage.north.id(type_name) in text
    assert not [word for word in manager.strangers if word in text]
    searched = manager.client.get(address, {"q": stage.south.id(type_name)}).getvalue()
    assert len(searched.splitlines()) == 1


def test_the_doors_that_no_type_has(stage: Stage, manager: Staff) -> None:
    """The search over everything and the redirect to an object, which Unfold and Django bring."""
    for query in ({"s": stage.south.canary, "extended": "1"}, {"s": stage.south.id("event"), "extended": "1"}):
        assert manager.get("/admin/search/", query).status_code == 200
    kind = ContentType.objects.get_for_model(registry["event"].model)
    assert manager.get(f"/admin/r/{kind.pk}/{stage.south.rows['event'].pk}/", {}).status_code == 404


@of_every_type
def test_lists_and_searches_hold_own_rows_only(stage: Stage, manager: Staff, type_name: str) -> None:
    """`Staff` looks for South on every page."""
    for query in ({"q": stage.south.canary}, {"q": stage.south.id(type_name)}):
        listed = manager.get(url(type_name), query)
        assert listed.status_code == 200
        assert list(listed.context["cl"].result_list) == []
    for name in ("account__id__exact", "account__code", "account", "account__id_random__startswith"):
        assert manager.get(url(type_name), {name: stage.south.party.account.pk}).status_code == 400


@of_every_type
def test_only_offered_filters_are_taken(stage: Stage, manager: Staff, type_name: str) -> None:
    names = {"enable", "hide"} | set(manager.get(url(type_name)).context["cl"].list_filter)
    for spec in registry[type_name].fields.values():
        name = spec.model_field.name
        if name not in names:
            assert manager.get(url(type_name), {f"{name}__isnull": "0"}).status_code == 400, name
    assert manager.get(url(type_name), {"enable__exact": "1", "hide__exact": "0"}).status_code == 200


@of_every_type
def test_choices_are_of_the_account(stage: Stage, manager: Staff, type_name: str) -> None:
    """Autocomplete offers own rows; another account's key in a POST is refused like one that nobody has."""
    object_type = registry[type_name]
    opts = object_type.model._meta
    specs = [f for f in object_type.fields.values() if f.kind is Kind.REFERENCE and f.name != "account_id"]
    for spec in specs:
        for term in ("", stage.south.canary):
            query = {"app_label": opts.app_label, "model_name": opts.model_name, "field_name": spec.model_field.name}
            offered = manager.get("/admin/autocomplete/", query | {"term": term})
            keys = {result["id"] for result in offered.json()["results"]}
            assert str(stage.south.rows[spec.refers_to].pk) not in keys
            assert bool(keys) is not bool(term)
    written = {spec.model_field.name: spec.refers_to for spec in specs if not spec.read_only}
    if written:
        path = url(type_name, "change", key_of(stage, type_name))
        untouched = manager.form(path).values
        with nothing_changes():
            theirs = {name: str(stage.south.rows[related].pk) for name, related in written.items()}
            foreign = errors(manager.post(path, untouched | theirs))
            unknown = errors(manager.post(path, untouched | dict.fromkeys(written, str(2**40))))
        assert set(foreign) == set(written)
        assert foreign == unknown
        adding = url(type_name, "add")
        if manager.get(adding).status_code == 200:
            empty = manager.form(adding).values
            with nothing_changes():
                foreign, unknown = (
                    errors(manager.post(adding, empty | keys)) for keys in (theirs, dict.fromkeys(written, str(2**40)))
                )
            assert set(written) <= set(foreign)
            assert foreign == unknown


def test_autocomplete_is_for_who_may_read_the_type(stage: Stage, staff: Any) -> None:
    """No type refers to users; keys refer to accounts, and are not for administrators, who may read accounts though."""
    for query, expected in (
        ({"app_label": "accounts", "model_name": "refreshtoken", "field_name": "user"}, 403),
        ({"app_label": "admin", "model_name": "logentry", "field_name": "user"}, 403),
        ({"app_label": "admin", "model_name": "logentry", "field_name": "content_type"}, 403),
        ({"app_label": "accounts", "model_name": "apikeyaccount", "field_name": "account"}, 200),
        ({"app_label": "accounts", "model_name": "apikeyaccount", "field_name": "api_key"}, 403),
    ):
        found = staff("administrator").get("/admin/autocomplete/", query | {"term": ""})
        assert found.status_code == expected, query
        if expected == 200:
            assert [result["id"] for result in found.json()["results"]] == [str(stage.north.party.account.pk)]


@of_every_type
def test_a_form_sent_back_untouched_changes_nothing(stage: Stage, staff: Any, type_name: str) -> None:
    person = staff("super")
    path = url(type_name, "change", key_of(stage, type_name))
    with nothing_changes():
        response = person.save(path)
    assert response.status_code == 302, errors(response)


@of_every_type
def test_lists_cost_the_same_for_one_row_and_three(stage: Stage, staff: Any, type_name: str) -> None:
    if type_name == "account":
        pytest.skip("staff of an account see one")
    for role in ("manager", "super"):
        person = staff(role)
        person.get(url(type_name))
        counts = []
        for more in (0, 2):
            for _ in range(more):
                stage.north.make(type_name)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                assert person.get(url(type_name)).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1]


# --- writing


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
    assert "From the admin → Renamed" in page
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


# --- super users


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


# --- the change log, and Django's own log


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


# --- secrets


def test_no_page_holds_a_stored_secret(stage: Stage, staff: Any) -> None:
    with every_tenant(reason="tests read the hashes"):
        hashes = set()
        for object_type in registry.values():
            for spec in object_type.fields.values():
                if spec.kind.write_only:
                    for value in object_type.model.objects.values_list(spec.model_field.name, flat=True):
                        hashes |= set(value.values()) if isinstance(value, dict) else {value}
    hashes -= {None, ""}
    assert len(hashes) > 3
    for role in (*STAFF, "super"):
        person = staff(role)
        for type_name in ("user", "site", "event_exhibit"):
            for path in (url(type_name), url(type_name, "add"), *pages(type_name, key_of(stage, type_name))):
                page = person.get(path).content.decode()
                assert not [value for value in hashes if escape(value) in page or value in page], (role, path)


def test_a_secret_is_kept_set_and_removed(stage: Stage, manager: Staff) -> None:
    path = url("event_exhibit", "change", key_of(stage, "event_exhibit"))

    def stored() -> Any:
        with tenant(stage.north.party.account.pk):
            return registry["event_exhibit"].model.objects.get(pk=key_of(stage, "event_exhibit")).passcode

    before = stored()
    assert before
    assert manager.form(path).values["passcode"] == [""]
    assert manager.save(path, name="Renamed").status_code == 302
    assert stored() == before
    assert manager.save(path, passcode="open sesame").status_code == 302
    assert stored() not in (before, "open sesame")
    logged = last_change("event_exhibit", stage.north.id("event_exhibit"))
    assert logged.changes_json == {"passcode": ["***", "***"]}
    assert list(errors(manager.save(path, passcode=before))) == ["passcode"]  # a hash is not taken for a secret
    assert manager.save(path, remove_passcode="on").status_code == 302
    assert stored() is None
    assert "remove_passcode" not in manager.form(path).names


def test_models_outside_the_registry_have_no_page() -> None:
    """What has pages is an object type, or was given them on purpose."""
    given = {model._meta.label for model in admin.site._registry} - {t.model._meta.label for t in registry.values()}
    assert given == {
        "accounts.AccountService",
        "accounts.ApiKey",
        "crud.ChangeLog",
        "django_celery_beat.ClockedSchedule",
        "django_celery_beat.CrontabSchedule",
        "django_celery_beat.IntervalSchedule",
        "django_celery_beat.PeriodicTask",
        "files.DerivedFile",
        "legacy.LegacyHit",
        "lookups.Country",
        "lookups.CountrySubdivision",
        "lookups.TimeZone",
    }
    assert apps.is_installed("django.contrib.admin")
