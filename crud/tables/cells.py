"""Values → cells of a spreadsheet: text for CSV, XML for XLSX. A cell never runs as a formula (contract section 8)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson

from kernel.envelope import to_json

Simple = None | bool | int | float | datetime | date | str

KEPT: Final = {type(None), bool, int, float, date, str}
"""Types whose values go into a cell as they are."""
RUNS: Final = re.compile(r"""[\t\r\n]|[\s"'\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]""")
"""How a text begins that a spreadsheet may take for a formula: some skip blanks and quotes before they look."""

MAX_XLSX_TEXT: Final = 32_767
"""What a cell of Excel holds, in UTF-16 units."""
CUT_MARK: Final = "… [cut]"
ESCAPED: Final = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|_(?=x[0-9A-Fa-f]{4}_)")
"""What XML can't hold or changes, and what would be read as the escape for it (ECMA-376 part 1, 22.9.2.19)."""

EXACT_DIGITS: Final = 10**15
"""Excel's numbers are floats: longer integers would change, so they become text."""
DAY_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001  (Excel's days know no zone; ours are UTC)
FIRST_DATE: Final = date(1900, 3, 1)
"""Before it, Excel's calendar is wrong or ends."""
DATETIME_STYLE: Final = 1
DATE_STYLE: Final = 2
"""Numbers of the styles in the workbook that `crud.tables.export` makes."""


def simple(value: Any) -> Simple:
    """A value as read by the engine → one that a cell can hold. Documents become their JSON."""
    if type(value) in KEPT or (type(value) is datetime and value.tzinfo is None):
        cell: Simple = value
        return cell
    if isinstance(value, orjson.Fragment | dict | list):
        return to_json(value).decode()
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(tzinfo=None)
    if value is None or isinstance(value, bool | int | float | datetime | date | str):
        return value
    return str(value)


def plain_text(value: Simple) -> str:
    """The value as the API words it in JSON."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.isoformat() + "Z"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def defused(text: str) -> str:
    """A text that no spreadsheet runs: what looks like a formula gets an apostrophe before it."""
    if text[:1].isalnum():
        return text  # most are so, and this is found out faster
    return f"'{text}" if RUNS.match(text) else text


def csv_cell(value: Any, *, is_id: bool = False) -> str:
    """`is_id`: an id may begin with a dash, and a changed id is no id."""
    if type(value) is int:
        return str(value)
    cell = value if type(value) is str else simple(value)
    if not isinstance(cell, str):
        return plain_text(cell)
    return cell if is_id else defused(cell)


def xlsx_cell(place: str, value: Any) -> str:
    """The XML of a cell. `place`: B7. Texts are marked as texts, so there are no formulas."""
    if type(value) is str and value:
        return _xlsx_text_cell(place, value)
    cell = simple(value)
    match cell:
        case None | "":
            return ""
        case bool():
            return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
        case int() | float() if abs(cell) < EXACT_DIGITS:
            return f'<c r="{place}"><v>{cell!r}</v></c>'
        case datetime() if cell.date() >= FIRST_DATE:
            return f'<c r="{place}" s="{DATETIME_STYLE}"><v>{(cell - DAY_ZERO).total_seconds() / 86_400!r}</v></c>'
        case date() if not isinstance(cell, datetime) and cell >= FIRST_DATE:
            return f'<c r="{place}" s="{DATE_STYLE}"><v>{(cell - DAY_ZERO.date()).days}</v></c>'
    return _xlsx_text_cell(place, plain_text(cell))


def _xlsx_text_cell(place: str, text: str) -> str:
    text = xlsx_text(text)
    keep = ' xml:space="preserve"' if text != text.strip() else ""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f'<c r="{place}" t="inlineStr"><is><t{keep}>{text}</t></is></c>'


def xlsx_text(text: str) -> str:
    """A text that fits into a cell and into XML; `_x000D_` and the like stand for what XML can't hold."""
    text = fitting(text)
    return text if text.isprintable() and "_x" not in text else ESCAPED.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"


def fitting(text: str) -> str:
    """The text, or as much of it as a cell holds, with a mark at its end."""
    if 2 * len(text) <= MAX_XLSX_TEXT:
        return text
    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * MAX_XLSX_TEXT:
        return text
    return units[: 2 * (MAX_XLSX_TEXT - len(CUT_MARK))].decode("utf-16-le", "ignore") + CUT_MARK


def may_be_cut(text: str, *, in_workbook: bool) -> bool:
    """Whether the text of a cell is as long as a cell can be, so that its end may be missing."""
    if 2 * len(text) < MAX_XLSX_TEXT - 1:
        return False
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    marked = text.endswith(CUT_MARK) and units in (MAX_XLSX_TEXT - 1, MAX_XLSX_TEXT)
    return marked or (in_workbook and units >= MAX_XLSX_TEXT)
