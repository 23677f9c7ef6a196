"""Values as clients write them → as they are stored → as they are answered. The same on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from crud.declare.values import (
    parse_boolean,
    parse_date,
    parse_datetime,
    parse_integer,
    parse_json,
    parse_number,
    parse_text,
)
from tests.conftest import Party
from tests.crud.examples import Examples
from tests.crud.reading import prop

# --- booleans


@pytest.mark.parametrize("value", [None, 0, False, "", "0", "false", "False", "FALSE"])
def test_read_as_false(value: Any) -> None:
    assert parse_boolean(value) is False


@pytest.mark.parametrize("value", [1, True, "1", "true", "True", "TRUE"])
def test_read_as_true(value: Any) -> None:
    assert parse_boolean(value) is True


NO_BOOLEANS = ["yes", "no", "on", "off", "null", "t", " true", "2", 2, -1, 0.0, 1.0, [], {}, [True]]


@pytest.mark.parametrize("value", NO_BOOLEANS)
def test_no_boolean(value: Any) -> None:
    with pytest.raises(ValidationError):
        parse_boolean(value)


def test_booleans_are_never_null_in_answers_and_are_found_by_every_spelling(north: Party) -> None:
    caller, path = north.member, "/v3/crud/journal/"
    spellings: list[Any] = [None, 0, "", "false", 1, "true"]
    made = {value: caller.create("journal", name="x", priority=value) for value in spellings}
    for value, row in made.items():
        assert row["priority"] is (value in (1, "true"))
    false, true = ({row["id"] for row in made.values() if row["priority"] is wanted} for wanted in (False, True))
    for value in (None, 0, "", "false", False):
        answer = caller.search("journal", {"and": [{"field": "priority", "op": "eq", "value": value}]})
        assert set(answer.ids) == false
    for value in (1, "true", True):
        answer = caller.search("journal", {"and": [{"field": "priority", "op": "eq", "value": value}]})
        assert set(answer.ids) == true
        answer = caller.search("journal", {"and": [{"field": "priority", "op": "ne", "value": value}]})
        assert set(answer.ids) == false
    assert set(caller.get(f"{path}?priority=false").ids) == set(caller.get(f"{path}?priority=").ids) == false
    assert set(caller.get(f"{path}?priority=1").ids) == true
    by_null = {op: caller.search("journal", {"and": [{"field": "priority", "op": op}]}).ids for op in NULLITY}
    assert by_null == {"is_null": [], "is_not_null": caller.get(path).ids}
    for value in NO_BOOLEANS:
        assert caller.post(path, {"name": "x", "priority": value}).error == ("validation", 400)


NULLITY = ("is_null", "is_not_null")

# --- datetimes


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-05-01T09:30:00Z", "2026-05-01T09:30:00Z"),
        ("2026-05-01T09:30:00+00:00", "2026-05-01T09:30:00Z"),
        ("2026-05-01T09:30:00+05:45", "2026-05-01T03:45:00Z"),
        ("2026-05-01T09:30:00-0700", "2026-05-01T16:30:00Z"),
        ("2026-05-01T09:30:00.123456Z", "2026-05-01T09:30:00.123456Z"),
        ("2026-05-01T09:30:00.5Z", "2026-05-01T09:30:00.500000Z"),
        ("2026-05-01 09:30:00Z", "2026-05-01T09:30:00Z"),
        ("2026-05-01T09:30Z", "2026-05-01T09:30:00Z"),
        # In the account's zone, America/Denver: -06:00 in summer, -07:00 in winter.
        ("2026-05-01T09:30:00", "2026-05-01T15:30:00Z"),
        ("2026-01-15T09:30:00", "2026-01-15T16:30:00Z"),
        ("2026-05-01", "2026-05-01T06:00:00Z"),
        ("2026-11-01T01:30:00", "2026-11-01T07:30:00Z"),  # the hour that is there twice: the first
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
        ("2038-01-19T03:14:08Z", "2038-01-19T03:14:08Z"),
        ("1000-01-01T00:00:00Z", "1000-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"),
    ],
)
def test_datetimes_are_stored_and_answered_in_utc(text: str, utc: str, north: Party) -> None:
    caller, journal = north.member, Examples(north).one("journal")
    entry = caller.create("journal_entry", journal_id=journal, start_datetime=text)
    assert entry["start_datetime"] == utc
    assert caller.get(f"/v3/crud/journal_entry/{entry['id']}").data["start_datetime"] == utc
    for value in (text, utc):
        condition = {"field": "start_datetime", "op": "eq", "value": value}
        assert caller.search("journal_entry", {"and": [condition]}).ids == [entry["id"]]
    assert caller.get("/v3/crud/journal_entry/?start_datetime=" + text.replace("+", "%2B")).ids == [entry["id"]]


NO_DATETIMES = [
    *("", "now", "tomorrow", "2026", "2026-13-01", "2026-02-30T00:00:00Z", "2025-02-29", "2026-05-01T25:00:00Z"),
    *("2026-05-01T09:60:00Z", "2026-05-01T09:30:00 MST", "01.05.2026", "5/1/2026", "1777627800", "-2026-05-01"),
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-01:00", "0999-12-31T23:59:59Z", "0000-00-00 00:00:00"),
    *("2026-05-01T09:30:00+25:00", "2026-05-01T09:30:00Z\x00", "٢٠٢٦-٠٥-٠١", "2026-05-01T09:30:00Z" + "0" * 30),
    *(1777627800, 1777627800.5, True, [], {}, ["2026-05-01"]),
]


@pytest.mark.parametrize("value", NO_DATETIMES)
def test_no_datetime(value: Any) -> None:
    with pytest.raises(ValidationError):
        parse_datetime(value, "America/Denver")


@prop(200)
@given(
    st.datetimes(timezones=st.just(UTC)).filter(lambda moment: 1000 < moment.year < 9999),
    st.integers(-14 * 60, 14 * 60),
)
def test_a_moment_is_the_same_in_every_offset(moment: datetime, minutes: int) -> None:
    there = timezone(timedelta(minutes=minutes))
    assert parse_datetime(moment.astimezone(there).isoformat()) == moment


@pytest.mark.parametrize("value", ["2026-05-01T00:00:00", "2026-5-1", "", None, 20260501, "0001-01-01", [], True])
def test_no_date(value: Any) -> None:
    with pytest.raises(ValidationError):
        parse_date(value)


# --- numbers


@pytest.mark.parametrize("value", ["1", 1.0, 1.5, True, None, [], 2**63, -(2**63) - 1, 10**39])
def test_no_integer(value: Any) -> None:
    with pytest.raises(ValidationError):
        parse_integer(value)


@pytest.mark.parametrize("value", ["1", True, None, [], float("inf"), float("nan"), 10**400])
def test_no_number(value: Any) -> None:
    with pytest.raises(ValidationError):
        parse_number(value)


@pytest.mark.parametrize(
    ("type_name", "field", "value", "stored"),
    [
        ("journal", "sort", 2**31 - 1, True),
        ("journal", "sort", 2**31, False),
        ("journal", "sort", -(2**31) + 1, True),
        ("journal", "sort", -(2**31) - 1, False),
        ("journal", "sort", 2**63 - 1, False),
        ("journal", "sort", 2**63, False),
        ("journal", "sort", 10**39, False),
        ("journal", "sort", "5", False),
        ("journal", "sort", 5.0, False),
        ("journal", "sort", True, False),
        ("event_location", "capacity", 0, True),
        ("event_location", "capacity", -1, False),
        ("event_location", "capacity", 10_000_000, True),
        ("event_location", "capacity", 10_000_001, False),
        ("event_exhibit_tracking", "rating", 100, True),
        ("event_exhibit_tracking", "rating", 101, False),
        ("journal_entry", "latitude", 90, True),
        ("journal_entry", "latitude", -90.0, True),
        ("journal_entry", "latitude", 90.0000001, False),
        ("journal_entry", "longitude", 1e308, False),
        ("journal_entry", "latitude", "39.7", False),
        ("journal_entry", "latitude", 0.1 + 0.2, True),
        ("journal_entry", "latitude", 5e-324, True),
        ("event_badge_template", "width_mm", 9.99, False),
        ("event_badge_template", "width_mm", None, False),
    ],
)
def test_numbers_within_their_bounds(type_name: str, field: str, value: Any, stored: bool, north: Party) -> None:
    payload = Examples(north).payload(type_name)
    answer = north.manager.post(f"/v3/crud/{type_name}/", payload | {field: value})
    if stored:
        assert (answer.status, answer.data[field]) == (201, value)
        condition = {"field": field, "op": "eq", "value": value}
        assert north.manager.search(type_name, {"and": [condition]}).ids == [answer.data["id"]]
    else:
        assert (answer.status, answer.error) == (400, ("validation", 400))
        assert list(answer.meta["details"]["fields"]) == [field]


# --- texts


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "  blanks around  ",
        "\ttabs\r\nand lines\n",
        'O\'Brien "quoted" \\ back',
        "100% _sure_",
        "'; DROP TABLE journal; --",
        "<b>not HTML here</b> &amp; <script>alert(1)</script>",
        "=1+1",
        "😀🍣👩‍👩‍👧‍👦",
        "é",
        "e\u0301",
        "שלום مرحبا",
        "\u202eright to left override",
        "zero\u200bwidth\u200djoiner\ufeff",
        "\u000bvertical tab, \u0001 and \ufffe",
        "${jndi:ldap://x} {{7*7}} %s %(x)s {0}",
        "\U0010ffff",
        "中文 ไทย ελληνικά Ёлка İıŞş",
        "a" * 255,
        "😀" * 255,
    ],
)
def test_texts_come_back_as_they_were_sent(text: str, north: Party) -> None:
    caller = north.member
    journal = caller.create("journal", name=text, summary=text)
    assert (journal["name"], journal["summary"]) == (text, text)
    assert caller.get(f"/v3/crud/journal/{journal['id']}").data == journal
    for field in ("name", "summary"):
        for op in ("eq", "contains", "starts_with", "ends_with"):
            answer = caller.search("journal", {"and": [{"field": field, "op": op, "value": text}]})
            assert answer.ids == [journal["id"]], (field, op)
    changed = caller.patch(f"/v3/crud/journal/{journal['id']}", {"name": f"{text[:250]} "})
    assert changed.data["name"] == f"{text[:250]} "


@pytest.mark.parametrize(
    ("type_name", "field", "length"),
    [("account", "name", 200), ("journal", "name", 255), ("page", "path", 400), ("contact", "type", 50)],
)
@pytest.mark.parametrize("character", ["a", "é", "😀"])
def test_one_character_too_many_is_refused_by_name(
    type_name: str, field: str, length: int, character: str, north: Party
) -> None:
    examples = Examples(north)
    public_id = examples.one(type_name)
    path = f"/v3/crud/{type_name}/{public_id}"
    assert north.manager.patch(path, {field: character * length}).data[field] == character * length
    refused = north.manager.patch(path, {field: character * (length + 1)})
    assert refused.error == ("validation", 400)
    assert refused.meta["details"]["fields"] == {field: [f"It must have at most {length} characters."]}
    assert north.manager.get(path).data[field] == character * length


def test_long_texts_are_kept_whole(north: Party) -> None:
    text = "0123456789" * 50_000
    journal = north.member.create("journal", name="x", summary=text)
    assert north.member.get(f"/v3/crud/journal/{journal['id']}").data["summary"] == text


@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["x"], "a\x00b", "\x00", "\ud800", "a\udfff"])
def test_no_text(value: Any) -> None:
    with pytest.raises(ValidationError):
        parse_text(value)


def test_nul_is_refused_wherever_a_text_goes(north: Party) -> None:
    caller = north.member
    refused = [
        caller.post("/v3/crud/journal/", {"name": "a\x00b"}),
        caller.post("/v3/crud/journal/", {"name": "x", "cfg_json": {"a": ["\x00"]}}),
        caller.post("/v3/crud/journal/", {"name": "x", "cfg_json": {"\x00": 1}}),
        caller.search("journal", {"q": "a\x00b"}),
        caller.search("journal", {"and": [{"field": "name", "op": "eq", "value": "\x00"}]}),
        caller.search("journal", {"and": [{"field": "name", "op": "in", "value": ["a", "\x00"]}]}),
        caller.search("journal", {"and": [{"field": "id", "op": "eq", "value": "\x00"}]}),
        caller.get("/v3/crud/journal/?name=%00"),
        caller.get("/v3/crud/journal/?%00=1"),
        caller.get("/v3/crud/journal/?order_by=%00"),
    ]
    assert {(answer.status, answer.meta["details"]["category"]) for answer in refused} == {(400, "validation")}


def test_null_and_empty_are_two_things_where_a_field_takes_both(north: Party) -> None:
    caller = north.member
    null = caller.create("journal", name="null", type_code=None)
    empty = caller.create("journal", name="empty", type_code="")
    assert (null["type_code"], empty["type_code"]) == (None, "")
    assert caller.search("journal", {"and": [{"field": "type_code", "op": "is_null"}]}).ids == [null["id"]]
    assert caller.search("journal", {"and": [{"field": "type_code", "op": "eq", "value": ""}]}).ids == [empty["id"]]
    for value, message in ((None, "It can't be null."), ("", "It can't be empty.")):
        refused = caller.post("/v3/crud/journal/", {"name": value})
        assert refused.meta["details"]["fields"] == {"name": [message]}


# --- JSON


DOCUMENT = {
    "text": "é 😀 \u202e </script>",
    "numbers": [0, -1, 2**63 - 1, -(2**63) + 1, 1.5, 1e308, 5e-324, 0.1],
    "nested": {"": [[], {}, None, True, False]},
    "a.b": {"$where": "1", "__proto__": {}},
}


def test_documents_come_back_as_they_were_sent(north: Party) -> None:
    journal = north.member.create("journal", name="x", cfg_json=DOCUMENT)
    assert journal["cfg_json"] == DOCUMENT
    path = f"/v3/crud/journal/{journal['id']}"
    assert north.member.get(path).data["cfg_json"] == DOCUMENT
    assert north.member.patch(path, {"cfg_json": {}}).data["cfg_json"] == {}
    assert north.member.patch(path, {"cfg_json": None}).data["cfg_json"] is None


@pytest.mark.parametrize("value", ["{}", "", 0, 1.5, True, [], ["x"], {"n": 2**63}, {"n": [10**39]}])
def test_no_document(value: Any, north: Party) -> None:
    refused = north.member.post("/v3/crud/journal/", {"name": "x", "cfg_json": value})
    assert (refused.status, refused.error) == (400, ("validation", 400))
    assert list(refused.meta["details"]["fields"]) == ["cfg_json"]


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            yield from texts_in(part)


@prop(100)
@given(
    st.recursive(st.none() | st.booleans() | st.text(max_size=5), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_the_texts_in_a_document_are_held_to_the_rules_of_texts(value: Any) -> None:
    unfit = any(character == "\0" or "\ud800" <= character <= "\udfff" for character in "".join(texts_in(value)))
    if unfit or not isinstance(value, dict | list):
        with pytest.raises(ValidationError):
            parse_json(value)
    else:
        assert parse_json(value) is value


# --- choices and validators


@pytest.mark.parametrize(
    ("type_name", "field", "bad", "good"),
    [
        ("contact", "email", "no address", "ann@example.org"),
        ("contact", "time_zone", "Mars/Olympus", "Europe/Berlin"),
        ("organization", "website", "javascript:alert(1)", "https://example.org/"),
        ("event_file", "for_type", "user", "event"),
        ("journal_entry", "tags_json", ["a", 1], ["a", "b"]),
    ],
)
def test_fields_have_rules_of_their_own(type_name: str, field: str, bad: Any, good: Any, north: Party) -> None:
    examples = Examples(north)
    payload = examples.payload(type_name)
    if field == "for_type":
        payload["for_id"] = examples.one("event")
    refused = north.manager.post(f"/v3/crud/{type_name}/", payload | {field: bad})
    assert refused.error == ("validation", 400)
    assert list(refused.meta["details"]["fields"]) == [field]
    assert north.manager.create(type_name, **payload | {field: good})[field] == good
