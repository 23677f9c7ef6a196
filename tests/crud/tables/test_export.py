"""POST …/search?export=csv|xlsx: the rows and columns of the list answer, as a file."""

import csv
import io
import json
from zipfile import ZipFile

import openpyxl
import pytest
from django.core.signals import request_finished
from django.db import close_old_connections

from content.models import Journal, JournalEntry
from crud.read import page
from crud.tables import export
from crud.tables.export import Table, client_gone, csv_chunks, file_response, safe_file_name, xlsx_chunks
from files.models import HostedFile
from tenancy.context import NoTenantError, current_scope, tenant
from tenancy.principal import SYSTEM, Principal, Role, acting_as, current_principal

FORMULA = '=HYPERLINK("http://example.org")'


@pytest.fixture
def entries(north, south):
    """Seven entries in North, three in South, that must not be seen."""
    for party, count in ((north, 7), (south, 3)):
        with tenant(party.account.pk):
            journal = Journal(name=f"{party.account.name} journal")
            journal.save()
            JournalEntry.objects.bulk_create(
                JournalEntry(
                    journal=journal,
                    name=f"{party.account.name} {number}",
                    content=FORMULA,
                    tags_json=["a,b", '"q"'],
                    latitude=-number - 0.5,
                    start_datetime="2026-05-01T09:30:00Z",
                    sort=-number,
                    priority=number == 1,
                )
                for number in range(count)
            )


def content(answer):
    assert answer.status == 200, answer.body
    return b"".join(answer.raw.streaming_content)


def csv_rows(data):
    assert data.startswith(export.BOM)
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def workbook(data):
    return openpyxl.load_workbook(io.BytesIO(data))


def as_csv(value):
    """A value of a JSON answer as its cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | dict):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def same(cell, value):
    if isinstance(value, list | dict):
        return json.loads(cell) == value
    return cell == as_csv(value) or cell == f"'{value}"


def test_csv_is_the_list_answer(north, entries):
    listed = north.member.search("journal_entry", {}, "?view=enriched").data
    answer = north.member.search("journal_entry", {}, "?view=enriched&export=csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="journal_entry.csv"'
    rows = csv_rows(content(answer))
    assert [row["id"] for row in rows] == [row["id"] for row in listed]
    for row, expected in zip(rows, listed, strict=True):
        assert set(row) == set(expected)
        assert [name for name in row if not same(row[name], expected[name])] == []
    assert rows[0]["content"] == f"'{FORMULA}"
    assert (rows[1]["latitude"], rows[1]["sort"], rows[1]["priority"]) == ("-1.5", "-1", "true")
    assert rows[0]["start_datetime"] == "2026-05-01T09:30:00Z"


def test_xlsx_has_the_same_records_typed_and_no_formula(north, entries):
    rows = csv_rows(content(north.member.search("journal_entry", {}, "?export=csv")))
    data = content(north.member.search("journal_entry", {}, "?export=xlsx"))
    sheet = workbook(data)["journal_entry"]
    heading, *cells = [list(row) for row in sheet.iter_rows()]
    names = [cell.value for cell in heading]
    assert names == list(rows[0])
    assert {cell.data_type for row in [heading, *cells] for cell in row} <= {"s", "inlineStr", "n", "b", "d"}
    found = [dict(zip(names, row, strict=True)) for row in cells]
    assert [row["id"].value for row in found] == [row["id"] for row in rows]
    first = found[1]
    assert first["content"].value == FORMULA
    assert (first["latitude"].value, first["sort"].value, first["priority"].value) == (-1.5, -1, True)
    assert first["start_datetime"].value.isoformat() == "2026-05-01T09:30:00"
    assert first["tags_json"].value == '["a,b","\\"q\\""]' or json.loads(first["tags_json"].value) == ["a,b", '"q"']


def test_a_workbook_tells_nothing_of_its_makers(north, entries):
    data = content(north.member.search("journal_entry", {}, "?export=xlsx"))
    properties = workbook(data).properties
    assert (properties.creator, properties.lastModifiedBy, properties.title) == ("Aether", None, None)
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"<f>" not in everything
    assert b"South" not in everything


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_more_rows_than_a_page(north, entries, monkeypatch, file_type):
    monkeypatch.setattr(page, "EXPORT_PAGE", 2)
    data = content(north.member.search("journal_entry", {}, f"?export={file_type}&order_by=-name"))
    if file_type == "csv":
        names = [row["name"] for row in csv_rows(data)]
    else:
        cells = [[cell.value for cell in row] for row in workbook(data).active.iter_rows()]
        names = [row[cells[0].index("name")] for row in cells[1:]]
    assert names == [f"North {number}" for number in reversed(range(7))]


def test_filters_hold(north, entries):
    search = {"and": [{"field": "sort", "op": "gte", "value": -1}]}
    rows = csv_rows(content(north.member.search("journal_entry", search, "?export=csv&fields=name,id&sort__lt=0")))
    assert [list(row) for row in rows] == [["id", "name"]]
    assert rows[0]["name"] == "North 1"


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_no_row_is_a_file_with_headings(north, file_type):
    data = content(north.member.search("journal_entry", {}, f"?export={file_type}&fields=id,name"))
    if file_type == "csv":
        assert data == export.BOM + b"id,name\r\n"
    else:
        assert [[cell.value for cell in row] for row in workbook(data).active.iter_rows()] == [["id", "name"]]


@pytest.mark.parametrize("type_name", ["event", "journal"])
def test_whom_nothing_is_shown_gets_a_file_all_the_same(visitor, type_name):
    """A visitor names no event, and reads no journal: what is saved as a table must not turn out to be JSON."""
    assert content(visitor.search(type_name, {}, "?export=csv")) == export.BOM + b"\r\n"
    sheet = workbook(content(visitor.search(type_name, {}, "?export=xlsx"))).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == []
    assert visitor.search(type_name, {}, "?export=pdf").error == ("validation", 400)


def test_guests_get_public_rows_and_columns_only(north, south, visitor):
    event = north.administrator.create("event", name="Open day", notes="private", external_id="private")
    north.administrator.create("event", name="Hidden", hide=True)
    south.administrator.create("event", name="Elsewhere")
    rows = csv_rows(content(north.guest.search("event", {}, "?export=csv")))
    assert [row["id"] for row in rows] == [event["id"]]
    assert set(rows[0]) == set(north.guest.search("event", {}).data[0])
    assert "private" not in rows[0].values()


def test_bypass_exports_all_accounts(bypass, north, south, entries):
    rows = csv_rows(content(bypass.search("journal_entry", {}, "?export=csv")))
    assert sorted({row["account_id"] for row in rows}) == sorted([north.id, south.id])
    assert len(rows) == 10


def test_nested_files_have_their_columns(north):
    with tenant(north.account.pk):
        file = HostedFile(filename="-a.pdf", hash_sha256="ab" * 32, size=5)
        file.save()
    event = north.administrator.create("event", name="Open day")
    made = north.administrator.create("event_file", event_id=event["id"], hosted_file_id=file.id_random)
    listed = north.member.search("event_file", {}, "?inc_hosted_file=true").data[0]
    (row,) = csv_rows(content(north.member.search("event_file", {}, "?inc_hosted_file=true&export=csv")))
    assert row["id"] == made["id"]
    assert set(row) == set(listed)
    assert [name for name in row if not same(row[name], listed[name])] == []
    assert json.loads(row["hosted_file"]) == listed["hosted_file"]


@pytest.mark.parametrize("value", ["pdf", "", "CSV", "csv,xlsx"])
def test_an_unknown_file_type_is_refused(north, value):
    answer = north.member.search("journal", {}, f"?export={value}")
    assert (answer.status, answer.error) == (400, ("validation", 400))
    assert list(answer.meta["details"]["fields"]) == ["export"]


@pytest.mark.parametrize("query", ["order_by=nothing", "view=nothing", "fields=nothing"])
def test_a_refusal_is_an_answer_and_no_broken_file(north, query):
    assert north.member.search("journal", {}, f"?export=csv&{query}").status == 400


def test_a_list_is_not_exported(north):
    assert north.member.get("/v3/crud/journal/?export=csv").status == 400


# streaming

ME = Principal(role=Role.USER, account_id=7, account_public_id="seven")
TABLE = Table("things", [("id", True), ("name", False)])


@pytest.fixture
def kept_connection():
    """A closed response closes old connections, which these tests have none of."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


def batches(log):
    """Batches without end, that note who asks for them."""
    try:
        number = 0
        while True:
            number += 1
            log.append((current_principal(), current_scope()))
            yield [["-x", "y" * 2_000]] * 200
    finally:
        log.append("closed")


@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_each_page_is_read_as_who_asked_and_nothing_is_left_behind(file_type):
    log = []
    with acting_as(ME), tenant(7):
        response = file_response(TABLE, batches(log), file_type)
    chunks = iter(response.streaming_content)
    for _ in range(5):
        next(chunks)
        assert current_principal() is SYSTEM
        with pytest.raises(NoTenantError):
            current_scope()
    assert len(log) > 1
    assert set(log) == {(ME, 7)}
    response.close()


@pytest.mark.usefixtures("kept_connection")
@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_a_closed_response_reads_no_further(file_type):
    log = []
    with acting_as(ME), tenant(7):
        response = file_response(TABLE, batches(log), file_type)
    next(iter(response.streaming_content))
    response.close()
    read = len(log)
    assert list(response.streaming_content) == []
    assert len(log) == read


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_a_client_that_is_gone_ends_the_work(file_type):
    log, gone = [], []
    token = client_gone.set(lambda: bool(gone))
    try:
        with acting_as(ME), tenant(7):
            response = file_response(TABLE, batches(log), file_type)
    finally:
        client_gone.reset(token)
    chunks = iter(response.streaming_content)
    next(chunks)
    gone.append(True)
    read = len(log)
    list(chunks)
    assert len(log) <= read + 1


def test_rows_beyond_the_size_of_a_sheet_go_on_in_another(monkeypatch):
    monkeypatch.setattr(export, "MAX_SHEET_BYTES", 5_000)
    rows = [[f"id{number}", "n" * 100] for number in range(60)]
    book = workbook(b"".join(xlsx_chunks(TABLE, [rows[:50], rows[50:]])))
    assert book.sheetnames == ["things", "things 2", "things 3"]
    cells = [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]
    assert [row for row in cells if row != ["id", "name"]] == rows
    assert len(cells) == 63


def test_headings_are_defused_and_cleaned_too():
    table = Table("Why? / [a:b]*", [("=1+1", False), ("a\x0bb", False)])
    assert b"".join(csv_chunks(table, [])) == export.BOM + b"'=1+1,a\x0bb\r\n"
    sheet = workbook(b"".join(xlsx_chunks(table, []))).active
    assert sheet.title == "Why_ _ _a_b__"
    assert [(cell.value, cell.data_type) for cell in sheet[1]] == [("=1+1", "s"), ("a_x000B_b", "s")]


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("booth", "booth"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ('a"b\r\nSet-Cookie: x', "a_b__Set-Cookie_ x"),
        ("Ünïcode 🙂", "Ünïcode 🙂"),
        ("", "export"),
        (" . ", "export"),
        ("x" * 300, "x" * 100),
    ],
)
def test_file_names_are_safe(name, safe):
    assert safe_file_name(name) == safe
