"""Reading: no query begins without an account, by whatever door, and none leaves it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account, Person, Site
from content.models import Journal, JournalEntry
from crud.models import ChangeLog
from tenancy.context import NoTenantError, every_tenant, tenant
from tenancy.models import TenantManager, TenantRow
from tests.conftest import Party

pytestmark = pytest.mark.django_db

TENANT_MODELS = [model for model in apps.get_models() if issubclass(model, TenantRow)]


@pytest.fixture
def journals(north: Party, south: Party) -> dict[str, Journal]:
    found = {}
    for party in (north, south):
        with tenant(party.account.pk):
            journal = Journal(name=party.account.name, person=None)
            journal.save()
            JournalEntry(journal=journal, name=f"Entry of {party.account.name}").save()
            found[party.account.name] = journal
    return found


async def rows_of(manager: Any) -> list[Any]:
    return [row async for row in manager.all()]


def awaited(begin: Callable[[], Awaitable[Any]]) -> Any:
    """Begin it inside a running loop, and wait for its result."""

    async def run() -> Any:
        return await begin()

    return async_to_sync(run)()


BEGINNINGS: dict[str, Callable[[Any], Any]] = {
    "all": lambda m: list(m.objects.all()),
    "iterate": lambda m: list(m.objects.iterator()),
    "filter": lambda m: m.objects.filter(pk=1),
    "exclude": lambda m: m.objects.exclude(pk=1),
    "none": lambda m: m.objects.none(),
    "exists": lambda m: m.objects.exists(),
    "count": lambda m: m.objects.count(),
    "get": lambda m: m.objects.get(pk=1),
    "first": lambda m: m.objects.first(),
    "last": lambda m: m.objects.last(),
    "latest": lambda m: m.objects.latest("pk"),
    "in_bulk": lambda m: m.objects.in_bulk(),
    "aggregate": lambda m: m.objects.aggregate(Count("pk")),
    "values": lambda m: m.objects.values("pk"),
    "values_list": lambda m: m.objects.values_list("pk"),
    "annotate": lambda m: m.objects.annotate(n=Count("pk")),
    "order_by": lambda m: m.objects.order_by("pk"),
    "raw": lambda m: m.objects.raw("SELECT * FROM journal"),
    "extra": lambda m: m.objects.extra(where=["1=1"]),
    "using": lambda m: m.objects.using("default"),
    "select_for_update": lambda m: m.objects.select_for_update(),
    "union": lambda m: m.objects.union(m.objects.all()),
    "dates": lambda m: m.objects.dates("created_on", "year"),
    "update": lambda m: m.objects.update(),
    "delete": lambda m: m.objects.filter(pk=1).delete(),
    "create": lambda m: m.objects.create(),
    "get_or_create": lambda m: m.objects.get_or_create(pk=1),
    "update_or_create": lambda m: m.objects.update_or_create(pk=1),
    "bulk_create": lambda m: m.objects.bulk_create([m()]),
    "bulk_update": lambda m: m.objects.bulk_update([m(pk=1)], ["id"]),
    "default manager": lambda m: m._default_manager.all(),
    "base manager": lambda m: m._base_manager.all(),
    "aexists": lambda m: awaited(lambda: m.objects.aexists()),
    "acount": lambda m: awaited(lambda: m.objects.acount()),
    "aget": lambda m: awaited(lambda: m.objects.aget(pk=1)),
    "afirst": lambda m: awaited(lambda: m.objects.afirst()),
    "acreate": lambda m: awaited(lambda: m.objects.acreate()),
    "adelete": lambda m: awaited(lambda: m.objects.filter(pk=1).adelete()),
    "aupdate": lambda m: awaited(lambda: m.objects.aupdate()),
    "async for": lambda m: awaited(lambda: rows_of(m.objects)),
    "subquery": lambda m: Site.objects.filter(pk__in=m.objects.values("pk")),
    "outer reference": lambda m: Exists(m.objects.filter(pk=OuterRef("pk"))),
    "refresh": lambda m: m(pk=1).refresh_from_db(),
    "save": lambda m: m().save(),
    "asave": lambda m: awaited(lambda: m().asave()),
    "delete a row": lambda m: m(pk=1).delete(),
    "adelete a row": lambda m: awaited(lambda: m(pk=1).adelete()),
}


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.db_table)
def test_no_door_opens_without_an_account(model: Any) -> None:
    wrong = []
    for name, begin in BEGINNINGS.items():
        try:
            begin(model)
        except NoTenantError:
            continue
        except ValidationError:
            assert "create" in name or "save" in name
        except Exception as error:
            wrong.append(f"{name}: {error!r}")
        else:
            wrong.append(f"{name} went through")
    assert wrong == []


@pytest.mark.parametrize("model", TENANT_MODELS, ids=lambda model: model._meta.db_table)
def test_every_manager_is_one_that_asks(model: Any) -> None:
    assert isinstance(model._base_manager, TenantManager)
    assert isinstance(model._default_manager, TenantManager)
    assert all(isinstance(manager, TenantManager) for manager in model._meta.managers)


def test_relations_ask_too(north: Party, journals: dict[str, Journal]) -> None:
    with tenant(north.account.pk):
        entry = JournalEntry.objects.get()
        site = Site.objects.get()
    with pytest.raises(NoTenantError):
        _ = entry.journal
    with pytest.raises(NoTenantError):
        _ = site.account
    with pytest.raises(NoTenantError):
        entry.refresh_from_db()
    with tenant(north.account.pk):
        lazy = JournalEntry.objects.only("name").get()
        assert entry.journal == journals["North"]
    with pytest.raises(NoTenantError):
        _ = lazy.content  # a deferred column is a query


def test_a_relation_shows_no_row_of_another_account(north: Party, south: Party, journals: dict[str, Journal]) -> None:
    """Even if the database held such a reference: it leads nowhere."""
    with tenant(south.account.pk):
        foreign = JournalEntry.objects.get()
    with tenant(north.account.pk), pytest.raises(Journal.DoesNotExist):
        _ = foreign.journal
    with tenant(north.account.pk), pytest.raises(JournalEntry.DoesNotExist):
        foreign.refresh_from_db()


READINGS: dict[str, Callable[[], Any]] = {
    "all": lambda: [row.name for row in Journal.objects.all()],
    "filter": lambda: [row.name for row in Journal.objects.filter(Q(pk__gt=0) | Q(pk__lt=0))],
    "exclude": lambda: [row.name for row in Journal.objects.exclude(name="x")],
    "values_list": lambda: list(Journal.objects.values_list("name", flat=True)),
    "iterator": lambda: [row.name for row in Journal.objects.iterator()],
    "in_bulk": lambda: [row.name for row in Journal.objects.in_bulk().values()],
    "subquery": lambda: [
        row.name for row in Journal.objects.filter(pk__in=Subquery(JournalEntry.objects.values("journal_id")))
    ],
    "by a relation": lambda: [row.journal.name for row in JournalEntry.objects.select_related("journal")],
    "prefetched": lambda: [
        row.journal.name for row in JournalEntry.objects.prefetch_related(Prefetch("journal", Journal.objects.all()))
    ],
    "or'ed": lambda: [row.name for row in Journal.objects.filter(pk=0) | Journal.objects.filter(pk__gt=0)],
    "united": lambda: [row.name for row in Journal.objects.all().union(Journal.objects.all())],
    "extra or": lambda: [row.name for row in Journal.objects.extra(where=["1=0 OR 1=1"])],
    "by the account": lambda: [row.name for row in Journal.objects.filter(account__enable=True)],
}


@pytest.mark.parametrize("name", READINGS)
def test_a_reading_finds_its_accounts_rows_only(
    north: Party, south: Party, journals: dict[str, Journal], name: str
) -> None:
    for party in (north, south):
        with tenant(party.account.pk):
            assert READINGS[name]() == [party.account.name]
            assert Journal.objects.count() == Journal.objects.aggregate(n=Count("pk"))["n"] == 1
            assert awaited(lambda: Journal.objects.acount()) == 1
    with every_tenant(reason="a test"):
        assert sorted(READINGS[name]()) == ["North", "South"]


def test_a_query_stays_in_the_account_it_was_begun_in(north: Party, south: Party, journals: dict[str, Journal]) -> None:
    with tenant(north.account.pk):
        rows = Journal.objects.all()
    with tenant(south.account.pk):
        assert [row.name for row in rows] == ["North"]
        assert [row.name for row in rows.filter(pk__gt=0)] == ["North"]


def test_an_account_is_held_to_itself(north: Party, south: Party) -> None:
    with tenant(north.account.pk):
        assert list(Account.objects.all()) == [north.account]
        assert not Account.objects.filter(pk=south.account.pk).exists()


def test_the_change_log_is_held_too(north: Party, south: Party, journals: dict[str, Journal]) -> None:
    with tenant(north.account.pk):
        assert set(ChangeLog.objects.values_list("account_id", flat=True)) == {north.account.pk}


def test_raw_sql_is_refused_by_the_manager(north: Party) -> None:
    from tenancy.context import CrossTenantError  # here, as only this test expects it

    with tenant(north.account.pk), pytest.raises(CrossTenantError):
        Journal.objects.raw("SELECT * FROM journal")
    with tenant(north.account.pk), pytest.raises(CrossTenantError):
        Journal.objects.filter(pk=1).raw("SELECT * FROM journal")


conditions = st.recursive(
    st.builds(lambda negated, **by: ~Q(**by) if negated else Q(**by), st.booleans(), pk__gt=st.integers(-5, 5))
    | st.builds(lambda name: Q(name__icontains=name), st.sampled_from(["o", "North", "South", "x"]))
    | st.builds(lambda account: Q(account_id=account), st.integers(1, 9)),
    lambda inner: st.builds(lambda a, b: a | b, inner, inner) | st.builds(lambda a, b: a & b, inner, inner),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(condition=conditions)
def test_no_condition_widens_a_query(north: Party, journals: dict[str, Journal], condition: Q) -> None:
    with tenant(north.account.pk):
        found = set(Journal.objects.filter(condition).values_list("account_id", flat=True))
        found |= set(Journal.objects.exclude(condition).values_list("account_id", flat=True))
    assert found == {north.account.pk}


def test_persons_are_found_through_no_other_account(north: Party, south: Party) -> None:
    with tenant(south.account.pk):
        Person(given_name="Ada", family_name="Lovelace").save()
    with tenant(north.account.pk):
        assert not Person.objects.filter(full_name__icontains="ada").exists()
        assert not JournalEntry.objects.filter(person__full_name__icontains="ada").exists()
