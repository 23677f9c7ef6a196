"""Writing: a row is its account's for good, and refers to rows of its account only, on every path of the ORM."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import F

from accounts.models import Account, Organization, Person, Site, SiteDomain, User
from content.models import Journal, JournalEntry
from tenancy.context import CrossTenantError, NoTenantError, every_tenant, tenant
from tests.conftest import Party
from tests.contract.conftest import everything

pytestmark = pytest.mark.django_db


class Cast:
    """A journal with an entry in each account."""

    def __init__(self, north: Party, south: Party) -> None:
        self.north, self.south = north.account, south.account
        self.journal, self.entry = self._rows(self.north)
        self.foreign, self.foreign_entry = self._rows(self.south)

    def _rows(self, account: Account) -> tuple[Journal, JournalEntry]:
        with tenant(account.pk):
            journal = Journal(name=account.name)
            journal.save()
            entry = JournalEntry(journal=journal, name=account.name)
            entry.save()
        return journal, entry


@pytest.fixture
def cast(north: Party, south: Party) -> Cast:
    return Cast(north, south)


@contextmanager
def refused(*errors: type[Exception]) -> Iterator[None]:
    before = everything()
    with pytest.raises(errors or CrossTenantError), transaction.atomic():
        yield
    assert everything() == before


# New rows


def test_a_new_row_belongs_to_the_active_account(cast: Cast) -> None:
    with tenant(cast.north.pk):
        row = Journal(name="x")
        row.save()
        bulk = Journal.objects.bulk_create([Journal(name="y"), Journal(name="z")])
        made = Journal.objects.create(name="c")
    assert {row.account_id for row in [row, made, *bulk]} == {cast.north.pk}


WITHOUT: dict[str, Callable[[Cast], Any]] = {
    "save": lambda cast: Journal(name="x").save(),
    "save with its account": lambda cast: Journal(name="x", account=cast.north).save(),
    "bulk_create": lambda cast: Journal.objects.bulk_create([Journal(name="x")]),
    "save again": lambda cast: cast.journal.save(),
    "delete": lambda cast: cast.journal.delete(),
}


@pytest.mark.parametrize("name", WITHOUT)
def test_nothing_is_written_without_an_account(cast: Cast, name: str) -> None:
    cast.journal.name = "changed"
    with refused(NoTenantError):
        WITHOUT[name](cast)


def test_a_row_needs_an_account_in_the_scope_of_all(cast: Cast) -> None:
    with every_tenant(reason="a test"), refused(IntegrityError, DatabaseError):
        Journal(name="x").save()
    with every_tenant(reason="a test"):
        row = Journal(name="x", account=cast.south)
        row.save()
    assert row.account_id == cast.south.pk


# Rows of another account


def alter(row: Any, **values: Any) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    return row


ACROSS: dict[str, Callable[[Cast], Any]] = {
    "save of a foreign row": lambda cast: alter(cast.foreign, name="x").save(),
    "save of one column": lambda cast: alter(cast.foreign, name="x").save(update_fields=["name"]),
    "forced insert": lambda cast: Journal(name="x", account=cast.south).save(force_insert=True),
    "create": lambda cast: Journal.objects.create(name="x", account=cast.south),
    "create by id": lambda cast: Journal.objects.create(name="x", account_id=cast.south.pk),
    "bulk_create": lambda cast: Journal.objects.bulk_create([Journal(name="x"), Journal(name="y", account=cast.south)]),
    "bulk_update": lambda cast: Journal.objects.bulk_update([cast.journal, alter(cast.foreign, name="x")], ["name"]),
    "delete": lambda cast: cast.foreign_entry.delete(),
    "save of the foreign account": lambda cast: alter(cast.south, name="x").save(),
    "delete of the foreign account": lambda cast: cast.south.delete(),
    "a new account": lambda cast: Account(code="new", name="New").save(),
    "given away": lambda cast: alter(cast.journal, account=cast.south).save(),
    "given away by id": lambda cast: alter(cast.journal, account_id=cast.south.pk).save(),
    "taken": lambda cast: alter(cast.foreign, account=cast.north).save(),
    "taken by id": lambda cast: alter(cast.foreign, account_id=cast.north.pk).save(),
    "let go": lambda cast: alter(cast.journal, account_id=None).save(),
    "given away in bulk": lambda cast: Journal.objects.bulk_update(
        [alter(cast.journal, account=cast.south)], ["account"]
    ),
    "updated away": lambda cast: Journal.objects.update(account=cast.south),
    "updated away by id": lambda cast: Journal.objects.update(account_id=cast.south.pk),
    "account renumbered": lambda cast: Account.objects.update(id=cast.south.pk),
}


@pytest.mark.parametrize("name", ACROSS)
def test_rows_of_another_account_are_not_written(cast: Cast, name: str) -> None:
    with tenant(cast.north.pk), refused():
        ACROSS[name](cast)


@pytest.mark.parametrize(
    "name", ["given away", "given away by id", "taken", "taken by id", "updated away", "updated away by id"]
)
def test_nor_by_whoever_sees_all_accounts(cast: Cast, name: str) -> None:
    with every_tenant(reason="a test"), refused():
        ACROSS[name](cast)


FOUND_NOWHERE: dict[str, Callable[[Cast], Any]] = {
    "update": lambda cast: Journal.objects.filter(pk=cast.foreign.pk).update(name="x"),
    "delete": lambda cast: JournalEntry.objects.filter(pk=cast.foreign_entry.pk).delete()[0],
    "delete by another way": lambda cast: JournalEntry.objects.filter(name="South").delete()[0],
    "update all others": lambda cast: Journal.objects.exclude(pk=cast.journal.pk).update(name="x"),
}


@pytest.mark.parametrize("name", FOUND_NOWHERE)
def test_queries_change_no_row_of_another_account(cast: Cast, name: str) -> None:
    before = everything()
    with tenant(cast.north.pk):
        assert FOUND_NOWHERE[name](cast) == 0
    assert everything() == before


# Instances made up by code that knows a foreign key, but never loaded the row

FORGED: dict[str, Callable[[Cast], Any]] = {
    "save": lambda cast: Journal(pk=cast.foreign.pk, name="x").save(),
    "save as north's": lambda cast: Journal(pk=cast.foreign.pk, name="x", account=cast.north).save(),
    "forced update": lambda cast: Journal(pk=cast.foreign.pk, name="x", account=cast.north).save(force_update=True),
    "delete": lambda cast: JournalEntry(pk=cast.foreign_entry.pk).delete(),
    "delete as north's": lambda cast: JournalEntry(pk=cast.foreign_entry.pk, account=cast.north).delete(),
    "bulk_update": lambda cast: Journal.objects.bulk_update(
        [Journal(pk=cast.foreign.pk, account=cast.north, name="x")], ["name"]
    ),
    "upsert": lambda cast: SiteDomain.objects.bulk_create(
        [SiteDomain(site=Site.objects.get(), fqdn="south.example.org", is_primary=True)],
        update_conflicts=True,
        unique_fields=["fqdn"],
        update_fields=["site", "is_primary"],
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_made_up_instance_changes_no_row_of_another_account(cast: Cast, name: str) -> None:
    """It may be refused or find nothing; South's rows stay."""
    before = southern(cast)
    with tenant(cast.north.pk):
        try:
            with transaction.atomic():
                FORGED[name](cast)
        except (CrossTenantError, DatabaseError, ValueError, NotImplementedError, Journal.DoesNotExist):
            pass
    assert southern(cast) == before


def southern(cast: Cast) -> list[Any]:
    with every_tenant(reason="a test"):
        return [
            list(model.objects.filter(account=cast.south).order_by("pk").values_list())
            for model in (Journal, JournalEntry, Site, SiteDomain, User)
        ]


# References


REFERENCES: dict[str, Callable[[Cast], Any]] = {
    "new row, by instance": lambda cast: JournalEntry(journal=cast.foreign).save(),
    "new row, by id": lambda cast: JournalEntry(journal_id=cast.foreign.pk).save(),
    "create": lambda cast: JournalEntry.objects.create(journal_id=cast.foreign.pk),
    "change, by instance": lambda cast: alter(cast.entry, journal=cast.foreign).save(),
    "change, by id": lambda cast: alter(cast.entry, journal_id=cast.foreign.pk).save(),
    "change of one column": lambda cast: alter(cast.entry, journal_id=cast.foreign.pk).save(update_fields=["journal"]),
    "instance and id at odds": lambda cast: alter(
        alter(cast.entry, journal=cast.journal), journal_id=cast.foreign.pk
    ).save(),
    "bulk_create, by instance": lambda cast: JournalEntry.objects.bulk_create(
        [JournalEntry(journal=cast.journal), JournalEntry(journal=cast.foreign)]
    ),
    "bulk_create, by id": lambda cast: JournalEntry.objects.bulk_create(
        [JournalEntry(journal_id=cast.journal.pk), JournalEntry(journal_id=cast.foreign.pk)]
    ),
    "bulk_update": lambda cast: JournalEntry.objects.bulk_update(
        [alter(cast.entry, journal_id=cast.foreign.pk)], ["journal"]
    ),
    "update, by instance": lambda cast: JournalEntry.objects.update(journal=cast.foreign),
    "update, by id": lambda cast: JournalEntry.objects.update(journal_id=cast.foreign.pk),
    "an instance of no account": lambda cast: JournalEntry(journal=Journal(pk=cast.foreign.pk)).save(),
    "an instance that says it is north's": lambda cast: JournalEntry(
        journal=Journal(pk=cast.foreign.pk, account=cast.north)
    ).save(),
    "update, by an expression": lambda cast: JournalEntry.objects.update(journal_id=F("journal_id") + 1),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_to_another_account_is_refused(cast: Cast, name: str) -> None:
    with tenant(cast.north.pk), refused():
        REFERENCES[name](cast)


def test_nor_does_whoever_sees_all_accounts_mix_them(cast: Cast) -> None:
    with every_tenant(reason="a test"):
        for attempt in (
            lambda: JournalEntry(journal=cast.foreign, account=cast.north).save(),
            lambda: JournalEntry(journal_id=cast.foreign.pk, account=cast.north).save(),
            lambda: alter(JournalEntry.objects.get(pk=cast.entry.pk), journal_id=cast.foreign.pk).save(),
            lambda: JournalEntry.objects.bulk_create([JournalEntry(journal=cast.foreign, account=cast.north)]),
        ):
            with refused():
                attempt()


def entry(cast: Cast, account: Account, journal: Journal) -> JournalEntry:
    return JournalEntry(journal_id=journal.pk, account=account)


ONE_TARGET_TWO_OWNERS: dict[str, Callable[[Cast], Any]] = {
    "bulk_create, the wrong one first": lambda cast: JournalEntry.objects.bulk_create(
        [entry(cast, cast.north, cast.foreign), entry(cast, cast.south, cast.foreign)]
    ),
    "bulk_create, the wrong one last": lambda cast: JournalEntry.objects.bulk_create(
        [entry(cast, cast.south, cast.foreign), entry(cast, cast.north, cast.foreign)]
    ),
    "bulk_create, in several batches": lambda cast: JournalEntry.objects.bulk_create(
        [entry(cast, cast.north, cast.foreign), *(entry(cast, cast.south, cast.foreign) for _ in range(9))],
        batch_size=2,
    ),
    "bulk_update": lambda cast: to_another_journal(cast, [cast.entry, cast.foreign_entry]),
    "update of rows of both": lambda cast: JournalEntry.objects.update(journal=cast.foreign),
    "update of the wrong one, by id": lambda cast: JournalEntry.objects.filter(pk=cast.entry.pk).update(
        journal_id=cast.foreign.pk
    ),
    "update by an expression": lambda cast: JournalEntry.objects.update(journal_id=F("journal_id") + 1),
    "a target that was altered": lambda cast: JournalEntry(
        journal=alter(cast.foreign, account=cast.north), account=cast.north
    ).save(),
    "a target that was made up": lambda cast: JournalEntry(
        journal=Journal(pk=cast.foreign.pk, account=cast.north), account=cast.north
    ).save(),
    "a made-up instance takes the row": lambda cast: Journal(pk=cast.foreign.pk, account=cast.north, name="x").save(),
    "made-up instances of one key": lambda cast: Journal.objects.bulk_update(
        [Journal(pk=cast.foreign.pk, account=owner, name="x") for owner in (cast.north, cast.south)], ["account"]
    ),
    "upsert, by position": lambda cast: SiteDomain.objects.bulk_create(
        [SiteDomain(fqdn="south.example.org")], None, False, True, ["is_primary"], ["fqdn"]
    ),
}


def to_another_journal(cast: Cast, entries: list[JournalEntry]) -> None:
    other = Journal.objects.create(name="another one of south", account=cast.south)
    JournalEntry.objects.bulk_update([alter(row, journal_id=other.pk) for row in entries], ["journal"])


@pytest.mark.parametrize("name", ONE_TARGET_TWO_OWNERS)
def test_each_reference_is_compared_with_each_row_that_has_it(cast: Cast, name: str) -> None:
    with every_tenant(reason="a test"), refused():
        ONE_TARGET_TWO_OWNERS[name](cast)


def test_whoever_sees_all_accounts_writes_to_each_what_is_its_own(cast: Cast) -> None:
    with every_tenant(reason="a test"):
        made = JournalEntry.objects.bulk_create(
            [entry(cast, cast.north, cast.journal), entry(cast, cast.south, cast.foreign)]
        )
        assert JournalEntry.objects.filter(pk=made[1].pk).update(journal=cast.foreign) == 1
        assert JournalEntry.objects.bulk_update(made, ["journal"]) == 2
        again = Journal(pk=cast.foreign.pk, account=cast.south, name="told anew")
        again.save()
    assert {row.journal_id for row in made} == {cast.journal.pk, cast.foreign.pk}


def test_a_super_user_of_no_account_refers_to_nobodys_person(cast: Cast) -> None:
    with tenant(cast.north.pk):
        person = Person(given_name="Ada")
        person.save()
    with every_tenant(reason="a test"), refused():
        User(username="root", super=True, person_id=person.pk).save()


def test_right_references_are_taken(cast: Cast) -> None:
    with tenant(cast.north.pk):
        other = Journal.objects.create(name="other")
        JournalEntry(journal=other).save()
        JournalEntry(journal_id=other.pk).save()
        JournalEntry.objects.bulk_create([JournalEntry(journal=other), JournalEntry(journal_id=other.pk)])
        alter(cast.entry, journal=other).save()
        assert JournalEntry.objects.filter(pk=cast.entry.pk).update(journal=cast.journal) == 1
        assert JournalEntry.objects.filter(journal=other).count() == 4


def test_references_of_many_rows_cost_one_query_a_foreign_key(cast: Cast, django_assert_max_num_queries: Any) -> None:
    with tenant(cast.north.pk):
        organization = Organization.objects.create(name="x")
        people = [Person(given_name=str(i), organization_id=organization.pk) for i in range(50)]
        with django_assert_max_num_queries(6):  # savepoint, owners, rows, log, release
            Person.objects.bulk_create(people)


def test_an_unknown_reference_is_the_databases_to_refuse(cast: Cast) -> None:
    with tenant(cast.north.pk), refused(IntegrityError, CrossTenantError):
        JournalEntry(journal_id=10**9).save()
        transaction.get_connection().check_constraints()
