"""The factory itself: what the other tests here stand on."""

from __future__ import annotations

import pytest

from crud.declare.fields import Kind
from crud.declare.object_type import registry
from tests.contract.conftest import TYPES, Stage
from tests.contract.factory import SPECIAL


@pytest.mark.parametrize("type_name", TYPES)
def test_a_row_of_every_type_is_made_with_every_field_filled(stage: Stage, type_name: str) -> None:
    """But for those that are meant to be empty."""
    row = stage.north.rows[type_name]
    empty = {
        f"{type_name}.{spec.name}"
        for spec in registry[type_name].fields.values()
        if spec.kind is not Kind.BOOLEAN and getattr(row, spec.attname) is None and spec.refers_to != type_name
    }
    assert empty == {name for name, value in SPECIAL.items() if name.startswith(f"{type_name}.") and value("") is None}


@pytest.mark.parametrize("type_name", TYPES)
def test_the_texts_hold_the_canary_and_a_manager_reads_them(stage: Stage, type_name: str) -> None:
    answer = stage.southern("manager").get(f"/v3/crud/{type_name}/{stage.south.id(type_name)}")
    assert answer.status == 200
    assert stage.south.canary in str(answer.data)


@pytest.mark.parametrize("type_name", TYPES)
def test_a_payload_can_be_created(stage: Stage, type_name: str) -> None:
    creator = stage.bypass if type_name == "account" else stage.caller("manager")
    answer = creator.post(f"/v3/crud/{type_name}/", stage.north.payload(type_name))
    expected = 403 if registry[type_name].least_role("create").name == "NOBODY" else 201
    assert (answer.status, expected if answer.status == expected else answer.body) == (expected, expected)
