"""Passwords and passcodes in the admin are written, kept and removed, and never shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.html import escape

from crud.declare.object_type import registry
from tenancy.context import every_tenant, tenant
from tests.contract.conftest import Stage
from tests.crud.staff.cast import STAFF, key_of, last_change
from tests.crud.staff.pages import Staff, errors, pages, url

pytestmark = pytest.mark.django_db


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
