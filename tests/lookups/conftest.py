"""A small world: some countries, subdivisions and zones as the sources have them, and what tests ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from lookups import shelf
from lookups.load import load
from lookups.lookup_types import TYPES
from lookups.sources import SOURCES, SourceEntry
from tests.conftest import Caller, Party

WORLD = {
    "country": {"US", "CA", "GB", "CI", "AX", "AZ"},
    "country_subdivision": {"US-CO", "US-NY", "CA-ON", "AZ-NX", "AZ-BAB"},
    "time_zone": {"America/Denver", "America/New_York", "Asia/Kolkata", "Asia/Calcutta", "UTC", "Etc/UTC"},
}


@cache
def entries(lu_type: str) -> list[SourceEntry]:
    return list(SOURCES[lu_type]())


@pytest.fixture(autouse=True)
def _forget_shelves() -> Iterator[None]:
    shelf.forget()
    yield
    shelf.forget()


@pytest.fixture
def world(db: None) -> None:
    """No row has priority: who shall be first, a test says itself."""
    for lu_type, codes in WORLD.items():
        load(TYPES[lu_type], [replace(entry, priority=False) for entry in entries(lu_type) if entry.code in codes])


@pytest.fixture
def listed() -> Callable[..., list[dict[str, Any]]]:
    """The rows of a list, which must succeed."""

    def ask(caller: Caller, query: str = "", lu_type: str = "country") -> list[dict[str, Any]]:
        answer = caller.get(f"/v3/lookup/{lu_type}/list{query}")
        assert answer.status == 200, answer.body
        rows: list[dict[str, Any]] = answer.data
        return rows

    return ask


@pytest.fixture
def override() -> Callable[..., dict[str, Any]]:
    """Make a row as the manager of a party."""

    def make(party: Party, group: str, lu_type: str = "country", **values: Any) -> dict[str, Any]:
        answer = party.manager.post(f"/v3/lookup/{lu_type}/", {"group": group, **values})
        assert answer.status == 201, answer.body
        row: dict[str, Any] = answer.data
        return row

    return make


@pytest.fixture
def journal_of() -> Callable[[Party], str]:
    """The id of a new journal."""
    return lambda party: party.manager.create("journal", name="Field notes")["id"]


@pytest.fixture
def policy() -> Callable[[Party, Any], str]:
    """Give the party's site a cfg_json; answers the site's id."""

    def give(party: Party, cfg_json: Any) -> str:
        site_id: str = party.site.id_random
        answer = party.manager.patch(f"/v3/crud/site/{site_id}", {"cfg_json": cfg_json})
        assert answer.status == 200, answer.body
        return site_id

    return give
