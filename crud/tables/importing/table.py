"""A CSV or XLSX file → headings and rows of cells as a person sees them. Knows nothing of object types."""

from __future__ import annotations

import codecs
import csv
import io
import re
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, Final

import orjson
from openpyxl.utils import get_column_letter

from crud.tables.cells import RUNS
from crud.tables.importing.problems import refuse_file
from kernel.child import ChildLimits, TookTooLong, program, run

MAX_BYTES: Final = 50 * 2**20
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 300
LONGEST_CELL: Final = 2**20
FILE_TYPES: Final = ("csv", "xlsx")
BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
DELIMITER_LINE: Final = re.compile(r"""\s*"?sep=(?P<sign>[^\w"'\r\n])"?[;,\t ]*(?:\r\n|\r|\n|\Z)""", re.IGNORECASE)
"""What some programs write before the headings, for Excel."""
WORKBOOKS: Final = ChildLimits(seconds=10, memory=256 * 2**20, output=64 * 2**20)
"""Of the child that reads one; `kernel.workbook.reader` limits what may be unpacked, and the cells."""
REASONS: Final = {
    "unpacked": "The workbook is larger than 64 MiB when unpacked; split it, or save it as CSV.",
    "cells": "The workbook has too many cells or texts; split it, or save it as CSV.",
    "memory": "The workbook takes more than 256 MiB to read; split it, or save it as CSV.",
    "empty": "The workbook has no sheet with cells.",
}
TOO_LONG: Final = (
    f"The workbook takes longer than {WORKBOOKS.seconds:.0f} seconds to read; split it, or save it as CSV."
)
UNREADABLE: Final = "The file is no workbook that can be read, or damaged; save it as .xlsx again."


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell that holds no value."""

    why: str


@dataclass(frozen=True, slots=True)
class ShownCell:
    """A cell of a workbook that holds no text."""

    value: bool | int | float | datetime | time
    text: str | None
    """What a person sees; None where that depends on who looks, or where digits are lost."""
    exact: bool = True
    """False for a number that has lost digits."""
    utc: bool = False
    """Of a moment whose format names UTC."""


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    cells: list[Any]
    """None for an empty one; else a text, or from a workbook ShownCell or Unusable."""


@dataclass(frozen=True, slots=True)
class SheetTable:
    headings: list[str]
    rows: list[Row]
    from_us: bool = False
    """A workbook that this service has exported: its times are in UTC."""
    is_workbook: bool = False
    notes: list[str] = field(default_factory=list)
    """What a person should know of the file: which sheet was read, and which not."""
    sheets: list[str] = field(default_factory=list)
    """Of a workbook: the one that was read, then the others."""


def read_table(file: BinaryIO, name: str, sheet: str = "", most_rows: int = MAX_ROWS) -> SheetTable:
    """A sheet of a workbook, or a CSV file. Rows without any value are left out. Raises ImportRefused.

    `sheet`: its name, or its number from 1; without it, the first that is visible.
    """
    file_type = name.rpartition(".")[2].lower()
    if file_type not in FILE_TYPES:
        raise refuse_file(f"Give a file whose name ends in one of: {', '.join(f'.{known}' for known in FILE_TYPES)}.")
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise refuse_file(f"The file is larger than {MAX_BYTES // 2**20} MiB; split it.")
    if file_type == "csv" and sheet:
        raise refuse_file("A CSV file has no sheets.")
    return _from_csv(data, most_rows) if file_type == "csv" else _from_xlsx(data, sheet, most_rows)


def _table(rows: Iterable[tuple[int, list[Any]]], most_rows: int) -> SheetTable:
    filled: list[Row] = []
    headings: list[str] | None = None
    for number, cells in rows:
        while cells and _is_empty(cells[-1]):
            cells.pop()
        if not cells:
            continue
        if len(cells) > MAX_COLUMNS:
            raise refuse_file(f"Row {number} has more than {MAX_COLUMNS} columns.")
        if headings is None:
            headings = [_heading(number, cell) for cell in cells]
            continue
        if len(filled) == most_rows:
            raise refuse_file(f"The file has more than {most_rows:,} rows; split it.")
        filled.append(Row(number, cells))
    if headings is None:
        raise refuse_file("The file is empty: its first row names the fields.")
    for row in filled:
        for place, cell in enumerate(row.cells):
            if not _is_empty(cell) and not "".join(headings[place : place + 1]):
                letter = get_column_letter(place + 1)
                raise refuse_file(f"Row {row.number} has a value in column {letter}, which has no heading.")
    return SheetTable(headings, filled)


def _heading(number: int, cell: Any) -> str:
    match cell:
        case Unusable():
            raise refuse_file(f"Row {number} names the fields: {cell.why}")
        case ShownCell():
            return cell.text or str(cell.value)
        case _:
            return "" if _is_empty(cell) else str(cell).strip()


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _from_csv(data: bytes, most_rows: int) -> SheetTable:
    encoding = next((encoding for bom, encoding in BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise refuse_file("The file is not in UTF-8; save it as “CSV UTF-8”.") from None
    csv.field_size_limit(LONGEST_CELL)
    named = DELIMITER_LINE.match(text)
    text = text[named.end() :] if named else text
    delimiter = named["sign"] if named else _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return _table(_csv_rows(reader), most_rows)


def _csv_rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[Any]]]:
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise refuse_file(f"Row {number} is no CSV: {error}.") from None
        yield number, [armed(cell) if cell else None for cell in cells]


def _delimiter(text: str) -> str:
    """The one that the headings are set apart by: a comma, or what spreadsheets of some countries write instead."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(",;\t", key=first.count)


def armed(cell: str) -> str:
    """A text as it was before an export put an apostrophe before what looks like a formula."""
    return cell[1:] if cell[0] == "'" and RUNS.match(cell, 1) else cell


def _from_xlsx(data: bytes, sheet: str, most_rows: int) -> SheetTable:
    """Read in a child: a workbook may be made to take hours, or all memory."""
    with TemporaryDirectory(prefix="aether-sheet-") as folder:
        place = Path(folder)
        source, target = place / "book.xlsx", place / "cells"
        source.write_bytes(data)
        command = program("kernel.workbook.reader", source, target, sheet, most_rows, MAX_COLUMNS)
        try:
            outcome = run(command, place, WORKBOOKS)
        except TookTooLong:
            raise refuse_file(TOO_LONG) from None
        if outcome.code:
            raise refuse_file(_reason(outcome.last_lines[-1] if outcome.last_lines else "", outcome.code))
        with target.open("rb") as lines:
            about = orjson.loads(next(lines))
            table = _table(_cells(lines), most_rows)
    ours, sheets = about["creator"] == "Aether", [about["sheet"], *about["others"]]
    return SheetTable(table.headings, table.rows, ours, is_workbook=True, notes=_notes(about), sheets=sheets)


def _reason(word: str, code: int) -> str:
    if word.startswith("sheet "):
        return f"There is no such sheet. Known: {word.removeprefix('sheet ')}."
    if code == -signal.SIGXCPU:
        return TOO_LONG
    return REASONS["memory"] if "MemoryError" in word else REASONS.get(word, UNREADABLE)


def _notes(about: dict[str, Any]) -> list[str]:
    notes = []
    if about["others"]:
        notes.append(f"The sheet “{about['sheet']}” is read; not read: {', '.join(about['others'])}.")
    if about["hidden_rows"]:
        notes.append(f"Hidden rows of the sheet are read, too: {about['hidden_rows']:,}.")
    return notes


def _cells(lines: Iterable[bytes]) -> Iterator[tuple[int, list[Any]]]:
    for line in lines:
        number, cells = orjson.loads(line)
        yield number, [_cell(cell) if isinstance(cell, list) else cell for cell in cells]


def _cell(parts: list[Any]) -> ShownCell | Unusable:
    match parts:
        case ["x", why]:
            return Unusable(why)
        case ["b", value]:
            return ShownCell(value, str(value).upper())
        case ["m", moment, text, utc]:
            return ShownCell(datetime.fromisoformat(moment), text, utc=utc)
        case ["t", moment, text]:
            return ShownCell(time.fromisoformat(moment), text)
        case _:
            _, number, text, exact = parts
            return ShownCell(number, text, exact)
