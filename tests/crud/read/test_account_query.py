"""A queryset that is compiled once answers each account with its own rows, whatever is asked for."""

from __future__ import annotations

import pytest

from content.models import Journal
from crud.read.account_query import AT_ONCE, AccountQuery, instance
from kernel.slots import Comparison
from tenancy.context import NoTenantError, every_tenant, tenant
from tests.conftest import Party


def test_each_account_is_answered_with_its_own_rows(north: Party, south: Party) -> None:
    by_name = AccountQuery(
        lambda sort, names: Journal.objects.filter(
            Comparison("sort", "gte", sort), Comparison("name", "in", names)
        ).values_list("name")
    )
    for party in (north, south):
        with tenant(party.account.pk):
            for number in range(3):
                Journal(name=f"{party.account.name}-{number}", sort=number).save()
    names = ["North-0", "North-1", "North-2", "South-2"]
    for name, party in (("North", north), ("South", south), ("North", north)):
        with tenant(party.account.pk):
            assert by_name.rows(2, names) == [(f"{name}-2",)]
            assert by_name.rows(0, []) == []
            many = [*names, *(f"none-{number}" for number in range(AT_ONCE + 3)), "North-1"]
            assert {code for (code,) in by_name.rows(0, many)} == {code for code in names if code.startswith(name)}


def test_it_follows_the_scope(north: Party, south: Party) -> None:
    names = AccountQuery(lambda sort: Journal.objects.filter(Comparison("sort", "eq", sort)).values_list("name"))
    for party in (north, south):
        with tenant(party.account.pk):
            Journal(name=party.account.name, sort=77).save()
    with pytest.raises(NoTenantError):
        names.rows(77)
    with every_tenant(reason="a test"):
        assert sorted(names.rows(77)) == [("North",), ("South",)]
    with tenant(north.account.pk):
        assert names.rows(77) == [("North",)]


def test_an_instance_of_some_columns_is_as_the_orm_loads_it(north: Party) -> None:
    names = ("name", "created_on", "enable", "id")
    query = AccountQuery(lambda key: Journal.objects.filter(Comparison("pk", "eq", key)).values_list(*names))
    with tenant(north.account.pk):
        stored = Journal(name="Ünïcode", enable=False)
        stored.save()
        (values,) = query.rows(stored.pk)
        row = instance(Journal, names, values)
        assert (row.pk, row.name, row.enable, row.created_on) == (stored.pk, "Ünïcode", False, stored.created_on)
        row.name = "Changed"
        row.save()
        assert Journal.objects.get(pk=stored.pk).name == "Changed"
        assert Journal.objects.get(pk=stored.pk).enable is False
