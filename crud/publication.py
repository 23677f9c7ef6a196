"""Which entries of the change log were published: told to those who listen. The mark is written with the entry, and
taken away once that is done; what keeps it was committed by a process that died, or that never heard the reply to its
COMMIT."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.conf import settings
from django.db import connection

MARKED_AT_ONCE = 1_000
UNPUBLISHED_AT_ONCE = 10_000


class Publisher(IntEnum):
    """Who publishes an entry that is marked with it."""

    ANY = 1
    """Any process, through Redis."""
    SERVER = 2
    """Without Redis, the one process that serves."""


class _Marking:
    needed = True


def publish_within_process() -> None:
    """Said by a process that publishes all its changes itself, in its memory: what it forgets when it ends, nobody
    waits for any more. Its entries need no mark."""
    _Marking.needed = False


def _publisher() -> int:
    return (Publisher.ANY if settings.REDIS_URL else Publisher.SERVER).value


def mark() -> int | None:
    """What a new entry says."""
    return _publisher() if _Marking.needed else None


def mark_published(entries: Sequence[int]) -> None:
    """Of entries of the change log: whoever listens was told, or was told that something is missing."""
    for start in range(0, len(entries), MARKED_AT_ONCE):
        some = entries[start : start + MARKED_AT_ONCE]
        places = ", ".join(["%s"] * len(some))
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE change_log SET unpublished = NULL WHERE id IN ({places})", list(some))  # noqa: S608


def unpublished_entries(account_id: int | None = None, before: datetime | None = None) -> list[tuple[int, int]]:
    """The oldest that this process and its like should have published, and did not yet, as far as they are committed:
    (key, account), of one account or of all, written before a moment or at any. Those of the last half second are on
    their way."""
    values: list[Any] = [_publisher()]
    sql = "SELECT id, account_id FROM change_log WHERE unpublished = %s"
    if account_id is not None:
        sql, values = f"{sql} AND account_id = %s", [*values, account_id]
    if before is not None:
        sql, values = f"{sql} AND created_on < %s", [*values, before.replace(tzinfo=None).isoformat(" ")]
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY id LIMIT {UNPUBLISHED_AT_ONCE}", values)
        return list(cursor.fetchall())
