"""No page of the admin shows or changes another account's object, whatever the address or the form says."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType

from crud.declare.fields import Kind
from crud.declare.object_type import registry
from tenancy.principal import Role
from tests.contract.conftest import Stage, nothing_changes
from tests.crud.staff.cast import STAFF, key_of, of_every_type
from tests.crud.staff.pages import Staff, errors, pages, url

pytestmark = pytest.mark.django_db


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
    if written and object_type.least_role("update") <= Role.MANAGER:
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
