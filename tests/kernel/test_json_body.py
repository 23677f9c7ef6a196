"""Bodies: what is read, and what is refused before anybody looks at its content."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Invalid
from kernel.json_body import MAX_DEPTH, parse_json_text
from tests.conftest import Answer, Party
from tests.crud.reading import prop

JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**38), 10**38)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@prop(150)
@given(JSON_VALUES)
def test_what_json_writes_is_read_back(value: Any) -> None:
    assert parse_json_text(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")) == value


@prop(300)
@given(st.binary(max_size=40) | st.text(alphabet='[]{}",:\\u0d8e-+.tfn 1', max_size=40).map(str.encode))
def test_any_bytes_are_read_or_refused_in_words(body: bytes) -> None:
    with suppress(Invalid):
        parse_json_text(body)


def nested(depth: int, opening: str = "[", closing: str = "]") -> bytes:
    return (opening * depth + closing * depth).encode()


REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "The body is empty; send JSON."),
    "blank": (b" \r\n\t ", "The body is empty; send JSON."),
    "cut": (b'{"name": "x"', "The body is not JSON."),
    "two values": (b'{"name": "x"} {}', "The body is not JSON."),
    "single quotes": (b"{'name': 'x'}", "The body is not JSON."),
    "comma at the end": (b'{"name": "x",}', "The body is not JSON."),
    "comment": (b'{"name": "x"} // y', "The body is not JSON."),
    "bare word": (b"undefined", "The body is not JSON."),
    "byte order mark": (b'\xef\xbb\xbf{"name": "x"}', "The body is not JSON."),
    "NaN": (b'{"sort": NaN}', "The body is not JSON."),
    "Infinity": (b'{"sort": Infinity}', "The body is not JSON."),
    "minus Infinity": (b'{"sort": -Infinity}', "The body is not JSON."),
    "1e400": (b'{"sort": 1e400}', "The body is not JSON."),
    "minus 1e400": (b'{"sort": -1e400}', "The body is not JSON."),
    "5,000 digits": (b'{"sort": ' + b"9" * 5_000 + b"}", "The body is not JSON."),
    "leading zero": (b'{"sort": 007}', "The body is not JSON."),
    "hexadecimal": (b'{"sort": 0x10}', "The body is not JSON."),
    "raw control character": (b'{"name": "a\x0bb"}', "The body is not JSON."),
    "latin-1": ('{"name": "é"}'.encode("latin-1"), "The body is not UTF-8."),
    "utf-16": ('{"name": "x"}'.encode("utf-16"), "The body is not UTF-8."),
    "utf-8 surrogate": (b'{"name": "\xed\xa0\x80"}', "The body is not UTF-8."),
    "overlong utf-8": (b'{"name": "\xc0\x80"}', "The body is not UTF-8."),
    "lone high surrogate": (b'{"name": "\\ud800"}', "A text can't contain half of a surrogate pair."),
    "lone low surrogate": (b'{"name": "\\uDC00"}', "A text can't contain half of a surrogate pair."),
    "reversed pair": (b'{"name": "\\ude00\\ud83d"}', "A text can't contain half of a surrogate pair."),
    "lone surrogate in a key": (b'{"na\\ud800me": 1}', "A text can't contain half of a surrogate pair."),
    "lone surrogate deep down": (b'{"tags_json": [[["\\ud800"]]]}', "A text can't contain half of a surrogate pair."),
    "double key": (b'{"name": "x", "name": "y"}', "name: It is given more than once."),
    "double key, spelled apart": (b'{"name": "x", "n\\u0061me": "y"}', "name: It is given more than once."),
    "double key deep down": (b'{"and": [{"field": "a", "field": "b"}]}', "field: It is given more than once."),
    "one deeper than allowed": (nested(MAX_DEPTH + 1), f"JSON nests at most {MAX_DEPTH} deep."),
    "100 deep": (nested(100), f"JSON nests at most {MAX_DEPTH} deep."),
    "objects 500 deep": (b'{"and":[' * 500 + b"]}" * 500, f"JSON nests at most {MAX_DEPTH} deep."),
    "100,000 deep": (b"[" * 100_000, f"JSON nests at most {MAX_DEPTH} deep."),
    "deep behind a text with brackets": (
        b'["]]]]\\"",' + nested(MAX_DEPTH) + b"]",
        f"JSON nests at most {MAX_DEPTH} deep.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    body, message = REFUSED[name]
    with pytest.raises(Invalid) as refusal:
        parse_json_text(body)
    assert refusal.value.message == message


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (nested(MAX_DEPTH), None),
        (b'["' + b"[" * 1_000 + b'"]', ["[" * 1_000]),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\\\ud800"', "\\ud800"),
        (b'{"a": {"name": 1}, "b": {"name": 2}}', {"a": {"name": 1}, "b": {"name": 2}}),
        (b" [1, 1.5, -0.0, 1E2, true, null] \n", [1, 1.5, 0.0, 100.0, True, None]),
    ],
)
def test_accepted(body: bytes, value: Any) -> None:
    assert parse_json_text(body) == value if value is not None else parse_json_text(body)


def test_hostile_bodies_are_refused_quickly() -> None:
    bodies = [b"[" * 1_000_000, b'{"a":' * 200_000, b"9" * 1_000_000, b'"\\ud800' * 100_000]
    started = time.process_time()
    for body in bodies:
        with pytest.raises(Invalid):
            parse_json_text(body)
    assert time.process_time() - started < 2


# --- over HTTP


def send(party: Party, body: bytes, **headers: str) -> Answer:
    before = count(party)
    answer = party.member.post("/v3/crud/journal/", body, **headers)
    assert count(party) == before + (answer.status == 201)
    return answer


def count(party: Party) -> int:
    total: int = party.member.get("/v3/crud/journal/?inc_total=true&enabled=all&hidden=all").meta["total"]
    return total


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_body_is_answered_in_the_envelope_and_writes_nothing(name: str, north: Party) -> None:
    body, message = REFUSED[name]
    if not body:
        body = b" "  # the test client sends no Content-Type with nothing
    answer = send(north, body)
    assert (answer.status, answer.error) == (400, ("validation", 400))
    assert answer.meta["details"]["message"] == message


GOOD = b'{"name": "x"}'


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"content-type": "application/json"}, 201),
        ({"content-type": "Application/JSON; charset=UTF-8"}, 201),
        ({"content-type": 'application/json;charset="utf-8"'}, 201),
        ({"content-type": "application/json; charset=utf-16"}, 400),
        ({"content-type": "application/json; charset=latin-1"}, 400),
        ({"content-type": "text/plain"}, 400),
        ({"content-type": "text/json"}, 400),
        ({"content-type": "application/xml"}, 400),
        ({"content-type": "application/x-www-form-urlencoded"}, 400),
        ({"content-type": "multipart/form-data; boundary=x"}, 400),
        ({"content-type": "application/json-patch+json"}, 400),
        ({"content-type": ""}, 400),
        ({"content-encoding": "gzip"}, 400),
        ({"content-encoding": "br"}, 400),
        ({"content-encoding": "identity"}, 201),
    ],
)
def test_content_type_charset_and_encoding(headers: dict[str, str], status: int, north: Party) -> None:
    answer = send(north, GOOD, **headers)
    assert answer.status == status, answer.body
    if status == 400:
        assert answer.error == ("validation", 400)


def test_a_body_of_the_limit_is_read_and_one_byte_more_is_413(north: Party) -> None:
    frame = len(b'{"name": "x", "summary": ""}')
    fits = b'{"name": "x", "summary": "' + b"a" * (2**20 - frame) + b'"}'
    assert len(fits) == 2**20
    assert send(north, fits).status == 201
    answer = send(north, fits + b" ")
    assert (answer.status, answer.error) == (413, ("payload_too_large", 413))


def test_the_limit_holds_whatever_the_content_length_says(north: Party) -> None:
    for length in ("nonsense", "-1"):
        answer = send(north, GOOD, **{"content-length": length})
        assert answer.status in (400, 201), answer.body
    answer = send(north, b'{"name": "' + b"a" * 2**21 + b'"}')
    assert answer.status == 413


@pytest.mark.parametrize("body", [b"[]", b"null", b'""', b'"x"', b"0", b"true", b'[{"name": "x"}]'])
def test_a_body_that_is_no_object_is_refused(body: bytes, north: Party) -> None:
    created = send(north, body)
    assert (created.status, created.error) == (400, ("validation", 400))
    journal = north.member.create("journal", name="x")
    assert north.member.patch(f"/v3/crud/journal/{journal['id']}", body).error == ("validation", 400)
    assert north.member.search("journal", body).error == ("validation", 400)
    assert north.member.post("/v3/crud/journal/bulk", body).error == ("validation", 400)
