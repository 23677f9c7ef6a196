"""The numbered record of an account's changes: in memory, and in Redis where it serves the run."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.conf import settings as configured
from redis import Redis
from redis.exceptions import RedisError

from realtime import journal as journals
from realtime import publish
from realtime.journal import LOST, MemoryJournal, RedisJournal
from tests.background import wait_for

Make = Callable[..., Any]


@pytest.fixture(params=["memory", "redis"] if configured.REDIS_URL else ["memory"])
def make(request: Any) -> Make:
    """Makes empty journals of a kind."""
    if request.param == "memory":
        return MemoryJournal
    return lambda **limits: RedisJournal(configured.REDIS_URL, f"test:{secrets.token_hex(8)}:", **limits)


def read(journal: Any, *arguments: int) -> Any:
    async def reading() -> Any:
        try:
            part: Awaitable[Any] = journal.read(*arguments)
            return await part
        finally:
            for client in journals._clients.values():
                await client.aclose()
            journals._clients.clear()

    return asyncio.run(reading())


def test_entries_are_numbered_by_account_and_without_gaps(make: Make) -> None:
    journal = make()
    start = read(journal, 1, 2**53, 1).head
    assert start > 1_700_000_000_000_000
    journal.append(1, [b"a", b"b"])
    journal.append(2, [b"other"])
    journal.append(1, ["ä😀\x00".encode()])
    part = read(journal, 1, start, 10)
    assert part.entries == [(start + 1, b"a"), (start + 2, b"b"), (start + 3, "ä😀\x00".encode())]
    assert (part.head, part.follows(start)) == (start + 3, True)
    assert read(journal, 1, start + 1, 1).entries == [(start + 2, b"b")]
    end = read(journal, 1, start + 3, 10)
    assert (end.entries, end.follows(start + 3)) == ([], True)


def test_who_asks_for_what_is_gone_is_told(make: Make) -> None:
    journal = make(max_entries=100)
    start = read(journal, 1, 2**53, 1).head
    for _ in range(10):
        journal.append(1, [b"x"] * 100)
    assert not read(journal, 1, start, 10).follows(start)
    assert not read(journal, 1, start + 5_000, 10).follows(start + 5_000)
    assert read(journal, 1, start + 990, 10).follows(start + 990)


def test_what_is_too_old_is_gone(make: Make) -> None:
    journal = make(kept_seconds=0)
    start = read(journal, 1, 2**53, 1).head
    journal.append(1, [b"old"])
    wait_for(
        lambda: not (journal.append(1, [b"new"]) or read(journal, 1, start, 10).follows(start)), "the old one's end"
    )


def test_writers_at_once_get_numbers_of_their_own(make: Make) -> None:
    journal = make()
    start = read(journal, 7, 2**53, 1).head
    threads = [threading.Thread(target=lambda: [journal.append(7, [b"x", b"y"]) for _ in range(100)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    part = read(journal, 7, start, 5_000)
    assert [seq for seq, _ in part.entries] == list(range(start + 1, start + 1_601))


def test_a_change_that_was_lost_leaves_a_gap(make: Make) -> None:
    journal = make()
    start = read(journal, 1, 2**53, 1).head
    journal.append(1, [b"a", LOST, b"b"])
    assert not read(journal, 1, start, 10).follows(start)
    part = read(journal, 1, start + 2, 10)
    assert (part.entries, part.follows(start + 2)) == ([(start + 3, b"b")], True)
    journal.append(1, [LOST])
    assert not read(journal, 1, start + 3, 10).follows(start + 3)
    journal.append(1, [b"c"])
    assert read(journal, 1, start + 4, 10).entries == [(start + 5, b"c")]


@pytest.mark.skipif(not configured.REDIS_URL, reason="memory is lost with its process only")
class TestRedis:
    def test_begun_anew_it_counts_from_above(self) -> None:
        journal = RedisJournal(configured.REDIS_URL, f"test:{secrets.token_hex(8)}:")
        journal.append(1, [b"x"] * 3)
        before = read(journal, 1, 2**53, 1).head
        Redis.from_url(configured.REDIS_URL).delete(*journal._keys(1))
        journal.append(1, [b"y"])
        part = read(journal, 1, before, 10)
        assert part.head > before
        assert not part.follows(before)

    def test_two_installations_on_one_redis_never_meet(self, settings: Any) -> None:
        names = journals.names_prefix()
        settings.SECRET_KEY = "another installation's"
        assert journals.names_prefix() != names


class Away(RedisJournal):
    """A journal that fails until it is back."""

    def __init__(self) -> None:
        self.back = threading.Event()
        self.kept: list[tuple[int, bytes]] = []

    def append(self, account_id: int, entries: list[bytes]) -> None:
        if not self.back.is_set():
            raise RedisError
        self.kept += [(account_id, entry) for entry in entries]


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Away:
    journal = Away()
    monkeypatch.setattr(publish, "journal", lambda: journal)
    monkeypatch.setattr(publish, "RETRY_SECONDS", 0.01)
    return journal


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The entries of the change log that are said to be told."""
    keys: list[int] = []
    monkeypatch.setattr(
        publish.Outbox, "mark", lambda outbox: (keys.extend(outbox._published), outbox._published.clear())
    )
    return keys


def test_while_it_is_away_changes_wait_in_order_and_none_is_marked(away: Away, marked: list[int]) -> None:
    outbox = publish.Outbox()
    for number in range(50):
        outbox.put(publish.Parcel(number % 3, [str(number).encode()], [number]))
    outbox.close()
    assert (away.kept, marked) == ([], [])
    away.back.set()
    wait_for(lambda: len(marked) == 50, "fifty")
    outbox.put(publish.Parcel(1, [b"later"], [50]))
    wait_for(lambda: len(marked) == 51, "the last")
    for account in range(3):
        numbers = [str(number).encode() for number in range(account, 50, 3)] + [b"later"] * (account == 1)
        assert [entry for kept, entry in away.kept if kept == account] == numbers


def test_when_too_many_wait_they_are_left_to_be_found_in_the_change_log(
    away: Away, marked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publish, "MAX_WAITING", 10)
    outbox = publish.Outbox()
    for number in range(12):
        outbox.put(publish.Parcel(number % 2, [b"x"], [number]))
    away.back.set()
    wait_for(lambda: 11 in marked, "the last")
    assert 0 not in marked
