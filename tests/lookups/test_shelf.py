"""What a process keeps: right at once, in every process, whoever changed it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from lookups import shelf
from lookups.load import load
from lookups.lookup_types import TYPES
from lookups.models import Country
from tests.conftest import make_party
from tests.lookups.conftest import WORLD, entries


def name_of(caller, group="US"):
    answer = caller.get(f"/v3/lookup/country/resolve?q={group}")
    return answer.data["name"] if answer.status == 200 else answer.status


@pytest.fixture
def in_process(monkeypatch):
    """Serve the next requests as process 1, 2, …: each has shelves of its own, and nothing else tells them apart."""
    kept: dict[int, dict] = {}
    return lambda number: monkeypatch.setattr(shelf, "_shelves", kept.setdefault(number, {}))


@pytest.fixture
def change(north, bypass, override):
    """Ways to change the row of US, by name."""
    made = override(north, "US", name="One")

    def by_bulk_create():
        Country.objects.filter(pk=own().pk).delete()
        new = Country(account_id=north.account.pk, group="US", code="US", name="Two")
        Country.objects.bulk_create([new])
        new.name = "Three"
        new.save()

    def own():
        return Country.objects.get(id_random=made["id"])

    def by_save():
        row = own()
        row.name = "Three"
        row.save()

    return {
        "api": lambda: north.manager.patch(f"/v3/lookup/country/{made['id']}", {"name": "Three"}),
        "save": by_save,  # as the admin does
        "update": lambda: Country.objects.filter(id_random=made["id"]).update(name="Three"),
        "bulk_create": by_bulk_create,
        "delete": lambda: own().delete(),
        "queryset_delete": lambda: Country.objects.filter(id_random=made["id"]).delete(),
        "api_delete": lambda: north.manager.delete(f"/v3/lookup/country/{made['id']}"),
    }


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize(
    ("how", "name"),
    [
        ("api", "Three"),
        ("save", "Three"),
        ("update", "Three"),
        ("bulk_create", "Three"),
        ("delete", "United States"),
        ("queryset_delete", "United States"),
        ("api_delete", "United States"),
    ],
)
def test_every_process_sees_a_change_with_its_next_request(north, in_process, change, how, name):
    for process in (1, 2):
        in_process(process)
        assert name_of(north.member) == "One"
    change[how]()
    for process in (1, 2):
        in_process(process)
        assert name_of(north.member) == name


@pytest.mark.usefixtures("world")
def test_a_changed_global_row_is_seen_by_accounts_with_overrides_and_without(north, south, visitor, override):
    override(north, "CA", name="Kanada")
    assert [name_of(c) for c in (north.member, south.member, visitor)] == ["United States"] * 3
    row = Country.objects.get(group="US", account_id=None)
    row.name, row.alpha_3 = "America", "AME"
    row.save()
    assert [name_of(c) for c in (north.member, south.member, visitor)] == ["America"] * 3
    override(north, "US", name="Ours")
    row.alpha_3 = "XYZ"
    row.save()
    assert north.member.get("/v3/lookup/country/resolve?q=US").data["alpha_3"] == "XYZ"


@pytest.mark.usefixtures("world")
def test_the_change_of_one_account_costs_no_other_a_reading(north, south, override, django_assert_num_queries):
    assert name_of(south.member) == "United States"
    override(north, "US", name="America")
    with django_assert_num_queries(1):
        assert name_of(south.member) == "United States"


@pytest.mark.usefixtures("world")
def test_what_was_rolled_back_is_forgotten(north, override):
    made = override(north, "US", name="One")
    assert name_of(north.member) == "One"

    with transaction.atomic():
        row = Country.objects.get(id_random=made["id"])
        row.name = "Two"
        row.save()
        assert name_of(north.member) == "Two"  # read inside the transaction, and kept
        transaction.set_rollback(True)
    assert name_of(north.member) == "One"


@pytest.mark.usefixtures("world")
def test_the_number_of_shelves_is_bounded(north, south, visitor, monkeypatch):
    monkeypatch.setattr(shelf, "MAX_SHELVES", 2)
    for caller in (north.member, south.member, visitor, north.member):
        assert name_of(caller) == "United States"
        assert len(shelf._shelves) <= 2


@pytest.mark.usefixtures("world")
def test_a_row_that_moves_to_another_account_leaves_the_first(north, south, override):
    """As a super user does it in the admin."""
    made = override(north, "US", name="One")
    assert [name_of(north.member), name_of(south.member)] == ["One", "United States"]
    row = Country.objects.get(id_random=made["id"])
    row.account_id = south.account.pk
    row.save()
    assert [name_of(north.member), name_of(south.member)] == ["United States", "One"]


@pytest.mark.skipif(connection.vendor == "sqlite", reason="the tests' SQLite lives in memory: it has one connection")
@pytest.mark.django_db(transaction=True)
def test_another_connection_sees_a_change_when_it_is_committed():
    load(TYPES["country"], [entry for entry in entries("country") if entry.code in WORLD["country"]])
    north = make_party("North")

    def elsewhere():
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: (name_of(north.member), connection.close())[0]).result()

    assert elsewhere() == "United States"
    with transaction.atomic():
        row = Country.objects.get(group="US")
        row.name = "America"
        row.save()
        assert elsewhere() == "United States"
    assert elsewhere() == "America"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="the tests' SQLite lives in memory: it has one connection")
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_makes_the_override_and_all_see_it():
    load(TYPES["country"], [entry for entry in entries("country") if entry.code in WORLD["country"]])
    north = make_party("North")

    def make(number):
        answer = north.manager.post("/v3/lookup/country/", {"group": "US", "name": f"Name {number}"})
        connection.close()
        return answer.status if answer.status == 201 else answer.error

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(make, range(8)))
    assert sorted(map(str, outcomes)) == sorted(["201", *["('database_duplicate', 1062)"] * 7])
    assert name_of(north.member).startswith("Name ")
