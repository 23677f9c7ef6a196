"""Lists and resolve: what stands before what, in which order."""

from __future__ import annotations

from datetime import datetime

import pytest

from lookups import shelf
from lookups.models import Country
from tests.crud.reading import statements

pytestmark = pytest.mark.usefixtures("world")


def groups(rows):
    return [row["group"] for row in rows]


def names(rows):
    return {row["group"]: row["name"] for row in rows}


ALL = ["AX", "AZ", "CA", "CI", "GB", "US"]


def test_a_row_has_everything(visitor, listed):
    row = next(row for row in listed(visitor) if row["group"] == "US")
    assert row == {
        "id": "46KS8pfQ6NB",
        "code": "US",
        "group": "US",
        "name": "United States",
        "enable": True,
        "hide": False,
        "priority": False,
        "sort": None,
        "account_id": None,
        "for_type": None,
        "for_id": None,
        "alpha_3": "USA",
        "numeric": "840",
    }


def test_a_subdivision_names_its_country_its_type_and_what_it_is_a_part_of(visitor, listed):
    row = next(row for row in listed(visitor, lu_type="country_subdivision") if row["group"] == "AZ-BAB")
    assert (row["country_group"], row["type"], row["parent_group"]) == ("AZ", "Rayon", "AZ-NX")


def test_a_time_zone_tells_its_offset_now_and_the_zone_that_it_links_to(visitor, listed):
    rows = {row["group"]: row for row in listed(visitor, lu_type="time_zone")}
    calcutta = rows["Asia/Calcutta"]
    assert (calcutta["utc_offset"], calcutta["utc_offset_minutes"], calcutta["link_to"]) == (
        "+05:30",
        330,
        "Asia/Kolkata",
    )
    assert rows["Asia/Kolkata"]["link_to"] is None


@pytest.mark.parametrize(("day", "offset"), [("2026-01-15", ("-07:00", -420)), ("2026-07-15", ("-06:00", -360))])
def test_the_offset_is_that_of_the_moment(visitor, listed, monkeypatch, day, offset):
    monkeypatch.setattr("lookups.read.timezone.now", lambda: datetime.fromisoformat(f"{day}T12:34:56+00:00"))
    row = next(row for row in listed(visitor, lu_type="time_zone") if row["group"] == "America/Denver")
    assert (row["utc_offset"], row["utc_offset_minutes"]) == offset


def test_the_order_is_priority_then_sort_then_name_without_accents(visitor, listed):
    assert groups(listed(visitor)) == ALL  # Åland before Azerbaijan, Côte d'Ivoire after Canada
    Country.objects.filter(group="US").update(priority=True)
    Country.objects.filter(group="GB").update(priority=True, sort=2)
    Country.objects.filter(group="CI").update(sort=5)
    Country.objects.filter(group="CA").update(sort=-1)
    assert groups(listed(visitor)) == ["GB", "US", "CA", "CI", "AX", "AZ"]
    assert groups(listed(visitor, "?only_priority=true")) == ["GB", "US"]
    assert groups(listed(visitor, "?only_priority=false")) == ["GB", "US", "CA", "CI", "AX", "AZ"]


def test_an_account_sees_its_override_at_once_and_others_the_global_row(north, south, visitor, listed, override):
    before = [listed(caller) for caller in (north.member, south.member, visitor)]
    made = override(north, "US", name="America")
    row = next(row for row in listed(north.member) if row["group"] == "US")
    assert (row["id"], row["name"], row["account_id"]) == (made["id"], "America", north.id)
    assert row["alpha_3"] == "USA"  # a fact that the override leaves out
    assert groups(listed(north.guest)) == groups(listed(north.member))
    assert names(listed(north.guest))["US"] == "America"
    assert [listed(south.member), listed(visitor)] == before[1:]


def test_the_object_stands_before_the_account(north, listed, override, journal_of):
    journal, other = journal_of(north), journal_of(north)
    override(north, "US", name="America")
    override(north, "US", name="The States", for_type="journal", for_id=journal)
    override(north, "CA", name="Kanada", for_type="journal", for_id=journal)
    seen = names(listed(north.member, f"?for_type=journal&for_id={journal}"))
    assert (seen["US"], seen["CA"]) == ("The States", "Kanada")
    for query in ("", f"?for_type=journal&for_id={other}"):
        seen = names(listed(north.member, query))
        assert (seen["US"], seen["CA"]) == ("America", "Canada")


@pytest.mark.parametrize("state", [{"enable": False}, {"hide": True}])
def test_a_disabled_or_hidden_override_takes_its_group_out(north, south, listed, override, state):
    override(north, "US", **state)
    assert groups(listed(north.member)) == ["AX", "AZ", "CA", "CI", "GB"]
    assert groups(listed(south.member)) == ALL


def test_an_object_brings_back_what_the_account_has_taken_out(north, listed, override, journal_of):
    journal = journal_of(north)
    override(north, "US", enable=False)
    override(north, "US", for_type="journal", for_id=journal)
    assert groups(listed(north.member, f"?for_type=journal&for_id={journal}")) == ALL


def test_an_override_without_case_is_an_override(north, listed, override):
    made = override(north, "us", name="America")
    assert made["group"] == "US"
    assert groups(listed(north.member)) == ["AX", "US", "AZ", "CA", "CI", "GB"]  # sorted as America


def test_a_group_of_the_accounts_own_is_listed(north, south, listed, override):
    made = override(north, "XK", name="Kosovo", alpha_3="XKX")
    assert (made["code"], made["alpha_3"]) == ("XK", "XKX")
    assert set(groups(listed(north.member))) - set(groups(listed(south.member))) == {"XK"}


def test_include_disabled_shows_and_marks_what_is_left_out(north, listed, override, journal_of):
    journal = journal_of(north)
    override(north, "US", enable=False, name="America")
    override(north, "CA", for_type="journal", for_id=journal, name="Kanada")
    Country.objects.filter(group="GB").update(enable=False)
    Country.objects.filter(group="CI").update(hide=True)

    def marks(query):
        return sorted(
            (r["group"], r["account_id"] is None, r["enable"], r["hide"], r["shadowed"])
            for r in listed(north.member, f"?include_disabled=true{query}")
            if r["group"] not in ("AX", "AZ")
        )

    expected = [
        ("CA", True, True, False, False),
        ("CI", True, True, True, False),
        ("GB", True, False, False, False),
        ("US", False, False, False, False),
        ("US", True, True, False, True),
    ]
    assert marks("") == expected
    with_object = marks(f"&for_type=journal&for_id={journal}")
    assert with_object == [("CA", False, True, False, False), ("CA", True, True, False, True), *expected[1:]]
    assert all("shadowed" not in row for row in listed(north.member))


def test_of_rows_alike_the_one_that_stands_comes_first(north, listed, override, journal_of):
    journal = journal_of(north)
    made = [override(north, "US"), override(north, "US", for_type="journal", for_id=journal)]
    rows = listed(north.member, f"?include_disabled=true&for_type=journal&for_id={journal}")
    assert [r["id"] for r in rows if r["group"] == "US"] == [made[1]["id"], made[0]["id"], "46KS8pfQ6NB"]
    assert [r["shadowed"] for r in rows if r["group"] == "US"] == [False, True, True]


def test_guests_see_no_disabled_or_hidden_row_of_an_account(north, listed, override):
    override(north, "US", enable=False, name="Disabled secretly")
    override(north, "CA", hide=True, name="Hidden secretly")
    shown = listed(north.guest, "?include_disabled=true")
    assert [row for row in shown if row["account_id"] is not None] == []
    assert {row["group"] for row in shown if row["shadowed"]} == {"US", "CA"}
    assert len(listed(north.member, "?include_disabled=true")) == len(shown) + 2


@pytest.mark.parametrize("country", ["US", "us", "U%53"])
def test_subdivisions_of_one_country(visitor, listed, country):
    assert groups(listed(visitor, f"?country={country}", "country_subdivision")) == ["US-CO", "US-NY"]


def test_the_country_is_found_by_the_code_that_the_account_gives_it(north, south, listed, override):
    override(north, "US", code="USA")
    assert groups(listed(north.member, "?country=USA", "country_subdivision")) == ["US-CO", "US-NY"]
    assert groups(listed(north.member, "?country=US", "country_subdivision")) == ["US-CO", "US-NY"]
    assert groups(listed(south.member, "?country=USA", "country_subdivision")) == []
    override(north, "CA", code="US")  # a group is stronger than a code
    assert groups(listed(north.member, "?country=US", "country_subdivision")) == ["US-CO", "US-NY"]


@pytest.mark.parametrize("country", ["ZZ", "", "%25", "_S", "U*"])
def test_an_unknown_country_has_no_subdivisions(visitor, listed, country):
    assert listed(visitor, f"?country={country}", "country_subdivision") == []


def test_an_account_without_overrides_is_answered_with_the_global_rows(north, visitor, listed, override):
    assert listed(north.member) == listed(visitor)


def test_a_bypass_sees_the_global_rows(bypass, north, listed, override):
    override(north, "US", name="America")
    assert names(listed(bypass))["US"] == "United States"


@pytest.mark.parametrize(
    ("q", "group"),
    [
        ("US", "US"),
        ("us", "US"),
        ("%20us%20", "US"),
        ("united%20states", "US"),
        ("COTE%20D'IVOIRE", "CI"),
        ("c%C3%B4te%20d%E2%80%99ivoire", "CI"),
        ("aland%20islands", "AX"),
        ("%C3%85land%20%20Islands", "AX"),
    ],
)
def test_resolve_minds_neither_case_nor_accents(visitor, q, group):
    answer = visitor.get(f"/v3/lookup/country/resolve?q={q}")
    assert (answer.status, answer.data["group"]) == (200, group)
    assert "count" not in answer.meta


def test_resolve_finds_zones_by_id_and_by_name(visitor):
    for q in ("America/New_York", "america/new york"):
        answer = visitor.get(f"/v3/lookup/time_zone/resolve?q={q.replace(' ', '%20')}")
        assert answer.data["group"] == "America/New_York"


def test_resolve_prefers_the_code_to_the_group_to_the_name(north, override):
    override(north, "ONE", name="Three", code="X1")
    override(north, "TWO", name="ONE", code="X2")
    override(north, "THREE", name="Zeta", code="TWO")

    def group(q):
        return north.member.get(f"/v3/lookup/country/resolve?q={q}").data["group"]

    assert [group("TWO"), group("ONE"), group("THREE"), group("Zeta")] == ["THREE", "ONE", "THREE", "THREE"]


def test_of_equal_names_the_first_in_order_is_resolved(north, override):
    override(north, "B2", name="Twin")
    override(north, "A1", name="Twin")
    override(north, "C3", name="twín", sort=1)
    assert north.member.get("/v3/lookup/country/resolve?q=twin").data["group"] == "C3"


def test_resolve_respects_overrides(north, south, override, journal_of):
    def status(caller, q, more=""):
        return caller.get(f"/v3/lookup/country/resolve?q={q}{more}").status

    made = override(north, "US", name="America")
    assert north.member.get("/v3/lookup/country/resolve?q=america").data["id"] == made["id"]
    assert north.member.get("/v3/lookup/country/resolve?q=US").data["name"] == "America"
    assert status(south.member, "america") == 404
    assert status(north.member, "United%20States") == 404  # that name is shadowed
    journal = journal_of(north)
    override(north, "CA", name="Kanada", for_type="journal", for_id=journal)
    assert status(north.member, "kanada") == 404
    assert status(north.member, "kanada", f"&for_type=journal&for_id={journal}") == 200
    assert status(north.member, "america", f"&for_type=journal&for_id={journal}") == 200


def test_resolve_finds_no_disabled_row_and_a_hidden_one_for_members_only(north, south, override):
    override(north, "US", enable=False)
    override(north, "CA", hide=True)
    assert north.member.get("/v3/lookup/country/resolve?q=US").error == ("not_found", 404)
    assert north.member.get("/v3/lookup/country/resolve?q=CA").status == 200
    assert north.guest.get("/v3/lookup/country/resolve?q=CA").status == 404
    assert south.guest.get("/v3/lookup/country/resolve?q=CA").status == 200


def test_resolve_within_a_country(north, override):
    override(north, "CA-CO", "country_subdivision", name="Colorado", country_group="CA", sort=1)
    assert north.member.get("/v3/lookup/country_subdivision/resolve?q=colorado").data["group"] == "CA-CO"
    assert north.member.get("/v3/lookup/country_subdivision/resolve?q=colorado&country=us").data["group"] == "US-CO"


@pytest.mark.parametrize(
    "q",
    ["nowhere", "%25", "U_", "_S", "U*", "U?", "%5BU%5DS", "US%0aFLUSHALL", "US%20FLUSHALL", "'", "{}"],
)
def test_what_is_no_entry_is_not_found(visitor, q):
    assert visitor.get(f"/v3/lookup/country/resolve?q={q}").error == ("not_found", 404)


@pytest.mark.parametrize(
    ("path", "cold", "warm"),
    [
        ("country/list", 3, 1),
        ("country/resolve?q=US", 3, 1),
        ("time_zone/list?include_disabled=true", 3, 1),
        ("country_subdivision/list?country=US", 6, 2),
    ],
)
def test_what_a_request_costs(north, listed, override, path, cold, warm):
    """Warm: the state's names (of two types where a country is asked for). Cold: the rows of all, and the account's."""
    north.member.get("/v3/lookup/country/resolve?q=x")
    for more in range(2):
        shelf.forget()
        for expected in (cold, warm, warm):
            with statements() as sql:
                assert north.member.get(f"/v3/lookup/{path}").status == 200
            assert len(sql) == expected, sql
        for group in ("US", "CA", "GB")[: 3 * (1 - more)]:
            override(north, group, name=f"Our {group}")
