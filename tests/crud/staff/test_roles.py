"""Every type has its pages, and they follow the roles of the type as the API does."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crud.declare.object_type import registry
from crud.models import ChangeLog
from crud.staff.object_admin import ObjectAdmin
from tenancy.context import tenant
from tenancy.principal import Role
from tests.contract.conftest import Stage, nothing_changes
from tests.crud.staff.cast import STAFF, key_of, of_every_type
from tests.crud.staff.pages import Staff, errors, url

pytestmark = pytest.mark.django_db


def test_every_type_is_there() -> None:
    assert [t.name for t in registry.values() if not isinstance(admin.site._registry.get(t.model), ObjectAdmin)] == []
    assert admin.site.is_registered(ChangeLog)
    assert not admin.site.is_registered(Group)


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
        "mail.MailMessage",
        "mail.MailSender",
        "mail.MailTemplate",
    }
    assert apps.is_installed("django.contrib.admin")


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
    if registry[type_name].least_role("update") is Role.NOBODY:
        assert person.post(path, {}).status_code == 403
        return
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


def test_a_list_says_why_it_is_empty(stage: Stage, manager: Staff) -> None:
    """And tells how many were found, and the way back, only where something was looked for."""
    whole = manager.get(url("journal")).content.decode()
    assert ("Show all" in whole, "Show the whole list" in whole) == (False, False)
    nothing = manager.get(url("journal"), {"q": "no such words"}).content.decode()
    assert "Nothing of this list fits the search and the filters." in nothing
    with tenant(stage.north.party.account.pk):
        registry["post_comment"].model.objects.all().delete()
    empty = manager.get(url("post_comment")).content.decode()
    assert ("There is nothing here yet." in empty, "Show the whole list" in empty) == (True, False)
