"""Tokens by themselves; what a client does with them is in tests/contract/authentication/."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import tokens
from accounts.tokens import Use
from kernel.errors import Unauthenticated

HOUR = timedelta(hours=1)
EVERY_USE = frozenset(Use)


def refused(token: str, uses: frozenset[Use] = EVERY_USE) -> None:
    with pytest.raises(Unauthenticated) as caught:
        tokens.read(token, uses)
    assert caught.value.message == "The token is not valid."


def test_what_is_made_is_read() -> None:
    token, expires_on = tokens.make(Use.GUEST, "guest", HOUR, account="abc", site=None)
    claims = tokens.read(token, frozenset({Use.GUEST}))
    assert {name: claims[name] for name in ("sub", "use", "account")} == {
        "sub": "guest",
        "use": "guest",
        "account": "abc",
    }
    assert "site" not in claims
    assert set(tokens.REQUIRED) <= set(claims)
    assert claims["exp"] == int(expires_on.timestamp())
    assert len(token) < tokens.MAX_LENGTH


@pytest.mark.parametrize("use", Use)
def test_a_token_is_for_its_use_only(use: Use) -> None:
    token, _ = tokens.make(use, "x", HOUR)
    assert tokens.read(token, frozenset({use}))["use"] == use
    refused(token, EVERY_USE - {use})
    refused(token, frozenset())


def test_refreshing_is_no_way_in() -> None:
    assert Use.REFRESH not in tokens.ENTRANCE


def test_a_token_lives_as_long_as_it_says_and_the_leeway() -> None:
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        token, expires_on = tokens.make(Use.ACCESS, "x", HOUR)
        assert expires_on == datetime(2026, 5, 1, 13, tzinfo=UTC)
        clock.shift(HOUR + timedelta(seconds=tokens.LEEWAY - 1))
        assert tokens.read(token, EVERY_USE)["sub"] == "x"
        clock.shift(2)
        refused(token)


def test_a_token_of_a_clock_that_is_ahead_waits() -> None:
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False) as clock:
        token, _ = tokens.make(Use.ACCESS, "x", HOUR)
        clock.shift(-timedelta(seconds=tokens.LEEWAY - 1))
        assert tokens.read(token, EVERY_USE)
        clock.shift(-60)
        refused(token)


def test_two_tokens_are_never_the_same() -> None:
    made = {tokens.make(Use.ACCESS, "x", HOUR)[0] for _ in range(20)}
    assert len(made) == 20


def test_the_first_key_signs_and_all_verify(settings: Any) -> None:
    settings.AETHER_API_JWT_PREVIOUS_KEYS = ["p" * 40, "q" * 40]
    old = [jwt.encode(claims(), key, "HS256", headers={"kid": kid}) for kid, key in tokens.keys().items()]
    assert [tokens.read(token, EVERY_USE)["sub"] for token in old] == ["x", "x", "x"]
    token, _ = tokens.make(Use.ACCESS, "x", HOUR)
    assert jwt.get_unverified_header(token)["kid"] == next(iter(tokens.keys()))
    settings.AETHER_API_JWT_PREVIOUS_KEYS = ["q" * 40]
    assert tokens.read(old[2], EVERY_USE)
    refused(old[1])


def test_a_kid_does_not_lend_its_key_to_another() -> None:
    """The key is chosen by kid and then must fit; a list of keys is never tried through."""
    for kid in list(tokens.keys()):  # a function, and a mapping behind it
        refused(jwt.encode(claims(), "s" * 40, "HS256", headers={"kid": kid}))


def test_the_kid_tells_nothing_of_the_key() -> None:
    for kid, key in tokens.keys().items():
        assert kid not in key
        assert key not in kid


def claims() -> dict[str, Any]:
    token, _ = tokens.make(Use.ACCESS, "x", HOUR)
    found: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    return found


@given(st.text(max_size=200) | st.from_regex(r"[\w-]{0,60}\.[\w-]{0,60}\.[\w-]{0,60}", fullmatch=True))
def test_no_text_is_a_token(text: str) -> None:
    refused(text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.data())
def test_one_letter_changed_and_it_is_none(data: st.DataObject) -> None:
    token, _ = tokens.make(Use.ACCESS, "x", HOUR)
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCXYZabcxyz0189-_.= !\n"))
    changed = token[:at] + letter + token[at + 1 :]
    if changed != token:
        refused(changed)
    refused(token[:at] + letter + token[at:])
