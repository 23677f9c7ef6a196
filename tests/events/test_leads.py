"""The leads of an exhibit as rows: questions and answers in every stored form, consent, notes as text."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from events import leads
from events.leads import FIXED, OTHER, Leads, answers_of, leads_of
from events.models import Event, EventBadge, EventExhibit, EventExhibitTracking
from tenancy.context import tenant
from tests.conftest import Party

Make = Callable[..., Leads]


@pytest.fixture
def make(north: Party) -> Make:
    """An exhibit with these questions and leads (columns of the record, or `responses_json` alone)."""

    def made(questions: Any, *records: Any) -> Leads:
        with tenant(north.account.pk):
            event = Event(name="Fair")
            event.save()
            exhibit = EventExhibit(event=event, name="Booth")
            exhibit.save()
            EventExhibit.objects.filter(pk=exhibit.pk).update(leads_questions_json=questions)  # as an import might
            exhibit.refresh_from_db()
            for record in records:
                whole = isinstance(record, dict) and "responses_json" in record
                EventExhibitTracking(event_exhibit=exhibit, **record if whole else {"responses_json": record}).save()
            return leads_of(exhibit)

    return made


def rows(found: Leads) -> list[dict[str, Any]]:
    with tenant(found.exhibit.account_id):
        return [dict(zip(found.headings, row, strict=True)) for page in found.pages() for row in page]


def asked(found: Leads) -> list[list[Any]]:
    """The cells of the questions."""
    return [list(row.values())[len(FIXED) :] for row in rows(found)]


QUESTIONS = [{"code": "interest", "label": "Interested in?"}, {"code": "when"}]


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (None, {}),
        ({}, {}),
        ([], {}),
        ({"interest": "Pumps", "when": None}, {"interest": "Pumps", "when": ""}),
        ({"interest": ["Pumps", "Valves"]}, {"interest": "Pumps; Valves"}),
        ({"interest": [["a", "b"], 7, None, True]}, {"interest": "a; b; 7; ; yes"}),
        ({"a": 7, "b": 1.5, "c": True, "d": False}, {"a": "7", "b": "1.5", "c": "yes", "d": "no"}),
        ({"a": {"label": "Pumps", "code": "p"}, "b": {"x": 1}}, {"a": "Pumps", "b": '{"x":1}'}),
        ({"a": [{"name": "Pumps"}, {"value": "v"}]}, {"a": "Pumps; v"}),
        ([{"code": "interest", "answer": "Pumps"}], {"interest": "Pumps"}),
        ([{"question": "interest", "value": ["a", "b"]}], {"interest": "a; b"}),
        ([{"label": "interest", "response": 7}], {"interest": "7"}),
        ([{"name": "interest", "answer": None, "value": "late"}], {"interest": "late"}),
        ([{"code": "interest", "label": "Interested in?", "answer": False}], {"interest": "no"}),
        ([{"code": 12, "answer": "x"}, {"code": "interest"}], {"12": "x", "interest": ""}),
        ([{"answer": "of nothing"}, "text", None, 7, ["x"]], {}),
        ("text", {}),
        (7, {}),
    ],
)
def test_answers_in_every_stored_form(stored: Any, expected: dict[str, str]) -> None:
    assert answers_of(orjson.dumps(stored).decode(), {}) == expected
    assert answers_of(None, {}) == {}


def test_the_exhibits_order_first_then_what_only_answers_know(make: Make) -> None:
    found = make(QUESTIONS, {"new": "1", "when": "now"}, [{"code": "newer", "answer": "2"}], {"interest": "x"})
    assert found.headings == [*FIXED, "Interested in?", "when", "new", "newer"]
    assert asked(found) == [[None, "now", "1", None], [None, None, None, "2"], ["x", None, None, None]]


def test_an_answer_may_call_its_question_by_the_label(make: Make) -> None:
    found = make(
        [*QUESTIONS, {"code": "also", "label": "when"}],
        [{"label": "Interested in?", "answer": "a"}, {"question": "when", "answer": "b"}],
        {"Interested in?": "c"},
    )
    assert found.headings[len(FIXED) :] == ["Interested in?", "when", "when (also)"]
    assert asked(found) == [["a", "b", None], ["c", None, None]]


def test_headings_are_distinct(make: Make) -> None:
    labels = (("a", "email"), ("b", "Size"), ("c", "Size"), ("d", "id"), ("e", "Size (c)"), (OTHER, ""))
    found = make([{"code": code, "label": label} for code, label in labels], {"rating": "good", "c": "x", OTHER: "y"})
    expected = ["email (a)", "Size", "Size (c)", "id (d)", "Size (c) (e)", f"{OTHER} ({OTHER})", "rating (rating)"]
    assert found.headings[len(FIXED) :] == expected
    assert len(set(found.headings)) == len(found.headings)
    assert [heading for heading, is_id in found.table.columns if is_id] == ["id"]
    assert asked(found) == [[None, None, "x", None, None, "y", "good"]]


@pytest.mark.parametrize("questions", [None, {}, "x", 7, [None, 7, "x", {}, {"label": "No code"}, {"code": ""}]])
def test_questions_that_are_none_end_no_export(make: Make, questions: Any) -> None:
    assert make(questions, {"a": "1"}).headings == [*FIXED, "a"]


def test_too_many_questions_share_a_column(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leads, "MAX_QUESTIONS", 3)
    found = make(QUESTIONS, {"a": "1", "b": "2", "c": "3", "when": "now"}, {"a": "4"})
    assert found.headings[len(FIXED) :] == ["Interested in?", "when", "a", OTHER]
    assert asked(found) == [[None, "now", "1", "b: 2; c: 3"], [None, None, "4", None]]


def test_every_record_in_its_order_over_pages(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leads, "PAGE", 2)
    for count in (0, 1, 2, 4, 5):
        states = [{"responses_json": {"n": n}, "hide": n % 2 == 0, "enable": n % 3 != 0} for n in range(count)]
        assert asked(make(None, *states)) == [[str(n)] for n in range(count)]


def test_only_this_exhibits_records(make: Make, south: Party) -> None:
    others = make(QUESTIONS, {"only elsewhere": "x"})
    found = make(QUESTIONS, {"interest": "here"})
    assert others.headings != found.headings
    assert asked(found) == [["here", None]]
    with tenant(south.account.pk):
        assert list(found.pages()) == []


def test_badge_and_consent(make: Make, north: Party) -> None:
    with tenant(north.account.pk):
        event = Event(name="Fair")
        event.save()
        person = {"given_name": "Ada", "family_name": "Lovelace", "professional_title": "Dr", "affiliations": "Works"}
        reach = {"email": "ada@example.org", "phone": "+1 2", "location": "London"}
        kept = EventBadge(event=event, allow_tracking=False, **person, **reach)
        given = EventBadge(event=event, allow_tracking=True, full_name_override="Countess L.", **person, **reach)
        kept.save()
        given.save()
    captured = {"captured_on": datetime(2026, 5, 1, 9, 30, tzinfo=UTC), "captured_by": "Bo", "rating": 4}
    captured["responses_json"] = {}
    found = make(None, {"event_badge": kept, **captured}, {"event_badge": given, **captured}, {"responses_json": {}})
    first, second, bare = rows(found)
    shown = person | {"captured_on": datetime(2026, 5, 1, 9, 30), "captured_by": "Bo", "rating": 4}  # noqa: DTZ001
    blank = dict.fromkeys(reach)
    assert first == {"id": first["id"], "full_name": "Ada Lovelace", "exhibitor_notes": None} | shown | blank
    assert second == {"id": second["id"], "full_name": "Countess L.", "exhibitor_notes": None} | shown | reach
    assert {name for name, value in bare.items() if value is not None} == {"id"}


NOTES = [
    ("<p>Call <b>back</b></p><p>soon</p>", "Call back soon"),
    ("one<br>two<br/>three", "one two three"),
    ("<ul><li>a<ul><li>b</li></ul></li></ul>", "a b"),
    ("AT&amp;T &lt;b&gt; &quot;x&quot; &nbsp; &#233;&#x1F600;", 'AT&T <b> "x" é😀'),
    ("<scr<script>ipt>alert(1)</script>", "ipt>alert(1)"),
    ("<script>alert(1)</script><style>p{}</style>ok", "ok"),
    ("<!-- secret -->shown<!-- <b> -->", "shown"),
    ("<![CDATA[inside]]>after", "after"),
    ("<img src=x onerror=alert(1)>text", "text"),
    ("2 < 3 and 5 > 4", "2 < 3 and 5 > 4"),
    ("<<b>>x</b>", "<>x"),
    ("  many\r\n\t blanks \u00a0 ", "many blanks"),
    ("", None),
    (None, None),
]


@pytest.mark.parametrize(("notes", "expected"), NOTES, ids=lambda value: repr(value)[:30])
def test_notes_are_plain_text(make: Make, notes: str | None, expected: str | None) -> None:
    found = make(None, None)
    with tenant(found.exhibit.account_id):
        EventExhibitTracking.objects.update(exhibitor_notes=notes)  # as an import might: not cleaned
    text = rows(found)[0]["exhibitor_notes"]
    assert text == expected


@pytest.mark.parametrize("unit", ["<", "< ", "</", "<?", "<<b>", "<b><i>", "&lt;", "<!--", "</p>", "<p", "<a href='"])
def test_hostile_notes_take_no_time(make: Make, unit: str) -> None:
    text = unit * (2**20 // len(unit))
    found = make(None, None)
    with tenant(found.exhibit.account_id):
        EventExhibitTracking.objects.update(exhibitor_notes=text)
    started = time.process_time()
    rows(found)
    assert time.process_time() - started < 1


def test_queries_do_not_grow_with_the_leads(make: Make, django_assert_num_queries: Any) -> None:
    for count in (1, 30):
        found = make(QUESTIONS, *[{"interest": str(n)} for n in range(count)])
        with tenant(found.exhibit.account_id), django_assert_num_queries(2):
            list(leads_of(found.exhibit).pages())
