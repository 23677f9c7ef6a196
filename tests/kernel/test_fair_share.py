"""How much one account may have at once: its share always, more while nobody else is about, and then a short wait."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse

from kernel import fair_share
from kernel.errors import Throttled
from kernel.fair_share import Lane, Place, lanes
from tests.background import wait_for


def take(lane: Lane, owner: str, count: int = 1) -> list[Place]:
    places = [Place(owner) for _ in range(count)]
    for place in places:
        place.enter(lane)
    return places


def is_refused(lane: Lane, owner: str) -> bool:
    with pytest.raises(Throttled) as caught:
        Place(owner).enter(lane)
    return (caught.value.headers["Retry-After"], caught.value.details()["reason"]) == ("1", "busy")


@pytest.fixture
def lane() -> Lane:
    return lanes(8, 0.5)[0]


def test_alone_an_account_has_all_threads_but_one(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_share, "LONGEST_WAIT", 0.01)
    held = take(lane, "a", 7)
    assert is_refused(lane, "a")
    held.pop().leave()
    assert take(lane, "a")


def test_with_others_about_it_is_held_to_its_share(lane: Lane) -> None:
    take(lane, "b")[0].leave()
    held = take(lane, "a", 4)
    assert is_refused(lane, "a")
    held[0].leave()
    assert take(lane, "a")


def test_whoever_is_under_their_share_is_never_refused(lane: Lane) -> None:
    held = take(lane, "a", 7)
    held += take(lane, "b", 4) + take(lane, "c", 4)
    assert is_refused(lane, "b")


@pytest.mark.parametrize(("threads", "share"), [(1, 0.5), (2, 0.1), (256, 0.1)])
def test_everybody_gets_at_least_one(threads: int, share: float) -> None:
    for lane in lanes(threads, share):
        assert take(lane, "a") + take(lane, "b")


def test_a_whole_share_holds_nobody_back() -> None:
    for lane in lanes(2, 1.0):
        take(lane, "b", 2)
        take(lane, "a", 2)


def test_who_waits_goes_on_in_order_when_their_own_work_ends(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LONGEST_WAIT", "SHORT_WAIT", "SHORTEST_WAIT"):
        monkeypatch.setattr(fair_share, name, 60.0)
    take(lane, "b")[0].leave()
    held, order = take(lane, "a", 4), []

    def come(number: int) -> None:
        Place("a").enter(lane)
        order.append(number)

    with ThreadPoolExecutor(3) as pool:
        coming = []
        for number in range(3):
            coming.append(pool.submit(come, number))
            wait_for(lambda: lane._waiting == number + 1, "its turn")  # noqa: B023
        for place in held:
            take(lane, "c")[0].leave()  # another one passes by
            place.leave()
            wait_for(lambda: lane._waiting + len(order) == 3, "one of them")
        assert [future.result(60) for future in coming] == [None, None, None]
    assert order == [0, 1, 2]


def test_dear_work_has_fewer_threads_and_everybody_one_of_them() -> None:
    _, dear = lanes(8, 0.5)
    take(dear, "a")[0].leave()
    held = take(dear, "b", 2)
    assert is_refused(dear, "b")
    held += take(dear, "a", 2) + take(dear, "c")
    assert is_refused(dear, "c")
    assert take(dear, "d")


@pytest.mark.django_db
def test_a_place_is_held_until_the_answer_is_sent() -> None:
    lane = lanes(1, 0.5)[0]

    def held_after(answer: Any) -> bool:
        [place] = take(lane, "a")
        place.leave_after(answer)
        return lane._total == 1

    streamed = StreamingHttpResponse(iter([b"x"]))
    assert held_after(streamed)
    streamed.close()
    assert lane._total == 0
    assert not held_after(HttpResponse())
    assert not held_after(None)  # it failed


def test_a_server_that_forgets_to_close_an_answer_costs_no_place() -> None:
    lane = lanes(1, 0.5)[0]
    answer: Any = StreamingHttpResponse(iter([b"x"]))
    [place] = take(lane, "a")
    place.leave_after(answer)
    del place, answer
    assert lane._total == 0


def test_a_request_enters_a_lane_once() -> None:
    lane = lanes(4, 0.5)[0]
    [place] = take(lane, "a")
    leaves: list[Callable[[], None]] = [place.leave, place.leave]
    place.enter(lane)
    assert lane._total == 1
    for leave in leaves:
        leave()
    assert lane._total == 0
