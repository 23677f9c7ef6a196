"""The document says what the paths take and answer."""

from __future__ import annotations

import pytest

import aether.urls  # noqa: F401  (the paths describe themselves when they are routed)
from crud.describe.openapi import document
from lookups.lookup_types import TYPES
from lookups.questions import LIST, RESOLVE


def parameters(path, method="get"):
    return {p["name"] for p in document()["paths"][path][method]["parameters"] if "name" in p}


@pytest.mark.parametrize("lu_type", list(TYPES))
def test_parameters(lu_type):
    own = {"country"} if lu_type == "country_subdivision" else set()
    assert parameters(f"/v3/lookup/{lu_type}/list") == LIST | own
    assert parameters(f"/v3/lookup/{lu_type}/resolve") == RESOLVE | own


@pytest.mark.usefixtures("world")
@pytest.mark.parametrize("lu_type", list(TYPES))
def test_rows_are_as_described(lu_type, visitor):
    path = f"/v3/lookup/{lu_type}/list"
    answer = document()["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]
    described = set(answer["schema"]["properties"]["data"]["items"]["properties"])
    assert set(visitor.get(f"{path}?include_disabled=true").data[0]) == described
