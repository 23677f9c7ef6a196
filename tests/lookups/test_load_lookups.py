"""The command, with the whole of the sources."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from lookups.lookup_types import TYPES
from lookups.sources import SOURCES

pytestmark = pytest.mark.django_db


def run(capsys, *arguments):
    said = io.StringIO()
    call_command("load_lookups", *arguments, stderr=said)
    assert capsys.readouterr().out == ""
    return said.getvalue().splitlines()


def stored():
    return {name: TYPES[name].model.objects.count() for name in TYPES}


def test_load_twice(capsys, visitor):
    sizes = {name: len(list(source())) for name, source in SOURCES.items()}
    foretold = run(capsys, "--dry-run")
    assert foretold[-1] == f"Would write {sum(sizes.values()):,} rows. Nothing was written."
    assert stored() == dict.fromkeys(TYPES, 0)
    said = run(capsys)
    assert said == foretold[:-1]
    assert said[0] == "country: 249 made, 0 changed, 0 disabled, 0 enabled again"
    assert stored() == sizes
    assert run(capsys) == ["Lookups: everything is there."]
    assert visitor.get("/v3/lookup/country_subdivision/list").meta["count"] == sizes["country_subdivision"]
    assert visitor.get("/v3/lookup/time_zone/resolve?q=us/eastern").data["link_to"] == "America/New_York"


def test_a_broken_source_is_an_error(capsys, monkeypatch):
    monkeypatch.setitem(SOURCES, "country", lambda: iter(()))
    with pytest.raises(CommandError, match="country: the source has 0 entries"):
        call_command("load_lookups")
    assert stored() == dict.fromkeys(TYPES, 0)
