"""LEG-01: the contract's tests of isolation and of guests, asked once more through the old routes: isolation in V2,
guests in V1. One authorisation for all versions means that they pass as they are."""

from __future__ import annotations

import pytest

from tests.conftest import Caller
from tests.contract import test_guests
from tests.contract.conftest import (  # noqa: F401  (fixtures)
    Stage,
    _database,
    _stage_of_module,
    north,
    south,
    stage,
)
from tests.contract.test_guests import *  # noqa: F403
from tests.contract.test_isolation import *  # noqa: F403
from tests.legacy.speaking import Speaking

NO_OLD_ROUTE = (
    "test_the_public_types_are_the_contracts",
    "test_the_public_fields_are_those_decided_here",
    "test_guests_are_told_of_public_types_only",
    "test_the_schema_for_guests_has_no_private_field",
    "test_every_child_word_is_known_to_the_tests_of_guests",
    "test_a_bulk_with_one_foreign_id_writes_nothing_at_all",
    "test_the_comparison_of_all_tables_sees_a_change",
)
ABOUT_PLANS = (  # long, and about what lies behind V3's view
    "test_no_compiled_plan_serves_another_callers_rows",
    "test_in_every_order_of_callers_each_gets_their_own",
    "test_every_order_shows_own_rows_only",
    "test_what_only_south_holds_is_found_by_nobody_in_north",
    "test_relations_show_no_more_to_guests_than_the_related_type_does",
)
for name in (*NO_OLD_ROUTE, *ABOUT_PLANS):
    del globals()[name]


@pytest.fixture(autouse=True)
def speaking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Speaking:
    of_guests = request.function.__module__ == test_guests.__name__
    made = Speaking("/crud" if of_guests else "/v2/crud")
    monkeypatch.setattr(Caller, "__call__", made.wrap(Caller.__call__))
    return made


def test_these_tests_do_go_through_the_old_routes(stage: Stage, speaking: Speaking) -> None:  # noqa: F811
    manager, own = stage.caller("manager"), stage.north.id("journal_entry")
    payload = stage.north.payload("journal_entry")
    for send in (
        lambda: manager.get("/v3/crud/journal_entry/?order_by=-journal_id&view=enriched"),
        lambda: manager.search("journal_entry", {"and": [{"field": "journal.id", "op": "is_not_null"}]}),
        lambda: manager.get(f"/v3/crud/journal_entry/{own}/"),
        lambda: manager.patch(f"/v3/crud/journal_entry/{own}", {"name": "x"}),
        lambda: manager.post("/v3/crud/journal_entry/", payload),
        lambda: manager.delete(f"/v3/crud/journal_entry/{own}"),
    ):
        before = speaking.spoken
        answer = send()
        assert answer.status in (200, 201), answer.body
        assert (speaking.spoken, "Deprecation" in answer.headers) == (before + 1, True)
        rows = answer.data if isinstance(answer.data, list) else [answer.data]
        assert b"journal_id_random" in answer.raw.content
        assert rows[0]["journal_id"] == stage.north.id("journal")
