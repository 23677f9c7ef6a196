"""docs/migrating_from_v2.md: its table holds every old route, and what it says of them is so."""

from __future__ import annotations

import json
import re

import pytest

from aether.settings import ROOT
from crud.read.search.grammar import ALIASES, ALL_OPERATORS
from legacy.hits import LINES_A_MINUTE
from tests.conftest import Party
from tests.legacy.asking import journals, jp

PAGE = (ROOT / "docs/migrating_from_v2.md").read_text()
ROW = re.compile(r"^\| (?:`(\S+ \S+)`|–) \| `(\S+ \S+)` \| `(\S+ \S+)` \|$", re.MULTILINE)


@pytest.mark.django_db
def test_each_old_call_of_the_table_has_the_successor_beside_it(north: Party) -> None:
    rows = ROW.findall(PAGE)
    assert len(rows) == 8
    told = set()
    for v2, v1, v3 in rows:
        for old in filter(None, (v2, v1)):
            (own,) = journals(north.manager, "J")
            method, path = old.replace("{type}", "journal").replace("{id}", own).replace("{fqdn}", north.fqdn).split()
            body = {"name": "x"} if method in ("POST", "PATCH") else None
            answer = north.manager(method, path, body)
            assert answer.status in (200, 201), old
            successor = v3.split()[1].replace("{type}", "journal").replace("{id}", own)
            assert answer.headers["Link"].startswith(f"<{successor}>"), old
            told.add(re.sub(r"\?.*", "", old.split()[1]))
    assert told == {
        *(prefix + path for prefix in ("/crud", "/v2/crud") for path in ("/{type}", "/{type}/list", "/{type}/{id}")),
        "/crud/site/domain/{fqdn}",
        "/",
    }


@pytest.mark.django_db
def test_the_two_searches_of_the_example_find_the_same(north: Party) -> None:
    old = re.search(r"\?jp=(\{\"qry.*?\})\n```", PAGE, re.DOTALL)
    new = re.search(r"```http\nPOST (\S+)\n.*?\n\n(\{.*?\})\n```", PAGE, re.DOTALL)
    assert old
    assert new
    (journal,) = journals(north.manager, "J")
    for name in ("A", "B"):
        north.manager.create("journal_entry", name=name, journal_id=journal)
    found = north.manager.get("/v2/crud/journal_entry/list" + jp(json.loads(old[1].replace("nqOzejLCDXM", journal))))
    again = north.manager.post(new[1], json.loads(new[2].replace("nqOzejLCDXM", journal)))
    assert [row["name"] for row in found.data] == [row["name"] for row in again.data] == ["B", "A"]
    assert (found.meta["limit"], again.meta["limit"]) == (10, 10)


@pytest.mark.django_db
def test_the_operators_that_it_names_are_understood(north: Party) -> None:
    told = PAGE.split("SQL's spelling of it in any case:")[1].split("\n- ")[0]
    operators = re.findall(r"`([^`]+)`", told)
    assert len(operators) == 14
    for operator in operators:
        value = {"IN": ["a"], "NOT IN": ["a"], "BETWEEN": ["a", "b"], "IS NULL": True, "IS NOT NULL": True}.get(
            operator, "a"
        )
        for spelled in (operator, operator.lower()):
            condition = {"type": "AND", "field": "name", "operator": spelled, "value": value}
            assert north.manager.get("/v2/crud/journal/list" + jp([condition])).status == 200, spelled
    assert {"<>"} == {o for o in operators if o not in ALIASES and o.lower().replace(" ", "_") not in ALL_OPERATORS}


def test_the_numbers_that_it_names() -> None:
    assert f"at most {LINES_A_MINUTE} lines a minute" in PAGE
