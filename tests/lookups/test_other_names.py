"""Names that people use, on the whole list of countries."""

from __future__ import annotations

from collections import defaultdict

import pytest

from lookups import shelf
from lookups.folding import fold
from lookups.load import load
from lookups.lookup_types import TYPES
from lookups.other_names import COMMON
from tests.conftest import Caller
from tests.lookups.conftest import entries

CODES = {
    "USA": "US",
    "840": "US",
    "GBR": "GB",
    "UK": "GB",
    "U.K.": "GB",
    "Turkey": "TR",
    "Türkiye": "TR",
    "Russia": "RU",
    "Czech Republic": "CZ",
    "Ivory Coast": "CI",
    "4": "AF",
    "004": "AF",
    "South Korea": "KR",
    "Vietnam": "VN",
    "Republic of Korea": "KR",
    "Korea, Republic of": "KR",
    "Holland": "NL",
    "the netherlands": "NL",
    "Burma": "MM",
    "Swaziland": "SZ",
    "Cape Verde": "CV",
    "Macedonia": "MK",
    "DR Congo": "CD",
    "Congo": "CG",
    "Iran": "IR",
    "Syria": "SY",
    "Laos": "LA",
    "Moldova": "MD",
    "Tanzania": "TZ",
    "Palestine": "PS",
    "Vatican": "VA",
    "UAE": "AE",
    "United States of America": "US",
    "Federal Republic of Germany": "DE",
    "st. lucia": "LC",
    "Côte d’Ivoire": "CI",
}


@pytest.mark.django_db
def test_resolve_finds_what_people_write(visitor: Caller) -> None:
    shelf.forget()
    load(TYPES["country"], entries("country"))
    found = {q: visitor.get("/v3/lookup/country/resolve?q=" + q.replace(" ", "%20")).data for q in CODES}
    assert {q: row and row["code"] for q, row in found.items()} == CODES
    assert next(row["code"] for row in visitor.get("/v3/lookup/country/list?only_priority=true").data) == "AR"
    for nothing in ("Atlantis", "0", "00840", "US-", "%25", "U%20S"):
        assert visitor.get(f"/v3/lookup/country/resolve?q={nothing}").status == 404


def test_no_name_is_of_two_countries() -> None:
    codes = {entry.code for entry in entries("country")}
    assert codes >= COMMON.keys()
    owners = defaultdict(set)
    for code, names in COMMON.items():
        for name in names.split(", "):
            owners[fold(name)].add(code)
    for entry in entries("country"):
        for name in (entry.code, entry.facts["alpha_3"], entry.name):
            owners[fold(name)].add(entry.code)
    assert {name: found for name, found in owners.items() if len(found) > 1} == {}


@pytest.mark.django_db
def test_a_subdivision_is_found_by_the_end_of_its_code_within_its_country(visitor: Caller, world: None) -> None:
    def code(query: str) -> str | None:
        row = visitor.get(f"/v3/lookup/country_subdivision/resolve?{query}").data
        return row and row["code"]

    assert [code("q=co&country=US"), code("q=ON&country=CA"), code("q=co"), code("q=on&country=US")] == [
        "US-CO",
        "CA-ON",
        None,
        None,
    ]


@pytest.mark.django_db
def test_a_time_zone_is_found_by_its_city(visitor: Caller, world: None) -> None:
    assert visitor.get("/v3/lookup/time_zone/resolve?q=new%20york").data["code"] == "America/New_York"
