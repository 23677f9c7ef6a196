"""Idempotency-Key: a POST that is sent again has one effect and one answer."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import time_machine

from crud.models import IdempotentAnswer
from tests.conftest import Answer, Caller, Party
from tests.crud.examples import Examples
from tests.crud.threads import at_once, shared_database

PATH = "/v3/crud/journal/"


def send(caller: Caller, body: Any, key: str = "key-1", path: str = PATH, **headers: str) -> Answer:
    return caller.post(path, body, **{"idempotency-key": key} | headers)


def total(party: Party) -> int:
    number: int = party.member.get(f"{PATH}?inc_total=true&enabled=all&hidden=all").meta["total"]
    return number


def test_the_first_answer_is_given_again(north: Party) -> None:
    first = send(north.member, {"name": "x", "sort": 1})
    again = send(north.member, {"sort": 1, "name": "x"}, path=PATH.rstrip("/"))
    assert (first.status, again.status, total(north)) == (201, 201, 1)
    assert (again.data, again.headers["Location"]) == (first.data, first.headers["Location"])
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    north.member.patch(first.headers["Location"], {"name": "changed since"})
    assert send(north.member, {"name": "x", "sort": 1}).data == first.data


def test_another_body_is_refused(north: Party) -> None:
    send(north.member, {"name": "x"})
    for body in ({"name": "y"}, {"name": "x", "sort": None}, {"name": "X"}):
        refused = send(north.member, body)
        assert (refused.status, refused.error) == (400, ("validation", 400))
    assert send(north.member, {"name": "x"}, path=f"{PATH}?view=enriched").status == 400
    assert total(north) == 1


def test_a_key_belongs_to_who_sent_it_and_to_where(north: Party, south: Party) -> None:
    examples = Examples(north)
    answers = [
        send(north.member, {"name": "x"}),
        send(north.administrator, {"name": "x"}),
        send(south.member, {"name": "x"}),
        send(north.member, {"name": "x"}, key="KEY-1"),
        send(north.member, {"name": "x"}, path=f"/v3/crud/account/{north.id}/journal/"),
        send(north.member, {"create": [{"name": "x"}]}, path=f"{PATH}bulk"),
        send(north.member, {"name": "x"}, path=f"/v3/crud/journal/{examples.one('journal')}/entry/"),
    ]
    assert [answer.status for answer in answers] == [201, 201, 201, 201, 201, 200, 201]
    assert not any("Idempotent-Replayed" in answer.headers for answer in answers)
    assert len({answer.data["id"] for answer in answers if "id" in answer.data}) == 6


def test_a_failed_request_may_be_mended_and_sent_again(north: Party) -> None:
    assert send(north.member, {"name": None}).status == 400
    assert send(north.guest, {"name": "x"}).status == 403
    assert IdempotentAnswer.objects.count() == 0
    assert send(north.member, {"name": "x"}).status == 201
    assert total(north) == 1


def test_bulk_too(north: Party) -> None:
    body = {"create": [{"name": "a"}, {"name": "b"}]}
    first, again = (send(north.member, body, path=f"{PATH}bulk") for _ in range(2))
    assert first.data == again.data
    assert total(north) == 2


def test_after_a_day_the_key_is_free_again(north: Party) -> None:
    with time_machine.travel("2026-05-01T00:00:00Z", tick=False) as clock:
        first = send(north.member, {"name": "x"})
        clock.shift(24 * 3600)
        assert send(north.member, {"name": "x"}).data == first.data
        clock.shift(1)
        second = send(north.member, {"name": "y"})
        assert (second.status, total(north)) == (201, 2)


@pytest.mark.parametrize("key", ["k" * 256, "a\tb", "a\x00b", "\x7f"])
def test_odd_keys_are_refused(key: str, north: Party) -> None:
    assert send(north.member, {"name": "x"}, key=key).error == ("validation", 400)
    assert total(north) == 0


def test_a_change_that_is_sent_again_is_made_once(north: Party) -> None:
    made = send(north.member, {"name": "x"})
    path = made.headers["Location"]
    key = {"idempotency-key": "change-1"}
    guarded = key | {"if-match": made.headers["ETag"]}
    first = north.member.patch(path, {"name": "y"}, **guarded)
    assert (first.status, first.data["name"]) == (200, "y")
    north.member.patch(path, {"name": "changed since"})
    again = north.member.patch(path.rstrip("/"), {"name": "y"}, **guarded)
    assert (again.status, again.data, again.headers["ETag"]) == (200, first.data, first.headers["ETag"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert north.member.get(path).data["name"] == "changed since"
    assert north.member.patch(path, {"name": "z"}, **key).error == ("validation", 400)
    assert north.member.delete(path, **key).error == ("validation", 400)
    assert north.administrator.patch(path, {"name": "z"}, **key).data["name"] == "z"  # another caller's key


def test_a_delete_that_is_sent_again_has_the_same_answer(north: Party) -> None:
    path = send(north.member, {"name": "x"}).headers["Location"]
    key = {"idempotency-key": "end-1"}
    hidden = north.member.delete(path, **key)
    north.member.patch(path, {"hide": False})
    assert north.member.delete(path, **key).data == hidden.data
    assert north.member.get(path).data["hide"] is False
    assert north.administrator.delete(f"{path}?method=delete", **key).status == 200
    assert north.administrator.delete(f"{path}?method=delete", **key).data == {"id": hidden.data["id"]}
    assert north.administrator.delete(f"{path}?method=delete").status == 404


def test_what_was_refused_is_not_kept(north: Party) -> None:
    path = send(north.member, {"name": "x"}).headers["Location"]
    key = {"idempotency-key": "change-1"}
    assert north.member.patch(path, {"name": None}, **key).status == 400
    assert north.member.patch(path, {"name": "y"}, **key).data["name"] == "y"


def test_a_search_changes_nothing_and_so_has_none(north: Party) -> None:
    search = send(north.member, {"q": ""}, path=f"{PATH}search")
    assert search.status == 200
    assert len(send(north.member, {"q": "x"}, path=f"{PATH}search").data) == 0


@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_once_there_is_one_row_and_one_answer(north: Party, tmp_path: Path) -> None:
    with shared_database(tmp_path) as connect:
        for turn in range(3):
            answers = at_once(connect, [partial(send, north.member, {"name": f"j{turn}"}, f"key-{turn}")] * 4)
            assert [answer.status for answer in answers] == [201] * 4
            assert len({answer.data["id"] for answer in answers}) == 1
            assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 3
            assert total(north) == turn + 1
        mixed = at_once(connect, [partial(send, north.member, {"name": name}, "mixed") for name in ("a", "b")])
        assert sorted(answer.status for answer in mixed) == [201, 400]
        assert total(north) == 4
