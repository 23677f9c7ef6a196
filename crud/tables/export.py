"""Tables as files: all rows of a selection, streamed as CSV or XLSX (contract section 5).

A file is made page by page while it is sent, so memory stays flat, and a client that goes away ends the work.
XLSX: openpyxl makes the workbook, whose sheet has one row; the other rows are written into its XML as they come.
Cell by cell, openpyxl takes ten times as long, and the client would get its first byte at the end.
"""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from typing import Any, Final, TypeVar
from zipfile import ZIP_DEFLATED, ZipFile

from django.conf import settings
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from crud.declare.fields import Kind
from crud.declare.object_type import ObjectType
from crud.read.object_query import ObjectQuery
from crud.read.page import Selection, read_all
from crud.read.parameters import Parameters
from crud.read.read_plan import plan
from crud.read.search.parser import parse_search
from crud.tables.cells import DATE_STYLE, DATETIME_STYLE, csv_cell, xlsx_cell, xlsx_text
from kernel.errors import Invalid
from kernel.fair_share import dear
from kernel.wording import one_of
from tenancy.context import EveryTenant, Scope, current_scope, every_tenant, tenant
from tenancy.principal import Principal, acting_as, current_principal

T = TypeVar("T")
Batches = Iterable[list[list[Any]]]

MAX_ROWS: Final = 1_000_000
MAX_SHEET_BYTES: Final = 2_000_000_000
"""Excel does not read ZIP64, so a part ends before 2 GiB; the rows go on in another sheet."""
IDS: Final = (Kind.ID, Kind.REFERENCE, Kind.EXACT)
IDS_AT_ONCE: Final = 1_000
BOM: Final = b"\xef\xbb\xbf"
CHUNK: Final = 65_536
MOMENT_FORMAT: Final = 'yyyy-mm-dd hh:mm:ss "UTC"'
"""A cell knows no zone, so its format names it: to people, and to `kernel.workbook` when the file comes back."""
SHEET: Final = "xl/worksheets/sheet{}.xml"

client_gone: ContextVar[Callable[[], bool]] = ContextVar("client_gone", default=lambda: False)
"""Asked between pages. For servers that don't close the response of a client that has left; they set it."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a file is called, and its columns: (heading, whether its values are ids)."""

    name: str
    columns: list[tuple[str, bool]]


def stream(object_type: ObjectType, selection: Selection, file_type: str) -> StreamingHttpResponse:
    """All rows of a selection, in the columns of the list answer. Raises Invalid for an unknown file type."""
    writer_for(file_type)
    columns = _columns(selection)
    names = [name for name, _ in columns]
    pages = read_all(selection, MAX_ROWS)
    rows = ([[row[name] for name in names] for row in page] for page in pages)
    return file_response(Table(object_type.name, columns), rows, file_type)


def empty(object_type: ObjectType, file_type: str) -> StreamingHttpResponse:
    """The file for whom no row, and so no column, is shown. Raises Invalid for an unknown file type."""
    return file_response(Table(object_type.name, []), iter(()), file_type)


def stream_of_ids(
    object_type: ObjectType, principal: Principal, public_ids: list[str], file_type: str
) -> StreamingHttpResponse:
    """The same, of the objects with these ids, hidden and disabled ones too, in the order of the ids' thousands."""
    writer_for(file_type)
    chunks = [public_ids[start : start + IDS_AT_ONCE] for start in range(0, len(public_ids), IDS_AT_ONCE)] or [[]]
    queries = [
        ObjectQuery(
            object_type,
            principal,
            parameters=Parameters(enabled="all", hidden="all"),
            search=parse_search({"and": [{"field": "id", "op": "in", "value": chunk}]}),
        )
        for chunk in chunks
    ]
    selections = [query.selection() for query in queries]
    columns = _columns(selections[0])
    names = [name for name, _ in columns]
    pages = (page for selection in selections for page in read_all(selection, MAX_ROWS))
    rows = ([[row[name] for name in names] for row in page] for page in pages)
    return file_response(Table(object_type.name, columns), rows, file_type)


def _columns(selection: Selection) -> list[tuple[str, bool]]:
    compiled = plan(selection.read)
    columns = [(output.name, output.kind in IDS) for output in compiled.outputs]
    for nested in compiled.nested:
        kinds = {output.name: output.kind for output in nested.columns}
        columns += [(f"{nested.name}_{name}", kinds.get(name) in IDS) for name in nested.flattened]
        columns.append((nested.name, False))
    return columns


def file_response(table: Table, batches: Iterator[list[list[Any]]], file_type: str) -> StreamingHttpResponse:
    """The file with these rows. `batches` runs as who asks now, also when the view has long returned.

    The first batch is read at once, so that a refusal is still an answer of its own.
    """
    writer, content_type = writer_for(file_type)
    dear()
    first = next(batches, [])
    rest = in_time(as_now(batches))
    response = StreamingHttpResponse(writer(table, chain([first], rest)), content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=f"{safe_file_name(table.name)}.{file_type}"
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def as_now(batches: Iterator[T]) -> Iterator[T]:
    """The same, each read as the principal and in the tenant of now, whatever is active when it is asked for.

    They are left again before each yield: between two chunks the thread belongs to the server.
    """
    principal, scope, is_client_gone = current_principal(), current_scope(), client_gone.get()

    def continued() -> Iterator[T]:
        while not is_client_gone():
            with _inside(principal, scope):
                try:
                    batch = next(batches)
                except StopIteration:
                    return
            yield batch

    return continued()


class ExportTookTooLong(Exception):
    """Breaks the answer off: whoever reads it sees that it has no end."""


def in_time(batches: Iterator[T]) -> Iterator[T]:
    """Raises ExportTookTooLong after AETHER_EXPORT_SECONDS: a reader who is slow would hold a thread for ever."""
    until = time.monotonic() + settings.AETHER_EXPORT_SECONDS
    for batch in batches:
        yield batch
        if time.monotonic() > until:
            raise ExportTookTooLong


@contextmanager
def _inside(principal: Principal, scope: Scope) -> Iterator[None]:
    if isinstance(scope, EveryTenant):
        door = every_tenant(reason="an export goes on in the scope that its request had")
    else:
        door = tenant(scope)
    with acting_as(principal), door:
        yield


def safe_file_name(name: str) -> str:
    """A name without what a path, a header or a file system takes for something else."""
    safe = re.sub(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u2028\u2029\u202a-\u202e\u2066-\u2069]', "_", name)
    return safe.strip(" .")[:100] or "export"


def writer_for(file_type: str) -> tuple[Callable[[Table, Batches], Iterator[bytes]], str]:
    if file_type not in WRITERS:
        raise Invalid.field("export", one_of(WRITERS))
    return WRITERS[file_type]


def csv_chunks(table: Table, batches: Batches) -> Iterator[bytes]:
    """RFC 4180, in UTF-8 with a byte order mark, which Excel needs."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow([csv_cell(heading) for heading, _ in table.columns])
    ids = [place for place, (_, is_id) in enumerate(table.columns) if is_id]
    yield BOM
    for batch in batches:
        writer.writerows(_csv_row(row, ids) for row in batch)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue().encode()


def _csv_row(row: list[Any], ids: list[int]) -> list[Any]:
    # Most cells are empty, or texts that begin with a letter or digit: they stay as they are.
    cells = [v if v is None or (type(v) is str and v[:1].isalnum()) else csv_cell(v) for v in row]
    for place in ids:
        cells[place] = csv_cell(row[place], is_id=True)
    return cells


class Outlet:
    """Where the archive is written to: keeps what has not been sent yet."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """There is nothing behind it."""

    def take(self) -> bytes:
        data = b"".join(self.parts)
        self.parts, self.size = [], 0
        return data


def xlsx_chunks(table: Table, batches: Batches) -> Iterator[bytes]:
    """Rows that are too many bytes for one sheet go on in the next."""
    outlet = Outlet()
    head, tail = _head_and_tail(table)
    rows = chain.from_iterable(batches)
    row, sheets = next(rows, None), 0
    letters = [get_column_letter(number) for number in range(1, len(table.columns) + 1)]
    with ZipFile(outlet, "w", ZIP_DEFLATED) as archive:  # type: ignore[call-overload]  # it needs no more of a file
        while row is not None or not sheets:
            sheets += 1
            with archive.open(SHEET.format(sheets), "w") as sheet:
                written, number = sheet.write(head), 2
                while row is not None and written < MAX_SHEET_BYTES:
                    written += sheet.write(_xlsx_row(number, letters, row))
                    number += 1
                    if outlet.size >= CHUNK:
                        yield outlet.take()
                    row = next(rows, None)
                sheet.write(tail)
        for name, content in workbook_parts(table, sheets).items():
            if not name.startswith("xl/worksheets/"):
                archive.writestr(name, content)
    yield outlet.take()


def _xlsx_row(number: int, letters: list[str], values: list[Any]) -> bytes:
    cells = [xlsx_cell(f"{letter}{number}", value) for letter, value in zip(letters, values, strict=True)]
    return f'<row r="{number}">{"".join(cells)}</row>'.encode()


def _head_and_tail(table: Table) -> tuple[bytes, bytes]:
    """The XML of a sheet up to its second row, and after its last."""
    sheet = workbook_parts(table, 1)[SHEET.format(1)]
    head, _, rest = sheet.partition(b'<row r="2"')
    return head, rest[rest.index(b"</sheetData>") :]


def sheet_title(name: str, number: int) -> str:
    """Excel allows 31 characters, some not."""
    printable = "".join(filter(str.isprintable, name))
    title = re.sub(r"[\[\]:*?/\\]", "_", printable).strip("' ")[:26] or "export"
    return f"{title} {number}" if number > 1 else title


def workbook_parts(table: Table, sheets: int) -> dict[str, bytes]:
    """The parts of a workbook with sheets of two rows: the headings, and one that brings in the styles."""
    book = Workbook(write_only=True)
    book.properties.creator = "Aether"
    for number in range(1, sheets + 1):
        sheet = book.create_sheet(sheet_title(table.name, number))
        sheet.freeze_panes = "A2"
        headings = [WriteOnlyCell(sheet, xlsx_text(heading)) for heading, _ in table.columns]
        for cell in headings:
            cell.data_type = "s"
        moment, day = WriteOnlyCell(sheet, datetime(2026, 1, 1)), WriteOnlyCell(sheet, date(2026, 1, 1))  # noqa: DTZ001
        moment.number_format, day.number_format = MOMENT_FORMAT, "yyyy-mm-dd"
        assert (moment.style_id, day.style_id) == (DATETIME_STYLE, DATE_STYLE)
        sheet.append(headings)
        sheet.append([moment, day])
    file = io.BytesIO()
    book.save(file)
    with ZipFile(file) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


WRITERS: Final[dict[str, tuple[Callable[[Table, Batches], Iterator[bytes]], str]]] = {
    "csv": (csv_chunks, "text/csv; charset=utf-8"),
    "xlsx": (xlsx_chunks, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}
