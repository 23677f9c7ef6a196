"""What the sources bring: all of it."""

from __future__ import annotations

from collections import Counter
from zoneinfo import ZoneInfo, available_timezones

import pytest

from kernel.ids import is_id
from lookups.lookup_types import TYPES
from lookups.sources import SOURCES, stable_id
from tests.lookups.conftest import entries


def test_how_many_there_are():
    assert len(entries("country")) == 249
    assert len(entries("country_subdivision")) > 5_000
    assert list(SOURCES) == list(TYPES)


def test_every_zone_and_link_of_the_tz_database():
    codes = {entry.code for entry in entries("time_zone")}
    assert available_timezones() - codes <= {"localtime"}  # what this very server calls its own
    assert {"America/New_York", "US/Eastern", "UTC", "Etc/GMT+12", "Asia/Calcutta"} <= codes


def test_links_lead_to_zones_that_keep_the_same_time():
    by_code = {entry.code: entry.facts["link_to"] for entry in entries("time_zone")}
    links = {code: target for code, target in by_code.items() if target}
    assert links["US/Eastern"] == "America/New_York"
    assert len(links) > 200
    assert [target for target in links.values() if by_code[target] is not None] == []
    assert ZoneInfo("US/Eastern").utcoffset(None) == ZoneInfo(links["US/Eastern"]).utcoffset(None)


def test_common_zones_have_priority():
    first = {entry.code for entry in entries("time_zone") if entry.priority}
    assert {"America/New_York", "Europe/London", "Asia/Tokyo", "Asia/Kolkata"} <= first
    assert 50 < len(first) < 150


def test_countries_have_their_common_names():
    names = {entry.code: entry.name for entry in entries("country")}
    assert (names["TW"], names["BO"], names["US"]) == ("Taiwan", "Bolivia", "United States")


def test_subdivisions_belong_to_countries_and_to_each_other():
    countries = {entry.code for entry in entries("country")}
    parts = {entry.code: entry for entry in entries("country_subdivision")}
    assert {entry.facts["country_group"] for entry in parts.values()} <= countries
    assert {entry.facts["parent_group"] for entry in parts.values()} - {None} <= set(parts)


@pytest.mark.parametrize("lu_type", list(SOURCES))
def test_codes_and_ids_are_unique_and_fit_their_columns(lu_type):
    model = TYPES[lu_type].model
    codes = Counter(entry.code.casefold() for entry in entries(lu_type))
    ids = Counter(stable_id(lu_type, entry.code) for entry in entries(lu_type))
    assert max(codes.values()) == max(ids.values()) == 1
    assert [public_id for public_id in ids if not is_id(public_id) or public_id[0] in "-_"] == []
    for entry in entries(lu_type):
        model(id_random="AAAAAAAAAAA", group=entry.code, code=entry.code, name=entry.name, place="x", **entry.facts)
        for name, value in {"code": entry.code, "name": entry.name, **entry.facts}.items():
            if value is not None:
                model._meta.get_field(name).run_validators(value)
