"""From the sources to the rows, again and again."""

from __future__ import annotations

import pytest

from crud.models import ChangeLog
from lookups.load import SourceTooSmall, compare, load
from lookups.lookup_types import TYPES
from lookups.models import Country, LookupVersion
from lookups.sources import SourceEntry, stable_id
from tenancy.context import every_tenant

COUNTRY = TYPES["country"]
pytestmark = pytest.mark.django_db


def entry(code, name=None, **more):
    return SourceEntry(code, name or f"Land {code}", {"alpha_3": f"{code}X", "numeric": None}, **more)


def stored():
    return list(Country.objects.order_by("code").values())


def counts(found):
    return {name: len(getattr(found, name)) for name in ("made", "changed", "removed", "returned")}


def test_a_second_run_writes_nothing():
    first = load(COUNTRY, map(entry, ["AA", "BB", "CC"]))
    assert counts(first) == {"made": 3, "changed": 0, "removed": 0, "returned": 0}
    before, tokens = stored(), list(LookupVersion.objects.values())
    assert not load(COUNTRY, map(entry, ["AA", "BB", "CC"]))
    assert (stored(), list(LookupVersion.objects.values())) == (before, tokens)


def test_ids_follow_from_type_and_code():
    load(COUNTRY, [entry("US")])
    assert [row["id_random"] for row in stored()] == ["46KS8pfQ6NB"] == [stable_id("country", "US")]
    assert stable_id("country", "US") != stable_id("time_zone", "US")


def test_comparing_writes_nothing():
    assert counts(compare(COUNTRY, [entry("AA")]))["made"] == 1
    assert stored() == []


def test_a_new_name_is_taken_over_and_logged():
    load(COUNTRY, [entry("AA"), entry("BB")])
    assert counts(load(COUNTRY, [entry("AA", "New"), entry("BB")])) == {
        "made": 0,
        "changed": 1,
        "removed": 0,
        "returned": 0,
    }
    assert [row["name"] for row in stored()] == ["New", "Land BB"]
    with every_tenant(reason="tests read the log"):
        log = ChangeLog.objects.get(obj_id=stable_id("country", "AA"))
    assert (log.account_id, log.changes_json) == (None, {"name": ["Land AA", "New"]})


def test_what_staff_have_set_stays():
    load(COUNTRY, [entry("AA", priority=True), entry("BB")])
    staff = {"enable": False, "hide": True, "priority": False, "sort": 7}
    Country.objects.filter(code="AA").update(**staff)
    load(COUNTRY, [entry("AA", "New", priority=True), entry("BB")])
    row = stored()[0]
    assert {name: row[name] for name in staff} == staff
    assert row["name"] == "New"


def test_what_is_gone_is_disabled_and_comes_back_enabled():
    load(COUNTRY, map(entry, ["AA", "BB", "CC"]))
    assert counts(load(COUNTRY, map(entry, ["AA", "BB"])))["removed"] == 1
    assert [(row["code"], row["enable"]) for row in stored()] == [("AA", True), ("BB", True), ("CC", False)]
    assert not load(COUNTRY, map(entry, ["AA", "BB"]))
    Country.objects.filter(code="CC").update(enable=True)  # staff want it all the same
    assert not load(COUNTRY, map(entry, ["AA", "BB"]))
    Country.objects.filter(code="CC").update(enable=False)
    assert counts(load(COUNTRY, map(entry, ["AA", "BB", "CC"])))["returned"] == 1
    assert [row["enable"] for row in stored()] == [True, True, True]


def test_what_staff_disabled_does_not_come_back_by_itself():
    load(COUNTRY, map(entry, ["AA", "BB"]))
    Country.objects.filter(code="AA").update(enable=False)
    assert not load(COUNTRY, map(entry, ["AA", "BB"]))
    assert stored()[0]["enable"] is False


def test_rows_made_by_hand_and_overrides_are_left_alone(north):
    Country(code="XX", group="XX", name="By hand").save()
    Country(code="AA", group="AA", name="Ours", account_id=north.account.pk).save()
    load(COUNTRY, map(entry, ["AA", "BB"]))
    assert not load(COUNTRY, map(entry, ["AA", "BB"]))
    assert sorted((r["name"], r["enable"]) for r in stored()) == [
        ("By hand", True),
        ("Land AA", True),
        ("Land BB", True),
        ("Ours", True),
    ]


def test_a_row_made_by_hand_becomes_the_sources_when_it_has_it():
    Country(code="AA", group="AA", name="By hand", sort=4).save()
    public_id = stored()[0]["id_random"]
    load(COUNTRY, [entry("AA"), entry("BB")])
    row = stored()[0]
    assert (row["id_random"], row["name"], row["sort"], row["in_source"]) == (public_id, "Land AA", 4, True)


@pytest.mark.parametrize("left", [[], ["AA"]])
def test_a_source_that_lost_most_is_not_believed(left):
    load(COUNTRY, map(entry, ["AA", "BB", "CC"]))
    before = stored()
    with pytest.raises(SourceTooSmall):
        load(COUNTRY, map(entry, left))
    assert stored() == before


def test_a_loader_that_another_one_overtakes_tries_again(monkeypatch):
    seen = []

    def compare_once_too_early(lookup_type, entries):
        found = compare(lookup_type, entries)
        if not seen:
            seen.append(found)
            Country(code="AA", group="AA", name="Land AA", alpha_3="AAX", in_source=True).save()
        return found

    monkeypatch.setattr("lookups.load.compare", compare_once_too_early)
    outcome = load(COUNTRY, [entry("AA"), entry("BB")])
    assert [row["name"] for row in stored()] == ["Land AA", "Land BB"]
    assert counts(outcome)["made"] == 2
