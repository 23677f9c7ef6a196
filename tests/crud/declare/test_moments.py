"""Times as the clocks of the account show them, and days that stand for all their time; at every door that takes one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from crud.declare.moments import end_of, moment_of, start_of
from tenancy.context import every_tenant
from tests.conftest import Caller, Party
from tests.crud.examples import Examples

DENVER = "America/Denver"


@pytest.fixture
def denver(north: Party) -> Party:
    with every_tenant(reason="a party's account"):
        north.account.time_zone = DENVER
        north.account.save()
    return north


def session(party: Party, **values: Any) -> Any:
    return party.manager.post(
        "/v3/crud/event_session/", {"event_id": Examples(party).one("event"), "name": "s", **values}
    )


def test_a_time_that_the_clocks_skip_is_refused_by_name(denver: Party) -> None:
    for name in ("start_datetime", "end_datetime"):
        answer = session(denver, **{name: "2027-03-14T02:30"})
        assert answer.error == ("validation", 400)
        assert list(answer.body["meta"]["details"]["fields"]) == [name]
        assert "skip 2027-03-14 02:30" in answer.body["meta"]["status_message"]
    made = session(denver, start_datetime="2027-03-14T01:59:59", end_datetime="2027-03-14T03:00")
    assert (made.data["start_datetime"], made.data["end_datetime"]) == ("2027-03-14T08:59:59Z", "2027-03-14T09:00:00Z")
    assert "warnings" not in made.meta
    path = f"/v3/crud/event_session/{made.data['id']}"
    assert denver.manager.patch(path, {"end_datetime": "2027-03-14 02:00"}).status == 400
    assert denver.manager.patch(path, {"end_datetime": "2027-03-14T02:30-07:00"}).status == 200
    bulk = denver.manager.post(
        "/v3/crud/event_session/bulk", {"update": [{"id": made.data["id"], "end_datetime": "2027-03-14T02:30"}]}
    )
    assert (bulk.status, bulk.body["meta"]["details"]["row"]) == (400, {"section": "update", "index": 0})
    condition = {"and": [{"field": "start_datetime", "op": "lt", "value": "2027-03-14T02:30"}]}
    assert denver.manager.search("event_session", condition).status == 400
    assert denver.manager.get("/v3/crud/event_session/?start_datetime__lt=2027-03-14T02:30").status == 400


def test_a_time_that_comes_twice_is_the_first_and_said(denver: Party) -> None:
    made = session(denver, start_datetime="2027-11-07T01:30", end_datetime="2027-11-07T01:30-07:00")
    assert (made.data["start_datetime"], made.data["end_datetime"]) == ("2027-11-07T07:30:00Z", "2027-11-07T08:30:00Z")
    [warning] = made.meta["warnings"]
    assert warning.startswith("start_datetime: the clocks of America/Denver show 2027-11-07 01:30 twice")


def test_where_midnight_is_skipped_the_day_begins_later() -> None:
    with pytest.raises(ValidationError):
        moment_of(datetime.fromisoformat("2027-09-05T00:30"), "America/Santiago")
    assert start_of(date(2027, 9, 5), "America/Santiago").isoformat() == "2027-09-05T04:00:00+00:00"
    assert end_of(date(9999, 12, 31), "UTC").year == 9999


@pytest.fixture
def days(denver: Party) -> dict[str, str]:
    """Sessions at the ends of days in Denver, id → name."""
    starts = ["05-05T12:00", "05-06T00:00", "05-06T12:00", "05-06T23:59:59.999999", "05-07T00:00", "05-07T12:00"]
    return {session(denver, start_datetime=f"2031-{start}").data["id"]: start for start in starts}


FIFTH, SIXTH, SEVENTH = (
    {"05-05T12:00"},
    {"05-06T00:00", "05-06T12:00", "05-06T23:59:59.999999"},
    {"05-07T00:00", "05-07T12:00"},
)


@pytest.mark.parametrize(
    ("op", "value", "found"),
    [
        ("lte", "2031-05-06", FIFTH | SIXTH),
        ("lt", "2031-05-06", FIFTH),
        ("gte", "2031-05-06", SIXTH | SEVENTH),
        ("gt", "2031-05-06", SEVENTH),
        ("eq", "2031-05-06", SIXTH),
        ("ne", "2031-05-06", FIFTH | SEVENTH),
        ("between", ["2031-05-06", "2031-05-06"], SIXTH),
        ("between", ["2031-05-06T12:00", "2031-05-06"], SIXTH - {"05-06T00:00"}),
        ("between", ["2031-05-06", "2031-05-06T12:00"], {"05-06T00:00", "05-06T12:00"}),
        ("in", ["2031-05-06", "2031-05-07T00:00"], SIXTH | {"05-07T00:00"}),
        ("not_in", ["2031-05-06", "2031-05-07T00:00"], FIFTH | {"05-07T12:00"}),
        ("lte", "2031-05-06T00:00", FIFTH | {"05-06T00:00"}),
        ("lte", "20310506", FIFTH | SIXTH),
    ],
)
def test_a_day_alone_is_all_of_it_in_the_accounts_zone(
    denver: Party, days: dict[str, str], op: str, value: Any, found: set[str]
) -> None:
    def names(caller: Caller, body: Any) -> set[str]:
        return {days[public_id] for public_id in caller.search("event_session", body).ids}

    condition = {"field": "start_datetime", "op": op, "value": value}
    for caller in (denver.manager, denver.guest):
        assert names(caller, {"and": [condition]}) == found
    assert names(denver.manager, {"not": {"not": condition}}) == found
    text = ",".join(value) if isinstance(value, list) else value
    listed = denver.manager.get(f"/v3/crud/event_session/?start_datetime__{op}={text}")
    assert {days[public_id] for public_id in listed.ids} == found


def test_bad_days_are_refused(denver: Party) -> None:
    for value in ("2031-02-30", "0001-01-01", "2031-13-01", "yesterday"):
        for op, operand in (("lte", value), ("between", ["2031-01-01", value]), ("in", ["2031-01-01", value])):
            answer = denver.manager.search(
                "event_session", {"and": [{"field": "start_datetime", "op": op, "value": operand}]}
            )
            assert answer.error == ("validation", 400), (op, operand)
    many = {"and": [{"field": "start_datetime", "op": "in", "value": ["2031-01-01"] * 1_000}]}
    assert denver.manager.search("event_session", many).error == ("validation", 400)
