"""GET /v3/action/event_exhibit/{id}/tracking_export: who gets it, and what each of the three forms holds."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest

from accounts import standing
from events import leads
from events.leads import FIXED
from events.models import Event, EventBadge, EventExhibit, EventExhibitTracking
from kernel.workbook.reader import unescaped
from tenancy.context import tenant
from tests.conftest import Answer, Caller, Party

MOMENT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
DDE = "=cmd|'/c calc'!A1"
RUNS = re.compile(r'[\t\r\n]|[\s"\u200b-\u200f\ufeff]*[=+\-@＝＋－＠]')
LINK = '=HYPERLINK("http://example.org")'


@dataclass
class Booth:
    """An exhibit and its leads."""

    party: Party
    questions: Any = None
    values: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with tenant(self.party.account.pk):
            self.event = Event(name="Fair")
            self.event.save()
            given = {"name": "Booth", "leads_api_access": True, "leads_questions_json": self.questions} | self.values
            self.exhibit = EventExhibit(event=self.event, **given)
            self.exhibit.save()

    def lead(self, *, badge: dict[str, Any] | None = None, **values: Any) -> EventExhibitTracking:
        with tenant(self.party.account.pk):
            if badge is not None:
                values["event_badge"] = EventBadge(event=self.event, **badge)
                values["event_badge"].save()
            row = EventExhibitTracking(event_exhibit=self.exhibit, **values)
            row.save()
            return row

    def path(self, query: str = "") -> str:
        return f"/v3/action/event_exhibit/{self.exhibit.id_random}/tracking_export{query}"


Make = Callable[..., Booth]


@pytest.fixture
def booth(north: Party) -> Make:
    return lambda questions=None, **values: Booth(north, questions, values)


def body(answer: Answer) -> bytes:
    assert answer.status == 200, answer.body
    content: bytes = answer.raw.getvalue()
    return content


def as_json(answer: Answer) -> Any:
    assert answer.headers["Content-Type"] == "application/json"
    return json.loads(body(answer))


def as_csv(answer: Answer) -> list[list[str]]:
    data = body(answer)
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))


def as_xlsx(answer: Answer) -> list[list[Any]]:
    """The cells. None of them is a formula, by what openpyxl reads and by the XML."""
    data = body(answer)
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            xml = archive.read(name).decode()
            assert not re.search(r"<f[ >/]|<definedName |externalLink", xml), name
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    rows = [list(row) for row in sheet.iter_rows()]
    assert {cell.data_type for row in rows for cell in row} <= {"s", "inlineStr", "n", "d", "b"}
    return [[cell.value for cell in row] for row in rows]


# --- who may


def test_the_flag_or_a_manager_opens_it(booth: Make, north: Party) -> None:
    open_booth, closed = booth(), booth(leads_api_access=False)
    for caller, may_both in ((north.member, False), (north.administrator, False), (north.manager, True)):
        assert caller.get(open_booth.path()).status == 200
        answer = caller.get(closed.path())
        assert answer.status == (200 if may_both else 403)
        assert caller.get(closed.path("?return_file=false")).status == answer.status
        assert caller("HEAD", closed.path()).status == answer.status
        if not may_both:
            assert answer.error == ("permission", 403)
    read_only = Caller({"x-aether-api-key": north.keys["read_only"], "x-account-id": north.id})
    assert read_only.get(closed.path()).status == 200  # its role is manager


def test_nobody_else(booth: Make, north: Party, south: Party, visitor: Caller, bypass: Caller) -> None:
    own = booth()
    own.lead(responses_json={"secret": "canary"})
    for caller in (Caller(), visitor, north.guest, south.member, south.manager, south.guest):
        for query in ("", "?file_type=xlsx", "?return_file=false"):
            answer = caller.get(own.path(query))
            assert (answer.status, answer.data, answer.error) == (403, None, ("permission", 403))
            assert b"canary" not in answer.raw.content
    assert bypass.get(own.path()).status == 200
    token = visitor.post("/v3/auth/guest", {"site_id": north.site.id_random}).data["jwt"]
    assert visitor.with_headers(authorization=f"Bearer {token}").get(own.path()).status == 403
    assert visitor.get(own.path(f"?jwt={token}")).status == 403


def test_unknown_ids_and_methods(booth: Make, north: Party) -> None:
    own = booth()
    others = (own.exhibit.id_random.swapcase(), own.event.id_random, str(own.exhibit.pk))
    for text in ("nowhere0000", "0", "-1", "%00", *others):
        answer = north.manager.get(f"/v3/action/event_exhibit/{text}/tracking_export")
        assert (answer.status, answer.error) == (404, ("not_found", 404)), text
    assert north.manager.get(own.path("/")).status == 200
    for method in ("POST", "PATCH", "PUT", "DELETE"):
        assert north.manager(method, own.path()).status == 405


@pytest.mark.parametrize("query", ["?format=csv", "?file_type=pdf", "?file_type=CSV", "?file_type=", "?return_file=x"])
def test_parameters_are_strict(booth: Make, north: Party, query: str) -> None:
    answer = north.manager.get(booth().path(query))
    assert (answer.status, answer.error) == (400, ("validation", 400))
    assert list(answer.meta["details"]["fields"]) == [query[1:].partition("=")[0]]
    assert north.manager.get(booth().path("?file_type=csv&file_type=csv")).status == 400


def test_a_right_taken_away_holds_for_the_next_one(booth: Make, north: Party) -> None:
    own = booth()
    assert north.member.get(own.path()).status == 200
    with tenant(north.account.pk):
        own.exhibit.leads_api_access = False
        own.exhibit.save()
    standing.forget()
    assert north.member.get(own.path()).status == 403


# --- what is in it


def test_every_record_of_this_exhibit_and_no_other(booth: Make, north: Party, south: Party) -> None:
    own, neighbour = booth(), booth(name="Neighbour")
    kept = [own.lead(hide=n % 2 == 0, enable=n % 3 == 0, rating=n).id_random for n in range(7)]
    neighbour.lead(responses_json={"elsewhere": "x"})
    Booth(south).lead(responses_json={"elsewhere": "x"})
    rows = as_json(north.member.get(own.path("?return_file=false")))
    assert [row["id"] for row in rows["data"]] == kept
    assert rows["meta"]["count"] == len(kept)
    assert "elsewhere" not in rows["data"][0]
    assert [row[0] for row in as_csv(north.member.get(own.path()))] == ["id", *kept]
    assert [row[0] for row in as_xlsx(north.member.get(own.path("?file_type=xlsx")))] == ["id", *kept]


HOSTILE = [
    *(DDE, LINK, "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1", "\n=1+1", "＝1+1", " =1+1", '"=1+1', "'=1+1", "-5"),
    *("a,b", 'say "x"', "line\nbreak", "line\r\nbreak", ";", "007", "12345678901234567890", "2026-05-01", "1e5"),
    *("\ufeffx", "\x0b=1+1", "bell\x07", "\x1b[31m", "\u202eevil", "😀", "x" * 40_000, "TRUE", "#REF!", "_x0041_"),
    "</t><f>1+1</f>",
]


@pytest.fixture
def hostile(booth: Make) -> Booth:
    """Whatever somebody may have typed, as answer, as name and as the title of a question."""
    made = booth([{"code": f"q{n}", "label": text} for n, text in enumerate((DDE, LINK, "@x", "-1", "a,b"))])
    for n, text in enumerate(HOSTILE):
        short = text[:100]
        badge = {"given_name": short, "affiliations": short, "email": f"{n}@example.org", "allow_tracking": True}
        capture = {"captured_on": MOMENT, "captured_by": short, "rating": n}
        made.lead(badge=badge, responses_json={"q0": text, short: text}, **capture)
    return made


def test_the_three_forms_say_the_same(hostile: Booth, north: Party) -> None:
    rows = as_json(north.member.get(hostile.path("?return_file=false")))["data"]
    heading, *lines = as_csv(north.member.get(hostile.path()))
    sheet_heading, *cells = as_xlsx(north.member.get(hostile.path("?file_type=xlsx")))
    assert len(rows) == len(lines) == len(cells) == len(HOSTILE)
    names = list(rows[0])
    for row, line, cell in zip(rows, lines, cells, strict=True):
        for name, text, value in zip(names, line, cell, strict=True):
            said = row[name]
            assert text in ("" if said is None else str(said), f"'{said}"), name
            if isinstance(said, str) and name != "captured_on" and len(said) < 32_767 and said.isprintable():
                assert (unescaped(value) if isinstance(value, str) else value) == said, name
    rated = names.index("rating")
    assert [row["rating"] for row in rows] == [cell[rated] for cell in cells] == list(range(len(HOSTILE)))
    assert cells[0][names.index("captured_on")] == MOMENT.replace(tzinfo=None)
    assert rows[0]["captured_on"] == lines[0][names.index("captured_on")] == "2026-05-01T09:30:00Z"
    assert [text.removeprefix("'") for text in heading][:15] == names[:15]
    assert len(sheet_heading) == len(names)


def test_no_cell_and_no_heading_runs(hostile: Booth, north: Party) -> None:
    heading, *lines = as_csv(north.member.get(hostile.path()))
    assert [cell for line in [heading, *lines] for cell in line[1:] if RUNS.match(cell)] == []
    assert f"'{DDE}" in heading
    answers = {line[len(FIXED)] for line in lines}
    assert {f"'{DDE}", f"'{LINK}", "'-5", "'\t=1+1", "'＝1+1", "007", "12345678901234567890"} <= answers
    cells = as_xlsx(north.member.get(hostile.path("?file_type=xlsx")))
    assert {DDE, LINK, "007", "12345678901234567890", "-5"} <= {row[len(FIXED)] for row in cells[1:]}
    assert DDE in cells[0]


def test_numbers_stay_numbers_only_where_the_column_is_one(hostile: Booth, north: Party) -> None:
    heading, *cells = as_xlsx(north.member.get(hostile.path("?file_type=xlsx")))
    kinds = {name: {type(row[place]) for row in cells} - {type(None)} for place, name in enumerate(heading)}
    assert kinds["rating"] == {int}
    assert kinds["captured_on"] == {datetime}
    assert [name for name, found in kinds.items() if name not in ("rating", "captured_on") and found - {str}] == []


def test_csv_read_back_is_what_was_stored(hostile: Booth, north: Party) -> None:
    heading, *lines = as_csv(north.member.get(hostile.path()))
    answers = [line[heading.index(f"'{DDE}")] for line in lines]
    assert [found for found, text in zip(answers, HOSTILE, strict=True) if found not in (text, f"'{text}")] == []


def test_questions_and_their_answers(booth: Make, north: Party) -> None:
    own = booth([{"code": "interest", "label": "Interested in?"}, {"code": "when", "label": "email"}])
    own.lead(responses_json={"when": "now", "budget": 5})
    own.lead(responses_json=[{"code": "interest", "answer": ["Pumps", "Valves"]}, {"question": "more", "value": True}])
    own.lead(exhibitor_notes="<p>Call <b>back</b> &amp; write</p>")
    rows = as_json(north.member.get(own.path("?return_file=false")))["data"]
    assert list(rows[0]) == [*FIXED, "Interested in?", "email (when)", "budget", "more"]
    assert [list(row.values())[len(FIXED) :] for row in rows] == [
        [None, "now", "5", None],
        ["Pumps; Valves", None, None, "yes"],
        [None] * 4,
    ]
    assert [row["exhibitor_notes"] for row in rows] == [None, None, "Call back & write"]


def test_consent(booth: Make, north: Party) -> None:
    own = booth()
    for number, allowed in enumerate((True, False)):
        reach = {"email": f"{number}@example.org", "phone": f"+1 {number}", "location": f"Town {number}"}
        own.lead(badge={"given_name": "Ada", "family_name": "L", "allow_tracking": allowed, **reach})
    for caller in (north.member, north.manager):
        for query in ("", "?file_type=xlsx", "?return_file=false"):
            data = body(caller.get(own.path(query)))
            if query == "?file_type=xlsx":
                data = ZipFile(io.BytesIO(data)).read("xl/worksheets/sheet1.xml")
            assert b"0@example.org" in data
            for private in (b"1@example.org", b"+1 1", b"Town 1"):
                assert private not in data


def test_no_lead_is_a_file_with_headings(booth: Make, north: Party) -> None:
    own = booth([{"code": "a"}])
    assert as_csv(north.member.get(own.path())) == [[*FIXED, "a"]]
    assert as_xlsx(north.member.get(own.path("?file_type=xlsx"))) == [[*FIXED, "a"]]
    assert as_json(north.member.get(own.path("?return_file=false")))["data"] == []


def test_more_than_a_page(booth: Make, north: Party, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leads, "PAGE", 2)
    own = booth()
    kept = [own.lead(responses_json={f"q{n}": n}).id_random for n in range(5)]
    found = as_json(north.member.get(own.path("?return_file=false")))
    assert [row["id"] for row in found["data"]] == kept
    assert found["meta"]["count"] == 5
    for read, query in ((as_csv, ""), (as_xlsx, "?file_type=xlsx")):
        rows = read(north.member.get(own.path(query)))
        assert [row[0] for row in rows[1:]] == kept
        assert [row[len(FIXED) + n] for n, row in enumerate(rows[1:])] == [str(n) for n in range(5)]


# --- the answer around it


@pytest.mark.parametrize(
    ("name", "code", "expected"),
    [
        ("Booth", "A1", 'attachment; filename="leads A1 Booth.csv"'),
        ("../../etc/passwd", None, 'attachment; filename="leads .._.._etc_passwd.csv"'),
        ('a"b\\c', None, 'attachment; filename="leads a_b_c.csv"'),
        ("a\r\nSet-Cookie: x=y", None, 'attachment; filename="leads a Set-Cookie_ x=y.csv"'),
        ("Größe 😀", None, "attachment; filename*=utf-8''leads%20Gr%C3%B6%C3%9Fe%20%F0%9F%98%80.csv"),
        ("\u202efdp.exe", "=1", 'attachment; filename="leads =1 _fdp.exe.csv"'),
        ("x" * 255, None, f'attachment; filename="leads {"x" * 94}.csv"'),
    ],
)
def test_the_name_of_the_file(booth: Make, north: Party, name: str, code: str | None, expected: str) -> None:
    answer = north.member.get(booth(name=name, code=code).path())
    assert answer.headers["Content-Disposition"] == expected
    assert "Set-Cookie" not in answer.headers
    as_xlsx(north.member.get(booth(name=name, code=code).path("?file_type=xlsx")))


@pytest.mark.parametrize(
    ("query", "content_type"),
    [
        ("", "text/csv; charset=utf-8"),
        ("?file_type=xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("?return_file=false", "application/json"),
        ("?return_file=false&file_type=xlsx", "application/json"),
    ],
)
def test_headers_and_head(booth: Make, north: Party, query: str, content_type: str) -> None:
    own = booth()
    own.lead()
    got, head = north.member.get(own.path(query)), north.member("HEAD", own.path(query))
    assert got.headers["Content-Type"] == content_type
    assert got.headers["Cache-Control"] == "private, no-store"
    assert ("Content-Disposition" in got.headers) == ("return_file" not in query)
    assert head.status == 200
    assert body(head) == b""
    without_id = [{k: v for k, v in answer.headers.items() if k != "X-Request-Id"} for answer in (got, head)]
    assert without_id[0] == without_id[1]


def test_the_envelope_of_the_rows(booth: Make, north: Party) -> None:
    own = booth()
    own.lead()
    answer = north.member.get(own.path("?return_file=false"), x_request_id="mine-17")
    meta = as_json(answer)["meta"]
    assert meta == {"success": True, "status_code": 200, "status_message": "OK", "request_id": "mine-17", "count": 1}
