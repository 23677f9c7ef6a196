"""Workbooks are read as a person sees them, in a child with limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from kernel.workbook.number_formats import format_of, lost_digits, moment_of, shown_moment, shown_number, shown_text
from kernel.workbook.reader import unescaped


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (42, "General", "42"),
        (3.1, "General", "3.1"),
        (0.1 + 0.2, "General", "0.3"),
        (1e-05, "General", "0.00001"),
        (-7, "General", "-7"),
        (4006381333931, "General", "4006381333931"),
        (42, "00000", "00042"),
        (7, '"T-"000', "T-007"),
        (7, "\\T\\-000", "T-007"),
        (3.1, "0.00", "3.10"),
        (3.14159, "0.0#", "3.14"),
        (3, "0.0#", "3.0"),
        (2.5, "0", "3"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (1234567, "0,", "1235"),
        (0.256, "0.0%", "25.6%"),
        (123456789, "000-00-0000", "123-45-6789"),
        (5551234567, "(000) 000-0000", "(555) 123-4567"),
        (-5, "0;(0)", "(5)"),
        (-5, "0.00", "-5.00"),
        (-0.001, "0.00", "0.00"),
        (0, '0;-0;"none"', "none"),
        (5, "@", "5"),
        (12, "[$€-407] 0", "€ 12"),
        (12, "[Red]0", "12"),
        (12, '"Room" General', "Room 12"),
        (0.5, ".00", ".50"),
        (12, "[>10]0", None),
        (1.5, "# ?/?", None),
    ],
)
def test_numbers_are_what_their_format_shows(value: float, code: str, shown: str | None) -> None:
    assert shown_number(value, code) == shown


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("yyyy-mm-dd", "2027-03-01"),
        ('yyyy-mm-dd hh:mm:ss "UTC"', "2027-03-01 09:05:07 UTC"),
        ("d-mmm", "1-Mar"),
        ("dd/mm/yy", "01/03/27"),
        ("dddd, d mmmm yyyy", "Monday, 1 March 2027"),
        ("h:mm AM/PM", "9:05 AM"),
        ("mm:ss.000", "05:07.250"),
        ("[h]:mm", "1114737:05"),
        ("mm-dd-yy", None),
        ("yyyy-mm-dd;@", "2027-03-01"),
    ],
)
def test_moments_are_what_their_format_shows(code: str, shown: str | None) -> None:
    moment = datetime(2027, 3, 1, 9, 5, 7, 250_000)  # noqa: DTZ001  (a cell knows no zone)
    value = (moment - datetime(1899, 12, 30)).total_seconds() / 86_400  # noqa: DTZ001
    assert format_of(code).is_moment
    assert moment_of(value, from_1904=False) == moment
    assert shown_moment(moment, value, code) == shown


def test_days_come_back_to_the_microsecond_and_calendars_end() -> None:
    moment = datetime(2027, 3, 1, 9, 5, 7, 123_457)  # noqa: DTZ001
    assert moment_of((moment - datetime(1899, 12, 30)).total_seconds() / 86_400, from_1904=False) == moment  # noqa: DTZ001
    assert moment_of(1, from_1904=False) == datetime(1900, 1, 1)  # noqa: DTZ001
    assert moment_of(0, from_1904=True) == datetime(1904, 1, 1)  # noqa: DTZ001
    assert moment_of(1e12, from_1904=False) is None


@pytest.mark.parametrize(
    ("value", "code", "lost"),
    [(4.00638e17, "General", True), (10**15, "0", True), (123456789012345, "0", False), (5, "0.00E+00", True)],
)
def test_numbers_that_are_no_longer_exact_are_known(value: float, code: str, lost: bool) -> None:
    assert lost_digits(value, code) is lost


def test_a_format_of_texts_holds_for_texts() -> None:
    assert shown_text("foo", '"X-"@') == "X-foo"
    assert shown_text("foo", "General") == shown_text("foo", "00000") == "foo"


@pytest.mark.parametrize(
    ("text", "meant"),
    [("a_x000D_\nb", "a\r\nb"), ("_x005F_x000D_", "_x000D_"), ("_xD83D__xDE00_", "😀"), ("_x12", "_x12")],
)
def test_escapes_of_excel_are_read(text: str, meant: Any) -> None:
    assert unescaped(text) == meant
