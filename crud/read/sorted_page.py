"""Pages in an order that no index holds, of an account with many rows.

All its rows have to be looked at to sort them. So their keys alone are sorted, and those of the next pages are kept for
a while: the cursor says where they are kept, and a page after it costs what a page costs. Whatever is lost on the way
(the cache forgets, another question comes with the cursor) is sorted again, from the place that the cursor names.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from array import array
from base64 import b64decode, b64encode
from typing import Any, Final

from django.core.cache import cache

from crud.declare.indexes import order_is_indexed
from crud.declare.object_type import registry
from crud.read.account_size import MOST, rows_of_account
from crud.read.read_plan import Read, bind, by_keys, plan
from crud.read.search.compiler import padded_length
from kernel.cache_errors import CACHE_ERRORS
from kernel.errors import Invalid
from kernel.statement import execute
from tenancy.context import current_scope

log = logging.getLogger("crud.sorted_page")
FEW: Final = 2_000
"""So many rows are sorted as they are read."""
KEPT: Final = 10_000
"""Keys of one sort."""
KEPT_SECONDS: Final = 600
Rows = list[tuple[Any, ...]]


def needs_sorting(read: Read) -> bool:
    """Whether it is worth the trouble: no index has the order, and the account has many rows."""
    if not read.order or read.relevance_slot >= 0:
        return False
    object_type = registry[read.type_name]
    return not order_is_indexed(object_type, read.order) and rows_of_account(object_type) > FEW


def demand_sortable(read: Read, values: list[Any]) -> None:
    """Raises Invalid where more than MOST rows would have to be sorted."""
    object_type = registry[read.type_name]
    if rows_of_account(object_type) <= MOST:
        return
    counted = plan(read._replace(only="keys", order=(), fields=None, includes=(), view="default"))
    if not counted.sql:
        return
    sql = f"SELECT COUNT(*) FROM ({counted.sql} LIMIT {MOST + 1}) counted"  # noqa: S608  (around a plan's own text)
    if execute(sql, bind(counted.params, values))[0][0] > MOST:
        indexed = [n for n in object_type.fields if order_is_indexed(object_type, [(n, False)])]
        names = ", ".join(name for name, _ in read.order)
        raise Invalid.field(
            "order_by",
            f"More than {MOST:,} rows can't be sorted by {names}, which is not indexed. "
            f"Narrow the list, or sort by one of: {', '.join(indexed)}.",
        )


def sorted_keys(read: Read, values: list[Any], count: int, offset: int = 0) -> list[int]:
    """The first keys in order; `read` may begin after a cursor."""
    keys = plan(read._replace(only="keys", fields=None, includes=(), view="default"))
    if not keys.sql:
        return []
    rows = execute(f"{keys.sql} LIMIT {count} OFFSET {offset}", bind(keys.params, values))
    return [row[0] for row in rows]


def rows_with_keys(read: Read, values: list[Any], keys: list[int]) -> Rows:
    """The rows that have these keys and still match, in the order of the keys."""
    if not keys:
        return []
    padded = keys + keys[-1:] * (padded_length(len(keys)) - len(keys))
    compiled = plan(by_keys(read, len(padded), behind=len(values)))
    rows = execute(compiled.sql, bind(compiled.params, [*values, *padded])) if compiled.sql else []
    place = {key: number for number, key in enumerate(keys)}
    return sorted(rows, key=lambda row: place[row[compiled.key_index]])


class KeptKeys:
    """The keys of one sort, in the cache, and where a cursor stands in them."""

    def __init__(self, token: str, place: int, keys: list[int]) -> None:
        self.token = token
        self.place = place
        self.keys = keys

    @classmethod
    def keep(cls, read: Read, values: list[Any], keys: list[int]) -> KeptKeys:
        entry = cls(secrets.token_urlsafe(12), 0, keys)
        packed = b64encode(array("q", keys).tobytes()).decode()
        try:
            cache.set(f"sorted:{entry.token}", [_question(read, values), packed], KEPT_SECONDS)
        except CACHE_ERRORS as error:  # that costs another sort, no answer
            log.warning("sorted keys were not kept: %s", type(error).__name__)
        return entry

    @classmethod
    def find(cls, read: Read, values: list[Any], token: Any, place: Any) -> KeptKeys | None:
        """None when they are gone, or were the answer to another question."""
        try:
            question, packed = cache.get(f"sorted:{token}") or ("", "")
        except CACHE_ERRORS as error:
            log.warning("sorted keys were not looked for: %s", type(error).__name__)
            return None
        if question != _question(read, values):
            return None
        keys = array("q")
        keys.frombytes(b64decode(packed))
        return cls(token, place, keys.tolist())

    @property
    def is_whole(self) -> bool:
        """Whether no row lies behind them, unless it came since."""
        return len(self.keys) < KEPT

    def page(self, read: Read, values: list[Any], limit: int) -> Rows:
        """The next rows, and one more if there is one. Those that are gone since are made up for by the ones behind."""
        rows: Rows = []
        while len(rows) <= limit and self.place < len(self.keys):
            some = self.keys[self.place : self.place + limit + 1 - len(rows)]
            rows += rows_with_keys(read, values, some)
            self.place += len(some)
        return rows


def _question(read: Read, values: list[Any]) -> str:
    """What the keys are the answer to; not in which columns the rows are shown."""
    question = (read.type_name, read.access, read.shape, read.order, values, current_scope())
    return hashlib.blake2b(repr(question).encode(), digest_size=16).hexdigest()


def sorted_rows(
    query: tuple[Read, list[Any]], behind: tuple[Read, list[Any]], kept_at: list[Any], limit: int, offset: int
) -> tuple[Rows, list[Any] | None]:
    """The rows of a page, and one more if there is one, and where a cursor finds the next keys; None where more rows
    lie behind those that were kept. `behind`: what is asked for, as it goes on after the cursor. Raises Invalid."""
    sorting = KeptKeys.find(*query, *kept_at) if kept_at else None
    rows = sorting.page(*query, limit) if sorting else []
    if sorting is None or not (rows or sorting.is_whole):
        demand_sortable(*behind)
        keys = sorted_keys(*behind, max(KEPT, limit + 1), offset)
        sorting = KeptKeys.keep(*query, keys) if len(keys) > limit + 1 else KeptKeys("", 0, keys)
        rows = sorting.page(*query, limit)
    if len(rows) > limit:
        return rows, [sorting.token, sorting.place - 1] if sorting.token else []
    return rows, [] if sorting.is_whole else None
