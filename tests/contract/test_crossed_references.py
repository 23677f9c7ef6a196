"""A row that refers to another account's row, however that came about, shows nothing of it at any door."""

from __future__ import annotations

import pytest
from django.db import connection

from crud.declare.object_type import registry
from tenancy.context import tenant
from tests.contract.conftest import Stage

CROSSINGS = [
    (name, field.name)
    for name, object_type in sorted(registry.items())
    for field in object_type.model.tenant_references()
    if field.related_model._meta.db_table in registry
]


def cross(stage: Stage, type_name: str, relation: str) -> None:
    """Write behind the back of the ORM, which refuses it."""
    field = registry[type_name].model._meta.get_field(relation)
    target = stage.south.rows[field.related_model._meta.db_table].pk
    name = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {name(type_name)} SET {name(field.column)} = %s WHERE id = %s",
            [target, stage.north.rows[type_name].pk],
        )
        assert cursor.rowcount == 1


@pytest.mark.parametrize(("type_name", "relation"), CROSSINGS, ids=[".".join(pair) for pair in CROSSINGS])
def test_a_join_shows_nothing_of_another_account(stage: Stage, type_name: str, relation: str) -> None:
    """The callers look into each answer for what is South's (tests/contract/conftest.py)."""
    cross(stage, type_name, relation)
    base, row_id = f"/v3/crud/{type_name}", stage.north.id(type_name)
    related = registry[type_name].related(relation).name
    for role in ("user", "manager"):
        caller = stage.caller(role)
        asked = f"view=enriched&inc_{relation}=true"
        found = caller.get(f"{base}/{row_id}?{asked}")
        caller.get(f"{base}/?{asked}&enabled=all&hidden=all")
        if found.status == 200:
            assert (found.data[relation], found.data[f"{relation}_id"]) == (None, None)
        theirs = stage.south.id(related)
        for path in (f"{relation}_id", f"{relation}.id"):
            search = caller.search(type_name, {"and": [{"field": path, "op": "eq", "value": theirs}]})
            assert search.status == 400 or search.data == []
        caller.get(f"/v3/crud/{related}/{theirs}/{type_name}/")


@pytest.mark.parametrize(("type_name", "relation"), CROSSINGS, ids=[".".join(pair) for pair in CROSSINGS])
def test_nor_does_the_orm(stage: Stage, type_name: str, relation: str) -> None:
    cross(stage, type_name, relation)
    with tenant(stage.north.party.account.pk):
        rows = registry[type_name].model.objects.filter(pk=stage.north.rows[type_name].pk)
        assert list(rows.values_list(f"{relation}__id_random", flat=True)) in ([], [None])
        assert not rows.exclude(**{f"{relation}__id_random": None}).exists()
