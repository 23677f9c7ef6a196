"""Every statement has a time limit (contract section 5): the dearest search that is allowed holds nobody up (SRCH-18)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection

from content.models import Journal, JournalEntry
from crud.read.search.grammar import MAX_CONDITIONS
from kernel.sqlite import time_limit
from tenancy.context import tenant
from tests.conftest import Party

LIMIT = 0.02
ROWS = 600
LENGTH = 6_000
DEAR = {"and": [{"field": "content", "op": "not_contains", "value": f"needle {n}"} for n in range(MAX_CONDITIONS)]}
"""No text has any of the needles, so each text is walked through for all of them."""


@contextmanager
def limited(settings: Any) -> Iterator[None]:
    """As AETHER_STATEMENT_TIMEOUT would set it, which takes whole seconds."""
    if connection.vendor != "mysql":
        settings.AETHER_STATEMENT_TIMEOUT = LIMIT
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@SESSION.max_statement_time")
        (before,) = cursor.fetchone()
        cursor.execute(f"SET SESSION max_statement_time = {LIMIT}")
        try:
            yield
        finally:
            cursor.execute(f"SET SESSION max_statement_time = {before}")


def test_a_search_that_takes_too_long_is_ended_and_the_next_one_answered(
    north: Party, south: Party, settings: Any
) -> None:
    with tenant(north.account.pk):
        journal = Journal(name="thick")
        journal.save()
        JournalEntry.objects.bulk_create(
            [JournalEntry(journal=journal, name=f"e{n}", content="lorem ipsum " * (LENGTH // 12)) for n in range(ROWS)]
        )
    with limited(settings):
        answer = north.member.search("journal_entry", DEAR, "?fields=name")
    assert (answer.status, answer.error) == (503, ("database_connection", 1969))
    assert answer.meta["details"]["recoverable"] is True
    assert int(answer.headers["Retry-After"]) > 0
    # The connection is as good as before, for this account and for others.
    cheap = {"and": [{"field": "name", "op": "eq", "value": "e1"}]}
    assert north.member.search("journal_entry", cheap).meta["count"] == 1
    assert south.member.search("journal_entry", cheap).meta["count"] == 0


def rows_of(sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


WALK = "SELECT like('%' || replace(hex(zeroblob(250)), '00', 'a_') || 'b%', replace(hex(zeroblob(500000)), '0', 'a'))"
SORT = """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
SELECT i FROM n ORDER BY (replace(hex(zeroblob(500)), '0', 'é') || i) COLLATE aether_text"""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="MariaDB's own functions look at the clock")
@pytest.mark.parametrize("sql", [WALK, SORT], ids=["looking through one text", "sorting long texts"])
def test_python_inside_a_statement_does_not_escape_it(db: None, settings: Any, sql: str) -> None:
    settings.AETHER_STATEMENT_TIMEOUT = LIMIT
    with time_limit(), pytest.raises(OperationalError, match="interrupted"):
        rows_of(sql)
    with connection.cursor() as cursor:
        cursor.execute("SELECT like('%B', 'ab')")
        assert cursor.fetchone() == (1,)


def test_a_pattern_has_a_bound(north: Party) -> None:
    for operator in ("like", "not_like", "contains", "not_contains", "starts_with", "ends_with"):
        search = {"and": [{"field": "name", "op": operator, "value": "x" * 1_001}]}
        answer = north.member.search("event", search)
        assert (answer.status, answer.meta["details"]["fields"]) == (
            400,
            {"name": [f"{operator} takes at most 1,000 characters."]},
        )
    assert north.member.get(f"/v3/crud/event/?name__contains={'x' * 1_001}").status == 400
