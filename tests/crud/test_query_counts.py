"""How many SQL statements each request costs, for every type and view: with one row and with three.

The numbers stand in query_counts.txt, so that a regression shows in the diff. To write them anew:
    AETHER_WRITE_QUERY_COUNTS=1 python -m pytest tests/crud/test_query_counts.py
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from crud.declare.object_type import children_of, registry
from crud.read.read_plan import view_names
from tenancy.principal import Role
from tests.conftest import Answer, Caller, Party
from tests.crud.examples import BY_BYPASS, Examples
from tests.crud.reading import statements

BASELINE = Path(__file__).with_name("query_counts.txt")
UNCREATABLE = {name for name, t in registry.items() if t.least_role("create") is Role.NOBODY}
UNCHANGEABLE = {name for name, t in registry.items() if t.least_role("update") is Role.NOBODY}


def baseline() -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for line in BASELINE.read_text().splitlines():
        name, *rest = line.split()
        counts[name] = {key: int(number) for key, _, number in (part.partition("=") for part in rest)}
    return counts


def count(expected: int, ask: Callable[[], Answer]) -> int:
    """The statements of a request whose plan and principal are known already."""
    assert ask().status == expected
    with statements() as sql:
        answer = ask()
    assert answer.status == expected, answer.body
    return len(sql)


def requests(type_name: str, caller: Caller, examples: Examples, public_id: str) -> dict[str, int]:
    """Name of a request → its statements, with as many rows as there are."""
    path = f"/v3/crud/{type_name}/"
    found = {}
    for view in view_names(registry[type_name]):
        found[f"list:{view}"] = count(200, partial(caller.get, f"{path}?view={view}"))
        found[f"get:{view}"] = count(200, partial(caller.get, f"{path}{public_id}?view={view}"))
    search = {"and": [{"field": "updated_on", "op": "gt", "value": "2000-01-01"}]}
    found["search"] = count(200, lambda: caller.search(type_name, search))
    found["total"] = count(200, lambda: caller.get(f"{path}?inc_total=true"))
    if registry[type_name].parents:
        parent = registry[type_name].related(registry[type_name].parents[0]).name
        nested = f"/v3/crud/{parent}/{examples.one(parent)}/{type_name}/"
        found["nested"] = count(200, lambda: caller.get(nested))
        found["nested_get"] = count(200, lambda: caller.get(f"{nested}{public_id}"))
    return found


def writes(type_name: str, caller: Caller, payload: Callable[[], Any], public_id: str) -> dict[str, int]:
    path = f"/v3/crud/{type_name}/"
    found = {}
    if type_name not in UNCREATABLE:
        bodies = iter([payload(), payload()])
        found["create"] = count(201, lambda: caller.post(path, next(bodies)))
    if type_name in UNCHANGEABLE:
        return found
    groups = iter(["a", "b"])
    found["patch"] = count(200, lambda: caller.patch(f"{path}{public_id}", {"group": next(groups)}))
    found["patch_same"] = count(200, lambda: caller.patch(f"{path}{public_id}", {"group": "b"}))
    return found


@pytest.mark.parametrize("type_name", sorted(registry))
def test_a_request_costs_what_the_baseline_says_with_one_row_and_with_three(
    type_name: str, north: Party, bypass: Caller
) -> None:
    examples = Examples(north)
    caller = bypass if type_name in BY_BYPASS else north.manager
    public_id = examples.one(type_name)
    with_one = requests(type_name, caller, examples, public_id)
    for _ in range(2):
        if type_name in BY_BYPASS:
            bypass.create(type_name, **examples.payload(type_name))
        else:
            examples.another(type_name)
    assert requests(type_name, caller, examples, public_id) == with_one
    found = with_one | writes(type_name, caller, lambda: examples.payload(type_name), public_id)
    if os.environ.get("AETHER_WRITE_QUERY_COUNTS"):
        write_down(type_name, found)
    assert found == baseline()[type_name]


def write_down(type_name: str, found: dict[str, int]) -> None:
    counts = (baseline() if BASELINE.exists() else {}) | {type_name: found}
    lines = [f"{name} " + " ".join(f"{key}={n}" for key, n in counts[name].items()) for name in sorted(counts)]
    BASELINE.write_text("\n".join(lines) + "\n")


def test_the_baseline_names_every_type_and_no_other() -> None:
    assert sorted(baseline()) == sorted(registry)


def test_children_are_counted_within_the_one_statement(north: Party) -> None:
    """The enriched view counts children in subqueries: as many statements as the default view."""
    examples = Examples(north)
    for type_name, object_type in registry.items():
        if object_type.counts:
            assert set(object_type.counts) <= set(children_of(object_type))
            counts = baseline()[type_name]
            assert counts["list:enriched"] == counts["list:default"]
    event = examples.one("event")
    for _ in range(3):
        examples.another("event_session")
    assert north.manager.get(f"/v3/crud/event/{event}?view=enriched").data["event_session_count"] == 3
