"""The cells of one sheet of a workbook, as a person sees them. It runs in a child: a hostile one ends there.

SOURCE TARGET SHEET ROWS COLUMNS: where SHEET is a name or number, "" for the first visible one. TARGET becomes lines of
JSON: first `{"sheet", "others", "hidden_rows", "creator"}`, then a row each, `[number, [cell, …]]`. A cell is null, a
text, or a list: ["n", number, as shown or null, whether exact], ["b", boolean], ["m", moment, as shown or null,
whether UTC], ["t", time, as shown or null], ["x", why it has no value]. Not more than ROWS + 1 rows that hold anything,
and COLUMNS + 1 cells of each. Answers one word: unreadable, empty, unpacked, cells, sheet and the names that there are.
"""

from __future__ import annotations

import re
import zipfile
from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime, time
from math import isfinite
from typing import Any, Final
from xml.etree.ElementTree import iterparse

import orjson
from openpyxl.cell.read_only import ReadOnlyCell
from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from kernel.workbook.number_formats import (
    format_of,
    lost_digits,
    moment_of,
    shown_moment,
    shown_number,
    shown_text,
)

MAX_UNPACKED: Final = 64 * 2**20
MAX_CELLS: Final = 2_000_000
MAX_SHARED: Final = 1_000_000
"""Texts that cells share."""
ESCAPED: Final = re.compile("_x([0-9A-Fa-f]{4})_")
STRING: Final = f"{{{SHEET_MAIN_NS}}}si"
FORMULA: Final = "The cell holds a formula; put its value there."
ERROR: Final = "The cell holds an error of the spreadsheet."
NO_DATE: Final = "The cell is shown as a date, and its number is none."


class TooMany(Exception):
    """The argument is the word for it."""


def main(source: str, target: str, sheet: str, rows: str, columns: str) -> str:
    try:
        with zipfile.ZipFile(source) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                return "unpacked"
        reader = SheetReader(source, read_only=True, keep_links=False)
        reader.read()
        chosen = _chosen(reader.wb.worksheets, sheet)
        if isinstance(chosen, str):
            return chosen
        with open(target, "wb") as file:
            for line in _lines(reader.wb, chosen, int(rows), int(columns)):
                file.write(orjson.dumps(line) if not isinstance(line, bytes) else line)
                file.write(b"\n")
    except TooMany as error:
        return str(error)
    except MemoryError:
        return "memory"
    except OSError as error:
        return "cells" if error.errno == 27 else "unreadable"  # EFBIG: more than may be written
    except Exception:  # noqa: BLE001  (whatever openpyxl lets through from a damaged workbook)
        return "unreadable"
    return ""


class SheetReader(ExcelReader):  # type: ignore[misc]
    """openpyxl's, which drops what marks an escape in shared texts."""

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as file:
            for _, node in iterparse(file):  # noqa: S314  (in a child with limits)
                if node.tag == STRING:
                    if len(self.shared_strings) == MAX_SHARED:
                        raise TooMany("cells")
                    self.shared_strings.append(Text.from_tree(node).content)
                    node.clear()


def _chosen(sheets: list[Any], name: str) -> Any:
    """The sheet, or the word for why there is none."""
    if not sheets:
        return "empty"
    if not name:
        return next((sheet for sheet in sheets if sheet.sheet_state == "visible"), sheets[0])
    spelt = [sheet for sheet in sheets if sheet.title == name]
    if named := spelt or [sheet for sheet in sheets if sheet.title.strip().casefold() == name.strip().casefold()]:
        return named[0]
    if name.isascii() and name.isdigit() and 1 <= int(name) <= len(sheets):
        return sheets[int(name) - 1]
    return "sheet " + ", ".join(sheet.title for sheet in sheets)


def _lines(book: Any, sheet: Any, most_rows: int, most_columns: int) -> Iterator[Any]:
    with sheet._get_source() as source:
        parser = WorkSheetParser(source, sheet._shared_strings, epoch=book.epoch)
        rows = _rows(parser, Cells(book, sheet), most_rows, most_columns)
    if parser.merged_cells is not None:
        _spread(rows, [merged.bounds for merged in parser.merged_cells.mergeCell], most_columns)
    hidden = {number for number, seen in parser.row_dimensions.items() if seen.get("hidden") in ("1", "true")}
    yield {
        "sheet": sheet.title,
        "others": [other.title for other in book.worksheets if other is not sheet],
        "hidden_rows": sum(str(number) in hidden for number, _ in rows),
        "creator": book.properties.creator or "",
    }
    for number, line in rows:
        yield b"[%d,%b]" % (number, line)


def _rows(parser: Any, cells: Cells, most_rows: int, most_columns: int) -> list[tuple[int, bytes]]:
    """What rows hold that hold anything, each as JSON."""
    rows: list[tuple[int, bytes]] = []
    count = 0
    for number, row in parser.parse():
        count += len(row)
        if count > MAX_CELLS:
            raise TooMany("cells")
        line: list[Any] = []
        for cell in row:
            place = cell["column"] - 1
            if cell["value"] is None or place > most_columns:
                continue
            line += [None] * (place - len(line))
            line[place:] = [cells.read(cell)]
        if any(map(_holds, line)):
            rows.append((number, orjson.dumps(line)))
            if len(rows) > most_rows + 1:  # with the headings
                return rows
    return rows


def _holds(cell: Any) -> bool:
    return bool(cell.strip()) if isinstance(cell, str) else cell is not None


def _spread(rows: list[tuple[int, bytes]], merges: list[tuple[int, int, int, int]], most_columns: int) -> None:
    """A merged cell means its value for each row and column that it covers; a heading for its first column only."""
    numbers = [number for number, _ in rows]
    for left, top, right, bottom in merges:
        start, end = bisect_left(numbers, top), bisect_left(numbers, bottom + 1)
        if start == end or numbers[start] != top:
            continue
        anchor = orjson.loads(rows[start][1])
        value = anchor[left - 1] if left <= len(anchor) else None
        right = left if start == 0 else min(right, most_columns)
        if value is None or left > most_columns:
            continue
        for place in range(start, end):
            line = orjson.loads(rows[place][1])
            line += [None] * (right - len(line))
            line[left - 1 : right] = [value] * (right - left + 1)
            rows[place] = (numbers[place], orjson.dumps(line))


class Cells:
    def __init__(self, book: Any, sheet: Any) -> None:
        self.sheet = sheet
        self.from_1904 = book.epoch == CALENDAR_MAC_1904
        self.codes: dict[int, str] = {}

    def read(self, cell: dict[str, Any]) -> Any:
        value, code = cell["value"], self._code(cell)
        match cell["data_type"]:
            case "f":
                return ["x", FORMULA]
            case "e":
                return ["x", ERROR]
        match value:
            case bool():
                return ["b", value]
            case int() | float():
                return self._number(value, code)
            case datetime() | date() | time():
                return value.isoformat()
            case _:
                return shown_text(unescaped(str(value)), code)

    def _code(self, cell: dict[str, Any]) -> str:
        style = int(cell["style_id"] or 0)
        if style not in self.codes:
            self.codes[style] = ReadOnlyCell(self.sheet, 1, 1, 0, "n", style).number_format or "General"
        return self.codes[style]

    def _number(self, value: float, code: str) -> Any:
        if not isfinite(value):  # no number, or infinite
            return ["x", ERROR]
        form = format_of(code)
        if not form.is_moment:
            exact = not lost_digits(value, code)
            whole = int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 10**15 else value
            return ["n", value, shown_number(whole, code) if exact else None, exact]
        moment = moment_of(value, from_1904=self.from_1904)
        if moment is None:
            return ["x", NO_DATE]
        shown = shown_moment(moment, value, code)
        if form.is_elapsed:
            return ["n", value, shown, True]
        if 0 <= value < 1 and not form.has_day:
            return ["t", moment.time().isoformat(), shown]
        return ["m", moment.isoformat(), shown, form.names_utc]


def unescaped(text: str) -> str:
    """Characters that XML can't hold, as Excel writes them: _x000D_ (ECMA-376 part 1, 22.9.2.19)."""
    if "_x" not in text:
        return text
    text = ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
