"""Fields that take codes of lookups: held to the account's effective list at every door."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Contact
from crud import plan_import, registry
from crud.declare.checks import check_object_types
from crud.declare.code_lists import code_lists
from tenancy.context import tenant
from tenancy.principal import Principal, Role
from tests.conftest import Party
from tests.crud.examples import Examples
from tests.crud.staff.pages import Staff, url

pytestmark = pytest.mark.django_db
FIELDS = {
    ("contact", "country"): "US",
    ("contact", "country_subdivision"): "US-CO",
    ("contact", "time_zone"): "America/Denver",
    ("event", "time_zone"): "America/Denver",
    ("account", "time_zone"): "America/Denver",
    ("journal_entry", "start_time_zone"): "America/Denver",
}


def fields_of(answer: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = answer.body["meta"]["details"]["fields"]
    return found


@pytest.mark.parametrize(("place", "code"), FIELDS.items())
def test_a_field_takes_codes_of_its_list_in_any_case(
    north: Party, world: None, place: tuple[str, str], code: str
) -> None:
    type_name, name = place
    public_id = north.id if type_name == "account" else Examples(north).another(type_name)
    path = f"/v3/crud/{type_name}/{public_id}"
    for typed in (code, code.lower(), code.upper()):
        assert north.manager.patch(path, {name: typed}).data[name] == code
    for wrong in ("Atlantis", f"{code}x", "%", 7, ["US"]):
        answer = north.manager.patch(path, {name: wrong})
        assert (answer.error, list(fields_of(answer))) == (("validation", 400), [name]), wrong
    assert north.manager.get(path).data[name] == code


def test_each_misfit_is_named_and_what_is_meant_is_said(north: Party, world: None) -> None:
    answer = north.manager.post("/v3/crud/contact/", {"country": "Atlantis", "country_subdivision": "Nowhere"})
    assert answer.error == ("validation", 400)
    assert fields_of(answer) == {
        "country": ["Give a code of the lookup country."],
        "country_subdivision": ["Give a code of the lookup country_subdivision."],
    }
    for typed, meant in (("USA", "US"), ("United States", "US"), ("124", "CA"), ("ivory coast", "CI")):
        answer = north.manager.post("/v3/crud/contact/", {"country": typed})
        assert fields_of(answer)["country"] == [f"Give a code of the lookup country; this is {meant}."]
    answer = north.manager.post("/v3/crud/contact/", {"country": "US", "country_subdivision": "CO"})
    assert fields_of(answer)["country_subdivision"] == ["Give a code of the lookup country_subdivision; this is US-CO."]
    bulk = north.manager.post("/v3/crud/contact/bulk", {"create": [{"country": "US"}, {"country": "XX"}]})
    assert (bulk.status, bulk.body["meta"]["details"]["row"]) == (400, {"section": "create", "index": 1})
    assert north.manager.get("/v3/crud/contact/").data == []


def test_a_subdivision_fits_the_country_of_its_row(north: Party, world: None) -> None:
    made = north.manager.create("contact", country="us", country_subdivision="us-co")
    assert (made["country"], made["country_subdivision"]) == ("US", "US-CO")
    path = f"/v3/crud/contact/{made['id']}"
    answer = north.manager.patch(path, {"country_subdivision": "CA-ON"})
    assert fields_of(answer) == {"country_subdivision": ["It is no part of the country of this object."]}
    assert north.manager.patch(path, {"country": "CA", "country_subdivision": "CA-ON"}).status == 200
    assert north.manager.create("contact", country_subdivision="AZ-BAB")["country"] is None


def test_the_list_is_the_accounts(north: Party, south: Party, world: None, override: Any) -> None:
    override(north, "US", enable=False)
    override(north, "CA", hide=True)
    override(north, "ATL", name="Atlantis", code="ATL")
    for code, mine, theirs in (("US", 400, 201), ("CA", 400, 201), ("ATL", 201, 400), ("GB", 201, 201)):
        assert north.manager.post("/v3/crud/contact/", {"country": code}).status == mine, code
        assert south.manager.post("/v3/crud/contact/", {"country": code}).status == theirs, code


def test_odd_values_from_before_are_read_and_only_what_is_given_is_held(north: Party, world: None) -> None:
    with tenant(north.account.pk):
        odd = Contact(country="Atlantis", country_subdivision="Nowhere", time_zone="America/Denver")
        odd.save()
    path = f"/v3/crud/contact/{odd.id_random}"
    assert north.manager.get(path).data["country"] == "Atlantis"
    assert north.manager.search("contact", {"and": [{"field": "country", "op": "eq", "value": "Atlantis"}]}).ids == [
        odd.id_random
    ]
    assert north.manager.patch(path, {"city": "Berlin"}).status == 200
    assert north.manager.patch(path, {"country": "Atlantis"}).status == 400
    with pytest.raises(CommandError, match="2 codes are in no list"):
        call_command("check_lookups")
    assert north.manager.patch(path, {"country": "US", "country_subdivision": None}).status == 200
    call_command("check_lookups")


def test_empty_is_no_code(north: Party, world: None) -> None:
    made = north.manager.create("contact", country="", time_zone=None)
    assert (made["country"], made["time_zone"]) == ("", None)


def test_before_the_lists_are_loaded_the_sources_stand_in(north: Party) -> None:
    assert (
        north.manager.create("contact", country="fr", country_subdivision="fr-idf", time_zone="europe/paris")["country"]
        == "FR"
    )
    assert north.manager.post("/v3/crud/contact/", {"country": "Atlantis"}).status == 400


def test_a_spreadsheet_may_call_a_country_as_people_do(north: Party, world: None) -> None:
    rows = [("city", "country", "country_subdivision"), ("A", "USA", "Colorado"), ("B", "uk", ""), ("C", "US", "CO")]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    principal = Principal(Role.MANAGER, north.account.pk, north.id)
    with tenant(north.account.pk):
        plan = plan_import(registry["contact"], principal, io.BytesIO(text.getvalue().encode()), "x.csv")
        assert plan.errors == []
        plan.apply()
    stored = {
        row["city"]: (row["country"], row["country_subdivision"]) for row in north.manager.get("/v3/crud/contact/").data
    }
    assert stored == {"A": ("US", "US-CO"), "B": ("GB", None), "C": ("US", "US-CO")}


def test_staff_choose_from_the_list_or_type_a_name(north: Party, world: None) -> None:
    staff = Staff(north.users["manager"], frozenset()).sign_in()
    page = staff.get(url("contact", "add")).content.decode()
    assert 'list="country_codes"' in page
    assert '<option value="CI">Côte d&#x27;Ivoire</option>' in page
    made = staff.post(url("contact", "add"), {"city": "X", "country": "Ivory Coast", "enable": "on"})
    assert made.status_code == 302
    assert [row["country"] for row in north.manager.get("/v3/crud/contact/").data] == ["CI"]
    refused = staff.post(url("contact", "add"), {"city": "X", "country": "Atlantis", "enable": "on"})
    assert "Give a code of the lookup country." in refused.content.decode()


def test_the_schema_names_the_list(north: Party) -> None:
    described = {f["name"]: f["lookup"] for f in north.manager.get("/v3/crud/contact/schema").data["fields"]}
    assert {name: lookup for name, lookup in described.items() if lookup} == {
        "country": "country",
        "country_subdivision": "country_subdivision",
        "time_zone": "time_zone",
    }
    document = north.manager.get("/v3/schema/").body
    assert document["components"]["schemas"]["ContactUpdate"]["properties"]["country"]["x-aether-lookup"] == "country"


def test_a_list_that_nobody_has_is_refused_at_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(code_lists, "country")
    assert [problem.id for problem in check_object_types()] == ["crud.E014"]
