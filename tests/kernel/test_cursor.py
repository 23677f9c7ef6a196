"""Cursors: opaque, whole, ours, and for one order only."""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.cursor import decode, encode
from kernel.errors import Invalid
from tests.conftest import Party
from tests.crud.examples import Examples
from tests.crud.reading import prop

VALUES = st.lists(
    st.none() | st.text(max_size=20) | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
)


@prop(80)
@given(st.text(max_size=30), VALUES)
def test_what_was_put_in_comes_out(order: str, values: list[Any]) -> None:
    assert decode(order, encode(order, values)) == values


@prop(80)
@given(st.data())
def test_a_changed_cursor_is_refused(data: st.DataObject) -> None:
    whole = encode("journal:name", ["value", 7])
    sealed = bytearray(base64.urlsafe_b64decode(whole + "=" * (-len(whole) % 4)))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Invalid):
        decode("journal:name", base64.urlsafe_b64encode(bytes(sealed)).rstrip(b"=").decode())


@prop(120)
@given(st.text(max_size=60) | st.binary(max_size=80).map(lambda data: base64.urlsafe_b64encode(data).decode()))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        decode("journal:name", text)


def test_a_cursor_is_for_its_type_and_order() -> None:
    made = encode("journal:name", ["value", 7])
    for order in ("journal:-name", "journal:", "journal:name,id", "journal_entry:name", "journal:nam"):
        with pytest.raises(Invalid):
            decode(order, made)


def test_a_cursor_of_another_installation_is_refused(settings: Any) -> None:
    made = encode("journal:", [7])
    settings.SECRET_KEY = "another installation's key, long enough for Django's taste"
    with pytest.raises(Invalid):
        decode("journal:", made)


def test_it_tells_nobody_where_it_stands() -> None:
    cursors = [encode("journal:name", ["Zebra", number]) for number in range(12345, 12395)]
    for made in cursors:
        plain = base64.urlsafe_b64decode(made + "=" * (-len(made) % 4))
        assert b"Zebra" not in plain
        assert b"123" not in plain
    for one, following in pairwise(cursors):  # neighbours have no more in common than chance gives them
        assert sum(a == b for a, b in zip(one, following, strict=True)) < len(one) / 4


def test_the_same_place_has_the_same_cursor() -> None:
    assert encode("journal:name", ["x" * 500, 1]) == encode("journal:name", ["x" * 500, 1])


# --- over HTTP


def test_the_cursor_of_one_list_is_refused_by_others(north: Party) -> None:
    examples = Examples(north)
    for type_name in ("journal", "person"):
        for _ in range(2):
            examples.another(type_name)
    caller = north.member
    made = caller.get("/v3/crud/journal/?limit=1&order_by=name").meta["next_cursor"]
    assert caller.get(f"/v3/crud/journal/?limit=1&order_by=name&cursor={made}").status == 200
    for path in (
        f"journal/?order_by=-name&cursor={made}",
        f"journal/?cursor={made}",
        f"person/?order_by=name&cursor={made}",
        f"journal/?order_by=name&cursor={made[:-4]}",
        f"journal/?order_by=name&cursor={'B' if made[0] == 'A' else 'A'}{made[1:]}",
        f"journal/?order_by=name&cursor={made}&offset=1",
        "journal/?order_by=name&cursor=%00",
        "journal/?order_by=name&cursor=eyJpZCI6MX0",
        f"journal/?order_by=name&cursor={'A' * 9000}",
    ):
        refused = caller.get(f"/v3/crud/{path}")
        assert (refused.status, refused.error) == (400, ("validation", 400)), path


def test_a_cursor_shows_another_account_its_own_rows_only(north: Party, south: Party) -> None:
    for party in (north, south):
        for number in range(3):
            party.member.create("journal", name=f"{party.account.name} {number}")
    made = north.member.get("/v3/crud/journal/?limit=1&order_by=name").meta["next_cursor"]
    seen = south.member.get(f"/v3/crud/journal/?order_by=name&cursor={made}").data
    assert [row["name"] for row in seen] == ["South 0", "South 1", "South 2"]
