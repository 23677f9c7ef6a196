from __future__ import annotations

import pytest

from files.ranges import Unsatisfiable, parse_range


@pytest.mark.parametrize(
    ("header", "spans"),
    [
        ("bytes=0-", [(0, 100)]),
        ("bytes=0-0", [(0, 1)]),
        ("bytes=-1", [(99, 1)]),
        ("bytes=-500", [(0, 100)]),
        ("bytes=90-200", [(90, 10)]),
        ("bytes=0-1, 98-", [(0, 2), (98, 2)]),
        ("bytes=50-59,0-9", [(50, 10), (0, 10)]),  # in the order asked for
        ("bytes=0-9,5-19,20-29", [(0, 30)]),
        ("bytes=0-9,500-", [(0, 10)]),
        ("BYTES=1-2", [(1, 2)]),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=１-２", None),
        ("lines=0-1", None),
        ("bytes 0-1", None),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(0, 12, 2)), None),  # too many
        ("bytes=" + "9" * 30 + "-", None),
    ],
)
def test_ranges(header: str, spans: object) -> None:
    assert parse_range(header, 100) == spans


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=500-600", "bytes=-0", "bytes=999999999999999999-"])
def test_outside(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        parse_range(header, 100)


def test_an_empty_file_has_no_part() -> None:
    with pytest.raises(Unsatisfiable):
        parse_range("bytes=0-", 0)
