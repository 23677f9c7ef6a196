"""Cells come back as they were, and none of them runs."""

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from xml.etree import ElementTree as ET

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crud.tables.cells import CUT_MARK, MAX_XLSX_TEXT, csv_cell, defused, fitting, may_be_cut, xlsx_cell
from kernel.workbook.reader import unescaped

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def stored(*parts):
    """A moment as the database hands it out: UTC, without saying so."""
    return datetime(*parts, tzinfo=UTC).replace(tzinfo=None)


RUNNING = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n",
    "＝1+1",
    " =1+1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    '"=1+1',
    '"',
    "=cmd|'/c calc'!A1",
    '=HYPERLINK("http://example.org")',
]
HARMLESS = ["", " ", "a=1", "1-2", "'", "O'Neil", "me@example.org", "007", "1e5", "{=}", "#N/A", "ä", "🙂"]


@pytest.mark.parametrize("text", [text for text in RUNNING if text != '"'])
def test_what_would_run_gets_an_apostrophe(text):
    assert defused(text) == f"'{text}"


@pytest.mark.parametrize("text", HARMLESS)
def test_other_texts_stay_as_they_are(text):
    assert defused(text) == text


@given(TEXTS)
def test_no_text_begins_as_a_formula_does(text):
    cell = csv_cell(text)
    assert not cell.lstrip(' "').startswith(STARTS)
    assert cell in (text, f"'{text}")


@given(st.lists(st.lists(TEXTS, min_size=2, max_size=4), max_size=5))
def test_csv_read_back_is_what_was_written(rows):
    cells = [[csv_cell(text) for text in row] for row in rows]
    file = io.StringIO()
    csv.writer(file, lineterminator="\r\n").writerows(cells)
    assert list(csv.reader(io.StringIO(file.getvalue(), newline=""))) == cells


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (-5, "-5"),
        (-0.5, "-0.5"),
        (2**63 - 1, "9223372036854775807"),
        (stored(2026, 5, 1, 9, 30), "2026-05-01T09:30:00Z"),
        (stored(2026, 5, 1, 9, 30, 0, 5), "2026-05-01T09:30:00.000005Z"),
        (datetime(2026, 5, 1, 9, 30, tzinfo=UTC), "2026-05-01T09:30:00Z"),
        (datetime(2026, 5, 1, 9, 30, tzinfo=timezone(timedelta(hours=-6))), "2026-05-01T15:30:00Z"),
        (date(2026, 5, 1), "2026-05-01"),
        (orjson.Fragment('{"a":[1,"=x"]}'), '{"a":[1,"=x"]}'),
        ({"id": "x", "on": stored(2026, 5, 1), "doc": orjson.Fragment("[1]")}, None),
    ],
)
def test_values_are_worded_as_in_json(value, text):
    expected = text if text is not None else '{"id":"x","on":"2026-05-01T00:00:00Z","doc":[1]}'
    assert csv_cell(value) == expected


def test_an_id_keeps_its_dash_and_a_text_does_not():
    assert csv_cell("-abc", is_id=True) == "-abc"
    assert csv_cell("-abc") == "'-abc"


def read(cell):
    """(type, style, text) of the XML of a cell."""
    element = ET.fromstring(cell)
    return element.get("t"), element.get("s"), "".join(element.itertext())


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (True, ("b", None, "1")),
        (-5, (None, None, "-5")),
        (0.25, (None, None, "0.25")),
        (10**15, ("inlineStr", None, "1000000000000000")),
        (stored(2026, 5, 1, 12), (None, "1", "46143.5")),
        (date(2026, 5, 1), (None, "2", "46143")),
        (stored(1850, 5, 1, 12), ("inlineStr", None, "1850-05-01T12:00:00Z")),
        (date(1900, 2, 28), ("inlineStr", None, "1900-02-28")),
        (date(1900, 3, 1), (None, "2", "61")),
        ("=1+1", ("inlineStr", None, "=1+1")),
        ("#N/A", ("inlineStr", None, "#N/A")),
        ("007", ("inlineStr", None, "007")),
        ("<b>&amp;</b>", ("inlineStr", None, "<b>&amp;</b>")),
    ],
)
def test_xlsx_cells_are_typed(value, found):
    assert read(xlsx_cell("A2", value)) == found


@given(TEXTS)
@example("\r\n\ra\x0b\x1f\ufffe")
@example("_x000D_ _x005F_x000D_ _x00e9_ _x12")
def test_xlsx_texts_come_back(text):
    """As Excel writes what XML can't hold, and the import reads it."""
    assert (unescaped(read(xlsx_cell("A2", text))[2]) if text else "") == text


def test_xlsx_texts_are_escaped_as_excel_does():
    assert read(xlsx_cell("A2", "a\r\nb\x0b_x000D_"))[2] == "a_x000D_\nb_x000B__x005F_x000D_"


@given(st.integers(MAX_XLSX_TEXT // 2 - 20, MAX_XLSX_TEXT + 20), st.sampled_from(["a", "ß", "🙂"]))
def test_long_texts_are_cut_with_a_mark(length, letter):
    text = letter * length
    cut = fitting(text)
    assert may_be_cut(cut, in_workbook=False) == (cut != text)
    assert len(cut.encode("utf-16-le")) // 2 <= MAX_XLSX_TEXT
    assert cut == text or (cut.endswith(CUT_MARK) and text.startswith(cut.removesuffix(CUT_MARK)))
    assert (cut == text) == (len(text.encode("utf-16-le")) // 2 <= MAX_XLSX_TEXT)
