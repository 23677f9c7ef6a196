"""Counting guesses: before they are judged, for each secret and address, and not at all without the counter."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.cache import cache
from django_redis.exceptions import ConnectionInterrupted
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from accounts import throttles
from accounts.throttles import ATTEMPTS, LONGEST_WAIT, GuessLimit, count_request
from kernel.errors import Throttled, Unavailable
from tests.conftest import PASSWORD, Caller, Party


def seconds_of(attempt: Callable[[], None]) -> int:
    with pytest.raises(Throttled) as caught:
        attempt()
    assert (caught.value.http_status, caught.value.recoverable) == (429, True)
    return int(caught.value.headers["Retry-After"])


def test_five_and_no_more(guess_clock: Any) -> None:
    limit = GuessLimit("login", "ada", "192.0.2.1")
    for _ in range(ATTEMPTS):
        limit.attempt()
    assert seconds_of(limit.attempt) == 60
    guess_clock.shift(59)
    assert seconds_of(limit.attempt) <= 2
    guess_clock.shift(2)
    limit.attempt()


def test_the_window_does_not_slide_away_under_slow_guesses(guess_clock: Any) -> None:
    """Four a minute go on for ever; that is what five a minute means."""
    limit = GuessLimit("login", "ada", "192.0.2.1")
    for _ in range(10):
        for _ in range(4):
            limit.attempt()
        guess_clock.shift(61)


def test_each_lock_is_twice_as_long_up_to_an_hour(guess_clock: Any) -> None:
    limit = GuessLimit("passcode", "site", "192.0.2.1")
    waits = []
    for _ in range(9):
        for _ in range(ATTEMPTS):
            limit.attempt()
        waits.append(seconds_of(limit.attempt))
        guess_clock.shift(waits[-1] + 1)
    assert waits == [60, 120, 240, 480, 960, 1920, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]


def test_trying_while_locked_makes_it_no_longer(guess_clock: Any) -> None:
    limit = GuessLimit("login", "ada", "192.0.2.1")
    for _ in range(ATTEMPTS):
        limit.attempt()
    seconds_of(limit.attempt)
    for _ in range(50):
        assert seconds_of(limit.attempt) <= 61
    guess_clock.shift(61)
    limit.attempt()


@pytest.mark.parametrize(
    "other",
    [
        ("login", "ada", "192.0.2.2"),
        ("login", "bob", "192.0.2.1"),
        ("passcode", "ada", "192.0.2.1"),
        ("login", "ada192.0.2.1", ""),
        ("login", "", "ada\x00192.0.2.1"),
    ],
)
def test_others_are_not_locked_out(other: tuple[str, ...]) -> None:
    """Nor do parts that would join to the same text share a counter, but for NUL, which no name and no address holds."""
    limit = GuessLimit("login", "ada", "192.0.2.1")
    for _ in range(ATTEMPTS):
        limit.attempt()
    seconds_of(limit.attempt)
    if "\x00" not in "".join(other):
        GuessLimit(*other).attempt()


def test_what_is_counted_reaches_the_cache_as_a_digest_only() -> None:
    """ISO-23: nothing that a client wrote is part of a key."""
    hostile = ["a:b", "x\r\nFLUSHALL\r\n", "*", "{}", " ", "é" * 500, "\ud800"]
    for text in hostile:
        limit = GuessLimit("login", text, text)
        for key in (limit.count_key, limit.lock_key, limit.level_key):
            assert key.isascii()
            assert key.replace(":", "").isalnum()
            assert len(key) < 64
        limit.attempt()


def test_a_success_does_not_count_and_forgives_nothing() -> None:
    limit = GuessLimit("passcode", "site", "192.0.2.1")
    for _ in range(20):
        limit.attempt()
        limit.succeeded()
    for _ in range(ATTEMPTS):
        limit.attempt()
    seconds_of(limit.attempt)
    limit.succeeded()
    seconds_of(limit.attempt)


def test_many_at_once_count_as_many() -> None:
    """AUTN-14: no more than five get through to be judged, however they race."""

    def one(_: int) -> bool:
        try:
            GuessLimit("login", "ada", "192.0.2.1").attempt()
        except Throttled:
            return False
        return True

    with ThreadPoolExecutor(20) as pool:
        passed = sum(pool.map(one, range(60)))
    assert passed == ATTEMPTS


BREAKDOWNS = [
    ConnectionInterrupted(None),
    RedisConnectionError("refused"),
    RedisTimeoutError("slow"),
    OSError("no route"),
]


def break_cache(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*args: Any, **kwargs: Any) -> None:
        raise error

    for name in ("get", "set", "add", "incr", "decr", "delete", "delete_many"):
        monkeypatch.setattr(throttles.cache, name, fail, raising=False)


@pytest.mark.parametrize("error", BREAKDOWNS, ids=lambda error: type(error).__name__)
def test_without_its_counter_nobody_guesses(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    limit = GuessLimit("login", "ada", "192.0.2.1")
    break_cache(monkeypatch, error)
    with pytest.raises(Unavailable) as caught:
        limit.attempt()
    assert (caught.value.http_status, caught.value.recoverable) == (503, True)
    assert "Retry-After" in caught.value.headers
    limit.succeeded()  # a success is not undone by it


@pytest.mark.parametrize("error", BREAKDOWNS, ids=lambda error: type(error).__name__)
def test_signing_in_is_503_without_the_counter_and_the_rest_goes_on(
    north: Party, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    break_cache(monkeypatch, error)
    web = Caller({"x-aether-api-key": north.keys["publishable"]})
    for path, body in (
        ("/v3/auth/login", {"username": north.users["user"].username, "password": PASSWORD}),
        ("/api/authenticate_passcode", {"site_id": north.site.id_random, "passcode": "x" * 5}),
    ):
        answer = web.post(path, body)
        assert (answer.status, answer.meta["details"]["recoverable"]) == (503, True)
        assert str(error) not in str(answer.body)
    assert north.member.get("/v3/crud/journal/").status == 200


def test_a_keys_rate_counts_by_the_minute_and_by_key(guess_clock: Any) -> None:
    for _ in range(3):
        count_request("one", 3)
    assert seconds_of(lambda: count_request("one", 3)) == 60
    count_request("two", 3)
    guess_clock.shift(59)
    assert seconds_of(lambda: count_request("one", 3)) == 1
    guess_clock.shift(1)
    count_request("one", 3)


@pytest.mark.parametrize("error", BREAKDOWNS, ids=lambda error: type(error).__name__)
def test_a_keys_rate_is_the_processs_own_without_its_counter(
    monkeypatch: pytest.MonkeyPatch, guess_clock: Any, error: Exception
) -> None:
    break_cache(monkeypatch, error)
    for _ in range(10):
        count_request("one", 10)
    assert seconds_of(lambda: count_request("one", 10)) == 60


def test_the_cast_starts_with_an_empty_counter() -> None:
    cache.set("left_over", 1)
    cache.clear()
    assert cache.get("left_over") is None
