"""Spreadsheets become objects by the rules of the API (crud.tables.importing)."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from accounts.models import Person
from crud.declare.object_type import registry
from crud.models import ChangeLog
from crud.tables.importing.plan import ImportPlan, plan_import
from crud.tables.importing.problems import ImportRefused
from events.models import Event, EventLocation, EventPresentation, EventPresenter, EventSession
from kernel.errors import Refused
from tenancy.context import tenant
from tenancy.principal import Principal, Role, acting_as
from tests.conftest import Party
from tests.crud.threads import at_once, shared_database

TELLS_APART = "a column event_code or event_id tells them apart."
NINE = datetime(2026, 5, 1, 9)  # noqa: DTZ001  (a cell knows no zone)


def principal_of(party: Party, role: Role = Role.MANAGER, **more: Any) -> Principal:
    account = party.account
    return Principal(role, account.pk, account.id_random, time_zone=account.time_zone, **more)


def as_csv(*rows: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_xlsx(*rows: list[Any], creator: str = "") -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    book.properties.creator = creator
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def plan_of(party: Party, type_name: str, data: bytes, name: str = "f.csv", **options: Any) -> ImportPlan:
    principal = options.pop("principal", principal_of(party))
    with tenant(party.account.pk), acting_as(principal):
        return plan_import(registry[type_name], principal, io.BytesIO(data), name, **options)


def run(party: Party, type_name: str, data: bytes, name: str = "f.csv", **options: Any) -> Any:
    plan = plan_of(party, type_name, data, name, **options)
    with tenant(party.account.pk), acting_as(plan.principal):
        return plan.apply()


def refusal(party: Party, type_name: str, data: bytes, name: str = "f.csv", **options: Any) -> list[str]:
    """What is said against a file, of which nothing was written."""
    with tenant(party.account.pk):
        before = (registry[type_name].model.objects.count(), ChangeLog.objects.count())
    with pytest.raises(ImportRefused) as caught:
        run(party, type_name, data, name, **options)
    with tenant(party.account.pk):
        assert (registry[type_name].model.objects.count(), ChangeLog.objects.count()) == before
    return [str(error) for error in caught.value.errors]


@pytest.fixture
def meeting(north: Party) -> dict[str, Any]:
    """An event with a room, and another one with a room of the same code."""
    with tenant(north.account.pk):
        made = {}
        for code in ("AM26", "AM27"):
            event = Event(code=code, name=code)
            event.save()
            room = EventLocation(event=event, code="R1", name=f"Room of {code}")
            room.save()
            made[code], made[f"room {code}"] = event, room
    return made


PROGRAMME = [
    ["Code", "Name", "Event code", "Location code", "Start datetime", "description"],
    ["S1", "Opening", "am26", "r1", "2026-05-01 09:00", "<b>Hi</b><script>x</script>"],
    ["S2", "Closing", "AM26", "", "2026-05-01T18:00:00+02:00", ""],
]


def test_a_programme_comes_in_by_codes(north: Party, meeting: dict[str, Any]) -> None:
    outcome = run(north, "event_session", as_csv(*PROGRAMME))
    assert (outcome.created, outcome.updated, outcome.unchanged) == (2, 0, 0)
    talks = [["external_id", "name", "session_code"], ["T1", "Tides", "S1"], ["T2", "Winds", "s2"]]
    assert run(north, "event_presentation", as_csv(*talks), fixed={"event_code": "AM26"}).created == 2
    people = [
        ["given_name", "family_name", "event_presentation_external_id", "external_id"],
        ["Ada", "Byron", "T1", "P"],
    ]
    assert run(north, "event_presenter", as_csv(*people)).created == 1
    with tenant(north.account.pk):
        opening, closing = EventSession.objects.order_by("code")
        assert opening.event_id == meeting["AM26"].pk
        assert opening.event_location_id == meeting["room AM26"].pk
        assert opening.description == "<b>Hi</b>"
        assert opening.start_datetime.isoformat() == "2026-05-01T15:00:00+00:00"  # Denver's, the account's zone
        assert closing.start_datetime.isoformat() == "2026-05-01T16:00:00+00:00"
        assert closing.event_location_id is None
        assert " opening " in opening.default_qry_str
        presenter = EventPresenter.objects.get()
        assert (presenter.full_name, presenter.event_session_id) == ("Ada Byron", opening.pk)
    history = north.administrator.get(f"/v3/crud/event_session/{opening.id_random}/history")
    assert [(entry["action"], entry["changes"]["name"]) for entry in history.data] == [("created", [None, "Opening"])]


def test_a_second_time_changes_nothing_and_a_changed_cell_that_field_only(north, meeting) -> None:
    run(north, "event_session", as_csv(*PROGRAMME))
    again = run(north, "event_session", as_csv(*PROGRAMME))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    changed = [PROGRAMME[0], PROGRAMME[1], ["s2", "Farewell", *PROGRAMME[2][2:]]]
    plan = plan_of(north, "event_session", as_csv(*changed))
    assert [(change.row, change.action, change.fields) for change in plan.changes] == [
        (2, "none", ()),
        (3, "update", ("code", "name")),
    ]
    with tenant(north.account.pk):
        assert not EventSession.objects.filter(name="Farewell").exists(), "a plan writes nothing"
        assert plan.apply().updated == 1
        assert EventSession.objects.get(code="S2").name == "Farewell"


def test_the_same_code_at_another_event_is_another_session(north, meeting) -> None:
    run(north, "event_session", as_csv(*PROGRAMME))
    other = [["code", "name", "event_code"], ["S1", "Opening", "AM27"]]
    assert run(north, "event_session", as_csv(*other)).created == 1
    assert refusal(north, "event_presentation", as_csv(["name", "session_code"], ["Tides", "S1"])) == [
        f"row 2, session_code: 2 objects are named so; {TELLS_APART} The cell says “S1”."
    ]
    talk = [["name", "code", "session_code", "event_code"], ["Tides", "T1", "S1", "AM27"]]
    run(north, "event_presentation", as_csv(*talk))
    with tenant(north.account.pk):
        assert EventPresentation.objects.get().event_session.event_id == meeting["AM27"].pk
    assert refusal(north, "event_session", as_csv(["code", "name"], ["S1", "Both"])) == [
        "row 2, code: 2 objects have it; give their id. The cell says “S1”.",
        "row 2, event_id: It is required.",
    ]


def test_an_empty_cell_clears_and_a_missing_column_does_not(north, meeting) -> None:
    run(north, "event_session", as_csv(*PROGRAMME))
    run(north, "event_session", as_csv(["code", "event_code", "location_code", "enable"], ["S1", "AM26", "", ""]))
    with tenant(north.account.pk):
        opening = EventSession.objects.get(code="S1")
        assert (opening.event_location_id, opening.name, opening.enable) == (None, "Opening", True)
    assert refusal(north, "event_session", as_csv(["code", "name"], ["S1", " "])) == ["row 2, name: It can't be null."]


def test_every_error_of_a_file_is_told_with_its_place(north, meeting) -> None:
    rows = [
        ["code", "name", "Event code", "Start", "sort", "hide", "location_code"],
        ["S1", "", "AM26", "yesterday", "many", "perhaps", "R9"],
        ["S2", "Fine", "AM26", "2026-05-01 09:00", "1", "no", "R1"],
        [],
        ["S3", "x" * 256, "nowhere", "", "", "", ""],
        ["s2", "Twice", "AM26", "", "", "", ""],
    ]
    said = refusal(north, "event_session", as_csv(*rows), mapping={"Start": "start_datetime"})
    assert said == [
        "row 2, location_code: It refers to no object. The cell says “R9”.",
        "row 2, sort: Give a whole number. The cell says “many”.",
        "row 2, Start: Give a date and time as ISO 8601 writes it: 2026-05-01T09:30:00Z. The cell says “yesterday”.",
        "row 2, hide: Give true or false. The cell says “perhaps”.",
        "row 2, name: It is required.",
        "row 5, Event code: It refers to no object. The cell says “nowhere”.",
        f"row 5, name: It must have at most 255 characters. The cell says “{'x' * 63}…”.",
        "row 6: It is about the same object as row 3.",
    ]
    outcome = run(north, "event_session", as_csv(*rows), mapping={"Start": "start_datetime"}, partial=True)
    assert (outcome.created, [str(error) for error in outcome.refused]) == (1, said)
    with tenant(north.account.pk):
        assert EventSession.objects.get().name == "Fine"


def test_what_only_the_database_refuses_is_told_with_its_row_too(north: Party, south: Party) -> None:
    rows = [["fqdn", "site_id"], ["one.example.org", north.site.id_random], [south.fqdn, north.site.id_random]]
    said = refusal(north, "site_domain", as_csv(*rows))
    assert said == ["row 3, fqdn: Already taken: fqdn."]
    assert run(north, "site_domain", as_csv(*rows), partial=True).created == 1


@pytest.mark.parametrize(
    ("heading", "complaint"),
    [
        ("nmae", "row 1, nmae: There is no such field. Known: id, "),
        ("passcodes", "row 1, passcodes: There is no such field."),
        ("name", "row 1, name: It says the same as the column name."),
        ("x" * 5000, "row 1, " + "x" * 63 + "…: There is no such field."),
    ],
)
def test_headings_that_are_no_fields_are_refused(north: Party, heading: str, complaint: str) -> None:
    said = refusal(north, "event", as_csv(["name", heading], ["A", "B"]))
    assert len(said) == 1
    assert said[0].startswith(complaint)


def test_columns_that_only_exports_have_are_left_out_and_named(north: Party) -> None:
    data = as_csv(["name", "created_on", "site_name", "event_session_count"], ["A", "2020-01-01", "x", "7"])
    plan = plan_of(north, "event", data)
    assert plan.errors == []
    assert plan.notes[0] == "Left out, as they are not written: created_on, site_name, event_session_count."
    assert plan_of(north, "event", as_csv(["name", "colour"], ["A", "red"]), ignore_extra=True).errors == []


@pytest.mark.parametrize("file_type", ["csv", "xlsx"])
def test_an_export_comes_back_unchanged(north: Party, meeting, file_type: str) -> None:
    names = ["=1+1", "'=quoted", "-5", "@home", "  blanks", "é🎉", 'a "b", c;\r\nd', "007", "1e5", "TRUE", "{}"]
    for number, name in enumerate(names):
        body = {"code": f"{number:03}", "name": name, "summary": name, "start_datetime": "2026-05-01T09:30:00.123Z"}
        north.administrator.create("event", **body, cfg_json={"a": [1, None, "=x"]}, hide=number == 1)
    answer = north.administrator.post(f"/v3/crud/event/search?export={file_type}&hidden=all", {})
    exported = b"".join(answer.raw.streaming_content)
    again = run(north, "event", exported, f"event.{file_type}")
    assert (again.created, again.unchanged + again.updated) == (0, len(names) + 2)
    with tenant(north.account.pk):
        stored = list(Event.objects.filter(code__lt="1").order_by("code").values_list("name", flat=True))
    assert stored == names
    assert again.updated == 0


def test_a_workbook_of_one_s_own_is_read_in_the_account_s_zone(north: Party) -> None:
    rows = [["code", "name", "start_datetime", "location_text"], [2026, 7.0, NINE, 12.5]]
    plan = plan_of(north, "event", as_xlsx(*rows), "e.xlsx")
    assert "Times without an offset are read as America/Denver." in plan.notes
    with tenant(north.account.pk):
        plan.apply()
        event = Event.objects.get()
        assert (event.code, event.name, event.location_text) == ("2026", "7", "12.5")
        assert event.start_datetime.isoformat() == "2026-05-01T15:00:00+00:00"
    run(north, "event", as_xlsx(*rows, creator="Aether"), "e.xlsx")
    with tenant(north.account.pk):
        assert Event.objects.get().start_datetime.isoformat() == "2026-05-01T09:00:00+00:00"


def test_a_formula_is_no_value(north: Party) -> None:
    data = as_xlsx(["name", "code"], ["=1+1", "#N/A"])
    assert refusal(north, "event", data, "e.xlsx") == [
        "row 2, name: The cell holds a formula; put its value there.",
        "row 2, code: The cell holds an error of the spreadsheet.",
    ]


def damaged(data: bytes) -> bytes:
    return data[: len(data) // 2]


def bomb() -> bytes:
    """A small workbook whose sheet unpacks to more than it may."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 65 * 2**20)
    return file.getvalue()


def entities() -> bytes:
    """A workbook with a text that grows to gigabytes as it is read."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l0 "ha">{laughs}]>'
    source = as_xlsx(["name"], ["laughter"])
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, head.encode() + data.replace(b"laughter", b"&l9;") if b"laughter" in data else data)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "complaint"),
    [
        (b"", "e.csv", "The file is empty: its first row names the fields."),
        (b"\n\n , ,\n", "e.csv", "The file is empty: its first row names the fields."),
        ("name\nMünchen".encode("latin-1"), "e.csv", "The file is not in UTF-8; save it as “CSV UTF-8”."),
        (b'name\n"open', "e.csv", "Row 2 is no CSV: unexpected end of data."),
        (b"name\na,b\n", "e.csv", "Row 2 has a value in column B, which has no heading."),
        (b"name\n" + b"x" * 1_100_000, "e.csv", "Row 2 is no CSV: field larger than field limit (1048576)."),
        (b"a" + b",a" * 400, "e.csv", "Row 1 has more than 300 columns."),
        (b"name", "e.ods", "Give a file whose name ends in one of: .csv, .xlsx."),
        (b"name", "name", "Give a file whose name ends in one of: .csv, .xlsx."),
        (b"name", "e.xlsx", "The file is no workbook that can be read, or damaged; save it as .xlsx again."),
        (
            damaged(as_xlsx(["name"])),
            "e.xlsx",
            "The file is no workbook that can be read, or damaged; save it as .xlsx again.",
        ),
        (entities(), "e.xlsx", "The file is no workbook that can be read, or damaged; save it as .xlsx again."),
        (bomb(), "e.xlsx", "The workbook is larger than 64 MiB when unpacked; split it, or save it as CSV."),
    ],
    ids=lambda value: value if isinstance(value, str) and value.endswith(".") else "",
)
def test_a_file_that_is_no_table_is_refused(north: Party, data: bytes, name: str, complaint: str) -> None:
    assert refusal(north, "event", data, name) == [complaint]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a\x00b", ["row 2, name: A text can't contain the character NUL. The cell says “a?b”."]),
        ("😀" * 256, [f"row 2, name: It must have at most 255 characters. The cell says “{'😀' * 63}…”."]),
        ("x" * 1_000_000, [f"row 2, name: It must have at most 255 characters. The cell says “{'x' * 63}…”."]),
    ],
)
def test_texts_are_held_to_their_fields(north: Party, text: str, said: list[str]) -> None:
    assert refusal(north, "event", as_csv(["name"], [text])) == said


def test_semicolons_tabs_and_utf_16_are_understood(north: Party) -> None:
    assert run(north, "event", "\ufeffcode;name\nA;Möwe, grau\n".encode()).created == 1
    assert run(north, "event", "code\tname\nB\tMöwe\n".encode("utf-16")).created == 1
    with tenant(north.account.pk):
        assert sorted(Event.objects.values_list("name", flat=True)) == ["Möwe", "Möwe, grau"]


def test_an_id_is_kept_and_another_account_s_is_out_of_reach(north: Party, south: Party, meeting) -> None:
    assert run(north, "event", as_csv(["id", "name"], ["OGQK-02-04-94", "Old one"])).created == 1
    assert north.member.get("/v3/crud/event/OGQK-02-04-94/").data["name"] == "Old one"
    assert run(north, "event", as_csv(["id", "name"], ["OGQK-02-04-94", "Renamed"])).updated == 1
    with tenant(south.account.pk):
        foreign = Event(code="AM26", name="South's", external_id="X")
        foreign.save()
    assert refusal(north, "event", as_csv(["id", "name"], [foreign.id_random, "Mine"])) == [
        "row 2, id: Already taken: id."
    ]
    for heading, text in (("event_id", foreign.id_random), ("event_external_id", "X"), ("event_id", "nowhere0000")):
        said = refusal(north, "event_session", as_csv(["name", heading], ["A", text]))
        assert said == [f"row 2, {heading}: It refers to no object. The cell says “{text}”."]
    said = refusal(north, "event", as_csv(["name", "account_id"], ["A", south.id]))
    assert said == [f"row 2, account_id: It refers to no object. The cell says “{south.id}”."]
    assert refusal(north, "event", as_csv(["id", "name"], ["1 OR 1=1", "A"])) == [
        "row 2, id: Give an id. The cell says “1 OR 1=1”."
    ]
    with tenant(south.account.pk):
        foreign.refresh_from_db()
        assert (foreign.name, Event.objects.count()) == ("South's", 1)


def test_an_external_id_outranks_the_code_and_is_taken_over(north: Party) -> None:
    run(north, "event", as_csv(["code", "name"], ["A", "Without"]))
    outcome = run(north, "event", as_csv(["external_id", "code", "name"], ["1", "a", "With"], ["2", "B", "Other"]))
    assert (outcome.created, outcome.updated) == (1, 1)
    outcome = run(north, "event", as_csv(["external_id", "code", "name"], ["1", "B", "With"]))
    assert (outcome.created, outcome.updated) == (0, 1)
    with tenant(north.account.pk):
        assert list(Event.objects.order_by("external_id").values_list("external_id", "code")) == [
            ("1", "B"),
            ("2", "B"),
        ]


@pytest.mark.parametrize(
    ("role", "more", "type_name", "words"),
    [
        (Role.USER, {}, "event", "You may not create 'event'."),
        (Role.GUEST, {}, "journal", "You may not read 'journal'."),
        (Role.MANAGER, {"read_only": True}, "event", "This key may only read."),
        (Role.ADMINISTRATOR, {}, "user", "You may not read 'user'."),
        (Role.MANAGER, {}, "hosted_file", "You may not create 'hosted_file'."),
    ],
)
def test_who_may_not_write_does_not_import(north: Party, role: Role, more: Any, type_name: str, words: str) -> None:
    with pytest.raises(Refused) as caught:
        plan_of(north, type_name, as_csv(["name"], ["A"]), principal=principal_of(north, role, **more))
    assert caught.value.message == words
    assert refusal_of_accounts(north) == "Accounts are not made or changed by an import."


def refusal_of_accounts(party: Party) -> str:
    with pytest.raises(ImportRefused) as caught:
        plan_of(party, "account", as_csv(["code", "name"], ["x", "y"]))
    return str(caught.value.errors[0])


def test_a_field_above_one_s_role_is_not_written(north: Party) -> None:
    data = as_csv(["username", "password", "super"], ["eve", "correct horse battery", "true"])
    assert refusal(north, "user", data) == ["row 1, super: You may not write it."]


def test_a_password_is_hashed_and_not_told(north: Party) -> None:
    run(north, "user", as_csv(["username", "password"], ["ada", "correct horse battery"]))
    user = north.manager.get("/v3/crud/user/?username=ada").data[0]
    assert "password" not in user
    history = north.manager.get(f"/v3/crud/user/{user['id']}/history")
    assert history.data[0]["changes"]["password"] == [None, "***"]


def test_what_happened_since_the_plan_is_seen(north: Party) -> None:
    data = as_csv(["code", "name"], ["A", "One"])
    first, second = plan_of(north, "event", data), plan_of(north, "event", data)
    with tenant(north.account.pk):
        assert first.apply().created == 1
        assert [change.action for change in second.changes] == ["create"]
        outcome = second.apply()
        assert (outcome.created, outcome.unchanged) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_each_object_once(north: Party, tmp_path: Path) -> None:
    data = as_csv(["family_name", "external_id"], *[[f"Nr {n}", f"X{n}"] for n in range(60)])

    def apply(plan: ImportPlan) -> int:
        with tenant(north.account.pk):
            return plan.apply().created

    with shared_database(tmp_path) as connect:
        plans = [plan_of(north, "person", data) for _ in range(2)]
        assert sorted(at_once(connect, [partial(apply, plan) for plan in plans])) == [0, 60]
        with tenant(north.account.pk):
            assert Person.objects.count() == 60


def test_xlsx_of_ours_holds_no_formula_after_a_round_trip(north: Party) -> None:
    run(north, "event", as_csv(["name", "code"], ["'=cmd|'/c calc'!A1", "C"]))
    with tenant(north.account.pk):
        assert Event.objects.get().name == "=cmd|'/c calc'!A1"
    answer = north.administrator.post("/v3/crud/event/search?export=xlsx", {})
    book = load_workbook(io.BytesIO(b"".join(answer.raw.streaming_content)))
    assert {cell.data_type for row in book.active.iter_rows() for cell in row} & {"f"} == set()
