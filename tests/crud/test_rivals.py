"""Requests that change the same rows at the same time, in orders that lock each other out (abuse case WRT-10)."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Caller, Party
from tests.crud.threads import at_once, shared_database

CLIENTS = 8
ROUNDS = 12


@pytest.mark.django_db(transaction=True)
def test_bulk_writes_of_shared_rows_in_any_order_all_succeed(north: Party, tmp_path: Path) -> None:
    """Locks taken in different orders are deadlocks, of which more come than are worth running again."""
    caller: Caller = north.member
    shared = [caller.create("journal", name=f"shared {number}")["id"] for number in range(4)]

    def client(number: int) -> Callable[[], list[int]]:
        order = random.Random(number)

        def work() -> list[int]:
            statuses = []
            for turn in range(ROUNDS):
                ids = order.sample(shared, len(shared))
                name = f"{number} {turn}"
                body = {"update": [{"id": public_id, "name": name} for public_id in ids]}
                status = 429
                while status == 429:  # more at once than the account's share, on a machine that is slow: asked again
                    status = caller.post("/v3/crud/journal/bulk", body).status
                statuses.append(status)
            return statuses

        return work

    with shared_database(tmp_path) as connect:
        answered = at_once(connect, [client(number) for number in range(CLIENTS)])
        names = {caller.get(f"/v3/crud/journal/{public_id}").data["name"] for public_id in shared}
    assert [set(statuses) for statuses in answered] == [{200}] * CLIENTS
    assert len(names) == 1  # the last to commit wrote all four
