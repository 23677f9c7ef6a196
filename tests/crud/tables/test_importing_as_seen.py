"""A spreadsheet is read as the person in front of it sees it, and what an export gives up is not written back."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from crud.tables.importing import table
from events.models import Event, EventLocation, EventSession
from tenancy.context import tenant
from tests.conftest import Party
from tests.crud.tables.test_importing import as_csv, as_xlsx, plan_of, refusal, run

ISO = "Give a date and time as ISO 8601 writes it: 2026-05-01T09:30:00Z."


def book(make: Callable[[Workbook], None]) -> bytes:
    made = Workbook()
    make(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


@pytest.fixture
def event(north: Party) -> Event:
    with tenant(north.account.pk):
        row = Event(code="AM26", name="AM26")
        row.save()
        EventLocation(event=row, code="HALL", name="Hall").save()
    return row


def sessions(party: Party) -> list[EventSession]:
    with tenant(party.account.pk):
        return list(EventSession.objects.order_by("code").select_related("event_location"))


def test_a_merged_cell_is_the_value_of_every_row(north: Party, event: Event) -> None:
    def make(made: Workbook) -> None:
        sheet = made.active
        for row in (
            ["code", "name", "location_code", "description"],
            *[[f"S{n}", "x", "HALL", "shared"] for n in (1, 2, 3)],
        ):
            sheet.append(row)
        sheet.merge_cells("C2:C4")
        sheet.merge_cells("D2:D3")

    for expected in ((3, 0), (0, 0)):
        outcome = run(north, "event_session", book(make), "s.xlsx", fixed={"event_code": "AM26"})
        assert (outcome.created, outcome.updated) == expected
        assert [(s.event_location.code, s.description) for s in sessions(north)] == [("HALL", "shared")] * 3


def test_merged_codes_are_one_object_and_a_merged_heading_is_its_first_column(north: Party, event: Event) -> None:
    def make(made: Workbook) -> None:
        for row in (["code", "name", None], ["S1", "x", "lost"], ["S2", "x"]):
            made.active.append(row)
        made.active.merge_cells("B1:C1")

    said = refusal(north, "event_session", book(make), "s.xlsx", fixed={"event_code": "AM26"})
    assert said == ["Row 2 has a value in column C, which has no heading."]

    def twice(made: Workbook) -> None:
        for row in (["code", "name"], ["S1", "a"], ["S2", "b"]):
            made.active.append(row)
        made.active.merge_cells("A2:A3")

    said = refusal(north, "event_session", book(twice), "s.xlsx", fixed={"event_code": "AM26"})
    assert said == ["row 3: It is about the same object as row 2."]


def test_the_first_visible_sheet_is_read_or_the_one_that_is_named(north: Party) -> None:
    def make(made: Workbook) -> None:
        made.active.title = "Lists"
        made.active.sheet_state = "veryHidden"
        for title in ("Programme", "Notes", "3"):
            made.create_sheet(title).append(["name"])
            made[title].append([f"of {title}"])
        made.active.append(["name"])
        made.active.append(["of Lists"])

    data = book(make)
    assert plan_of(north, "event", data, "e.xlsx").notes[0] == (
        "The sheet “Programme” is read; not read: Lists, Notes, 3."
    )
    for sheet, name in (("", "Programme"), ("notes", "Notes"), ("1", "Lists"), ("3", "3"), ("2", "Programme")):
        plan = plan_of(north, "event", data, "e.xlsx", sheet=sheet)
        assert [change.label for change in plan.changes] == [f"of {name}"], sheet
    assert refusal(north, "event", data, "e.xlsx", sheet="5") == [
        "There is no such sheet. Known: Lists, Programme, Notes, 3."
    ]
    assert refusal(north, "event", as_csv(["name"]), sheet="1") == ["A CSV file has no sheets."]


def test_hidden_rows_are_told(north: Party) -> None:
    def make(made: Workbook) -> None:
        for row in (["name"], ["A"], ["B"]):
            made.active.append(row)
        made.active.row_dimensions[2].hidden = True

    plan = plan_of(north, "event", book(make), "e.xlsx")
    assert plan.notes[0] == "Hidden rows of the sheet are read, too: 1."
    assert len(plan.changes) == 2


def test_texts_are_what_the_cells_show(north: Party) -> None:
    cells = [
        (42, "00000", "00042"),
        (7, '"T-"000', "T-007"),
        (3.1, "0.00", "3.10"),
        (2026, "General", "2026"),
        (True, "General", "TRUE"),
        (date(2027, 3, 1), "yyyy-mm-dd", "2027-03-01"),
        (datetime(2027, 3, 1), "d-mmm", "1-Mar"),  # noqa: DTZ001  (a cell knows no zone)
        ("foo", '"X-"@', "X-foo"),
    ]

    def make(made: Workbook) -> None:
        made.active.append(["code", "name"])
        for value, code, _ in cells:
            made.active.append([value, value])
            for cell in made.active[made.active.max_row]:
                cell.number_format = code

    assert run(north, "event", book(make), "e.xlsx").created == len(cells)
    with tenant(north.account.pk):
        stored = set(Event.objects.values_list("code", "name"))
    assert stored == {(shown, shown) for _, _, shown in cells}


@pytest.mark.parametrize("code", ["General", "0", "0.00E+00"])
def test_numbers_that_lost_digits_are_no_names(north: Party, code: str) -> None:
    def make(made: Workbook) -> None:
        made.active.append(["external_id", "family_name"])
        made.active.append([4.00638133393113e17, "Bar"])
        made.active["A2"].number_format = code

    assert refusal(north, "person", book(make), "p.xlsx") == [
        "row 2, external_id: The number has lost digits; write it as text. The cell says “4.00638133393113e+17”."
    ]


@pytest.mark.parametrize("text", ["1.23457E+18", "4,00638e+17", "1E+15"])
def test_texts_that_are_such_numbers_are_no_names_either(north: Party, text: str) -> None:
    said = refusal(north, "person", as_csv(["external_id", "family_name"], [text, "Bar"]))
    assert said == [f"row 2, external_id: The number has lost digits; write it as text. The cell says “{text}”."]
    stored = north.administrator.create("person", external_id=text, family_name="Bar")
    outcome = run(north, "person", as_csv(["id", "external_id", "family_name"], [stored["id"], text, "Foo"]))
    assert (outcome.created, outcome.updated) == (0, 1), "what is stored so is left alone"


def exported(party: Party, type_name: str, file_type: str) -> bytes:
    answer = party.administrator.post(f"/v3/crud/{type_name}/search?export={file_type}&hidden=all&enabled=all", {})
    return b"".join(answer.raw.streaming_content)


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_an_unchanged_export_changes_nothing(north: Party, event: Event, file_type: str) -> None:
    texts = [
        "a\r\nb\rc\nd",
        "\x0b\x1f control",
        "_x000D_ itself",
        "  blanks  ",
        "\u200b",
        "zero\u200bwidth",
        "4.00638E+17",
        "=1+1",
        "TRUE",
        "x" * 32_767,
        "Ä" * 40_000,
        "🙂" * 20_000,
        "… [cut]",
    ]
    for number, text in enumerate(texts):
        north.administrator.create(
            "event_session",
            event_id=event.id_random,
            code=f"{number:03}\u200b" if number else " 000",
            name=text[:200],
            description=text,
            external_id=text[:40] if number == 6 else None,
            start_datetime="2027-05-01T09:30:00.123456Z",
        )
    again = run(north, "event_session", exported(north, "event_session", file_type), f"s.{file_type}")
    assert (again.created, again.updated, again.unchanged) == (0, 0, len(texts))


def test_a_text_whose_end_is_missing_is_never_written(north: Party, event: Event) -> None:
    cut = "b" * 32_760 + "… [cut]"
    message = (
        "row 2, description: The text fills its cell, and its end may be missing; send it as CSV or through the API."
    )
    for data, name in (
        (as_csv(["code", "name", "description"], ["S1", "x", cut]), "s.csv"),
        (as_xlsx(["code", "name", "description"], ["S1", "x", cut]), "s.xlsx"),
        (as_xlsx(["code", "name", "description"], ["S1", "x", "b" * 32_767]), "s.xlsx"),
    ):
        said = refusal(north, "event_session", data, name, fixed={"event_code": "AM26"})
        assert [text.partition(" The cell")[0] for text in said] == [message]
    assert run(
        north,
        "event_session",
        as_csv(["code", "name", "description"], ["S1", "x", "b" * 32_767]),
        fixed={"event_code": "AM26"},
    ).created


def test_times_of_an_export_say_that_they_are_utc_and_are_read_so_elsewhere(north: Party) -> None:
    north.administrator.create("event", code="Z", name="z", start_datetime="2027-05-01T15:00:00Z")
    rows = table.read_table(io.BytesIO(exported(north, "event", "xlsx")), "e.xlsx")
    column = rows.headings.index("start_datetime")
    cell = next(row.cells[column] for row in rows.rows if len(row.cells) > column and row.cells[column])
    assert cell.text == "2027-05-01 15:00:00 UTC"

    def make(made: Workbook) -> None:
        made.active.append(["code", "name", "start_datetime"])
        made.active.append(["Y", "y", datetime(2027, 5, 1, 15)])  # noqa: DTZ001
        made.active["C2"].number_format = 'yyyy-mm-dd hh:mm:ss "UTC"'

    run(north, "event", book(make), "copied.xlsx")
    with tenant(north.account.pk):
        assert {event.start_datetime.isoformat() for event in Event.objects.all()} == {"2027-05-01T15:00:00+00:00"}


def test_a_date_alone_is_its_first_moment_in_the_account_s_zone(north: Party) -> None:
    run(north, "event", as_csv(["code", "name", "start_datetime"], ["A", "a", "2027-05-01"]))
    with tenant(north.account.pk):
        assert Event.objects.get().start_datetime.isoformat() == "2027-05-01T06:00:00+00:00"
    said = refusal(north, "event", as_csv(["code", "name", "start_datetime"], ["A", "a", "2027-02-30 09:00"]))
    assert said == [f"row 2, start_datetime: {ISO} The cell says “2027-02-30 09:00”."]


@pytest.mark.parametrize("line", ["sep=;\r\n", '"sep=;"\n', "SEP=;\r", "\ufeffsep=;\n"])
def test_a_first_line_may_name_the_delimiter(north: Party, line: str) -> None:
    data = f"{line}code;name\nA;one, two\n".encode()
    assert run(north, "event", data).created == 1
    with tenant(north.account.pk):
        assert Event.objects.get().name == "one, two"
    assert refusal(north, "event", data.replace(b"one", b"").replace(b", two", b"")) == [
        "row 2, name: It can't be null."
    ]


@pytest.mark.parametrize(
    "headings",
    [("番号", "名前"), ("Größe", "Grüße"), ("हि", "हु"), ("#", "№"), ("C#", "C+"), ("Код", "код участника")],
)
def test_headings_of_any_script_can_be_mapped(north: Party, headings: tuple[str, str]) -> None:
    mapping = dict(zip(headings, ("code", "name"), strict=True))
    data = as_csv([*headings, "その他"], ["A", "a", "x"])
    assert run(north, "event", data, mapping=mapping, ignore_extra=True).created == 1
    with tenant(north.account.pk):
        assert Event.objects.values_list("code", "name").get() == ("A", "a")
    said = refusal(north, "event", as_csv(["name"], ["a"]), mapping={"番号": "code"})
    assert said == ["row 1, 番号: The file has no such column."]


def test_the_words_of_the_forms_are_headings_too(north: Party, event: Event) -> None:
    data = as_csv(["Code", "Name", "Start"], ["S1", "x", "2027-05-01 09:00"])
    assert run(north, "event_session", data, fixed={"event_code": "AM26"}).created == 1
    assert sessions(north)[0].start_datetime is not None


@pytest.mark.parametrize("stored", ["Café-1", "R 1"])
def test_a_code_in_another_spelling_is_the_same_object_and_stays(north: Party, stored: str) -> None:
    run(north, "event", as_csv(["code", "name"], [stored, "a"]))
    for other in (
        stored.replace("é", "e\u0301"),
        f"\u200b{stored}\u200b",
        f"{stored[:2]}\u00ad{stored[2:]}",
        stored.replace(" ", "\u00a0"),
        f"\ufeff{stored}\u3000",
    ):
        outcome = run(north, "event", as_csv(["code", "name"], [other, "a"]))
        assert (outcome.created, outcome.updated, outcome.unchanged) == (0, 0, 1), repr(other)
    assert run(north, "event", as_csv(["code", "name"], ["N\u200be\u0301w\u00a01", "a"])).created == 1
    with tenant(north.account.pk):
        assert set(Event.objects.values_list("code", flat=True)) == {stored, "Néw 1"}


def hostile(old: bytes, new: bytes) -> bytes:
    """A workbook whose sheet is changed as no program would."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(as_xlsx(["name"], ["a"]))) as source, zipfile.ZipFile(file, "w", 8) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, data.replace(old, new) if "sheet1" in name else data)
    return file.getvalue()


ROW_OF_CELLS = b"<row>" + b"<c/>" * 1_000 + b"</row>"


def test_a_workbook_with_too_many_cells_is_refused(north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "WORKBOOKS", replace(table.WORKBOOKS, seconds=120))
    data = hostile(b"</sheetData>", ROW_OF_CELLS * 2_001 + b"</sheetData>")
    assert refusal(north, "event", data, "e.xlsx") == [table.REASONS["cells"]]


def test_a_workbook_that_takes_long_or_much_is_ended(north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    data = hostile(b"</sheetData>", ROW_OF_CELLS * 1_000 + b"</sheetData>")
    monkeypatch.setattr(table, "WORKBOOKS", replace(table.WORKBOOKS, seconds=0.1))
    assert refusal(north, "event", data, "e.xlsx") == [table.TOO_LONG]
    text = b"<c t='inlineStr'><is><t>" + b"x" * 60 * 2**20 + b"</t></is></c></row></sheetData>"
    monkeypatch.setattr(table, "WORKBOOKS", replace(table.WORKBOOKS, seconds=60, memory=2**27))
    said = refusal(north, "event", hostile(b"</row></sheetData>", text), "e.xlsx")
    assert said in ([table.REASONS["memory"]], [table.UNREADABLE])


def test_a_merge_over_all_cells_costs_no_more_than_the_rows(north: Party) -> None:
    merge = b"</sheetData><mergeCells><mergeCell ref='A2:XFD1048576'/></mergeCells>"
    said = refusal(north, "event", hostile(b"</sheetData>", merge), "e.xlsx")
    assert said == ["Row 2 has a value in column B, which has no heading."]


SHARED = """<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>name</t></si>
<si><r><t>a_x000D_\nb </t></r><r><t>_x005F_x0041_</t></r></si></sst>"""


def test_texts_that_cells_share_are_read_with_their_escapes(north: Party) -> None:
    file = io.BytesIO()
    row = b"<row r='%d'><c r='A%d' t='s'><v>%d</v></c></row>"
    kind = b'"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
    with zipfile.ZipFile(io.BytesIO(as_xlsx(["x"]))) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if "sheet1" in name:
                rows = row % (1, 1, 0) + row % (2, 2, 1)
                data = data[: data.index(b"<sheetData>")] + b"<sheetData>" + rows + b"</sheetData></worksheet>"
            data = data.replace(b"</Types>", b'<Override PartName="/xl/sharedStrings.xml" ContentType=' + kind)
            target.writestr(name, data)
        target.writestr("xl/sharedStrings.xml", SHARED)
    run(north, "event", file.getvalue(), "e.xlsx")
    with tenant(north.account.pk):
        assert Event.objects.get().name == "a\r\nb _x0041_"
