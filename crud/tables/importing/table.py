"""A CSV or XLSX file → headings and rows of raw cells. Knows nothing of object types."""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from crud.tables.cells import RUNS
from crud.tables.importing.problems import refuse_file

MAX_BYTES: Final = 50 * 2**20
MAX_UNPACKED: Final = 400 * 2**20
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 300
LONGEST_CELL: Final = 2**20
FILE_TYPES: Final = ("csv", "xlsx")
BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
UNREADABLE: Final = (
    *(zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, IndexError, TypeError),
    *(AttributeError, EOFError, NotImplementedError, OSError, RuntimeError),
)
"""What openpyxl lets through from a damaged workbook."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A cell that holds no value."""

    why: str


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    cells: list[Any]
    """None for an empty one; else a text, or from XLSX a number, boolean, datetime, date, time, Unusable."""


@dataclass(frozen=True, slots=True)
class Table:
    headings: list[str]
    rows: list[Row]
    from_us: bool = False
    """A workbook that this service has exported: its times are in UTC."""


def read_table(file: BinaryIO, name: str) -> Table:
    """The first sheet of a workbook, or a CSV file. Rows without any value are left out. Raises ImportRefused."""
    file_type = name.rpartition(".")[2].lower()
    if file_type not in FILE_TYPES:
        raise refuse_file(f"Give a file whose name ends in one of: {', '.join(f'.{known}' for known in FILE_TYPES)}.")
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise refuse_file(f"The file is larger than {MAX_BYTES // 2**20} MiB; split it.")
    return _from_csv(data) if file_type == "csv" else _from_xlsx(data)


def _table(rows: Iterable[tuple[int, list[Any]]], *, from_us: bool = False) -> Table:
    kept: list[Row] = []
    headings: list[str] | None = None
    for number, cells in rows:
        while cells and _is_empty(cells[-1]):
            cells.pop()
        if not cells:
            continue
        if len(cells) > MAX_COLUMNS:
            raise refuse_file(f"Row {number} has more than {MAX_COLUMNS} columns.")
        if headings is None:
            headings = ["" if _is_empty(cell) else str(cell).strip() for cell in cells]
            continue
        if len(kept) == MAX_ROWS:
            raise refuse_file(f"The file has more than {MAX_ROWS:,} rows; split it.")
        kept.append(Row(number, cells))
    if headings is None:
        raise refuse_file("The file is empty: its first row names the fields.")
    for row in kept:
        for place, cell in enumerate(row.cells):
            if not _is_empty(cell) and not "".join(headings[place : place + 1]):
                letter = get_column_letter(place + 1)
                raise refuse_file(f"Row {row.number} has a value in column {letter}, which has no heading.")
    return Table(headings, kept, from_us)


def _is_empty(cell: Any) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _from_csv(data: bytes) -> Table:
    encoding = next((encoding for bom, encoding in BOMS if data.startswith(bom)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise refuse_file("The file is not in UTF-8; save it as “CSV UTF-8”.") from None
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    return _table(_csv_rows(reader))


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


def _from_xlsx(data: bytes) -> Table:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise refuse_file("The workbook is too large when unpacked.")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        if not book.worksheets:
            raise refuse_file("The workbook has no sheet with cells.")
        return _table(_sheet_rows(book.worksheets[0]), from_us=book.properties.creator == "Aether")
    except UNREADABLE:
        raise refuse_file("The file is no workbook that can be read, or damaged; save it as .xlsx again.") from None


def _sheet_rows(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    sheet.reset_dimensions()  # the size that a file claims may be a million rows, or too few
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1), start=1):
        yield number, [_xlsx_value(cell) for cell in cells]


def _xlsx_value(cell: Any) -> Any:
    value = cell.value
    if value is None:
        return None
    if cell.data_type == "f":
        return Unusable("The cell holds a formula; put its value there.")
    if cell.data_type == "e":
        return Unusable("The cell holds an error of the spreadsheet.")
    return value
