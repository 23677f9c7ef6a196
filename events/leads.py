"""The leads of an exhibit as a table: badge, capture, notes, and one column a question (contract section 8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import orjson

from crud import Table
from events.models import EventExhibit, EventExhibitTracking
from kernel.html import html_to_text
from kernel.statement import execute

PAGE: Final = 2_000
BADGE: Final = ("full_name", "given_name", "family_name", "professional_title", "affiliations")
CONSENTED: Final = ("email", "phone", "location")
"""Of the badge too, but blank unless its holder shares it with the exhibit."""
CAPTURE: Final = ("captured_on", "captured_by", "rating", "exhibitor_notes")
FIXED: Final = ("id", *BADGE, *CONSENTED, *CAPTURE)
MAX_QUESTIONS: Final = 500
"""More columns than a spreadsheet takes would end everybody's export. The rest share a column."""
OTHER: Final = "other_answers"

ANSWER_NAMES: Final = ("answer", "value", "response")
QUESTION_NAMES: Final = ("code", "question", "label", "name")

Row = list[Any]


@dataclass(frozen=True, slots=True)
class Leads:
    """All leads of one exhibit; rows come in pages, read as they are asked for."""

    exhibit: EventExhibit
    questions: dict[str, str]
    """Code → heading, in the exhibit's order, then those that only answers know."""
    codes: dict[str, str]
    """What an answer may call its question → code."""
    crowded: bool
    """Whether there are more questions than columns."""
    masked: tuple[str, ...] = ()
    """What the account blanks besides, where the attendee does not share."""

    @property
    def headings(self) -> list[str]:
        return [*FIXED, *self.questions.values(), *([OTHER] if self.crowded else [])]

    @property
    def table(self) -> Table:
        name = f"leads {self.exhibit.code or ''} {self.exhibit.name}"
        return Table(" ".join(name.split()), [(heading, heading == "id") for heading in self.headings])

    def pages(self) -> Iterator[list[Row]]:
        columns = (
            *("id_random", "event_badge__full_name_override"),
            *(f"event_badge__{name}" for name in (*BADGE, *CONSENTED)),
            "contact_shared",
            *CAPTURE,
            "responses_json",
        )
        for page in _pages(self.exhibit, columns):
            yield [self._row(values) for values in page]

    def _row(self, values: tuple[Any, ...]) -> Row:
        public_id, override, full_name, *rest = values
        badge, consented, shared = [override or full_name, *rest[:4]], rest[4:7], rest[7] == 1
        if self.masked and not shared:
            badge = [None if name in self.masked else value for name, value in zip(BADGE, badge, strict=True)]
        captured_on, captured_by, rating, notes, responses = rest[8:]
        answers = answers_of(responses, self.codes)
        return [
            *(public_id, *badge),
            *(consented if shared else (None, None, None)),
            *(captured_on, captured_by, rating, html_to_text(notes) if notes else None),
            *map(answers.get, self.questions),
            *([self._others(answers)] if self.crowded else ()),
        ]

    def _others(self, answers: dict[str, str]) -> str | None:
        """The answers without a column."""
        pairs = (f"{code}: {answer}" for code, answer in answers.items() if code not in self.questions)
        return "; ".join(pairs) or None


def leads_of(exhibit: EventExhibit, masked: tuple[str, ...] = ()) -> Leads:
    """Every lead of an exhibit, hidden and disabled ones too. The caller has checked who asks."""
    stored = exhibit.leads_questions_json
    listed = [question for question in stored if isinstance(question, dict)] if isinstance(stored, list) else []
    questions = {str(question["code"]): _label(question) for question in listed if question.get("code")}
    codes = {label: code for code, label in reversed(questions.items())} | {code: code for code in questions}
    for page in _pages(exhibit, ("responses_json",)):
        for (responses,) in page:
            for name, _ in _answered(responses):
                if name not in codes:
                    codes[name] = questions[name] = name
    columns = dict(islice(questions.items(), MAX_QUESTIONS))
    return Leads(exhibit, _distinct(columns), codes, crowded=len(questions) > len(columns), masked=masked)


def _label(question: dict[str, Any]) -> str:
    return str(question.get("label") or question["code"])


def _distinct(questions: dict[str, str]) -> dict[str, str]:
    """Headings that repeat, or repeat a fixed one, get their code added."""
    taken = {*FIXED, OTHER}
    headings: dict[str, str] = {}
    for code, label in questions.items():
        heading = label if label not in taken else f"{label} ({code})"
        while heading in taken:
            heading += " *"
        taken.add(heading)
        headings[code] = heading
    return headings


def _pages(exhibit: EventExhibit, columns: tuple[str, ...]) -> Iterator[list[tuple[Any, ...]]]:
    """The columns of all records, by key, as the database gives them: documents as text."""
    last = 0
    rows = EventExhibitTracking.objects.filter(event_exhibit=exhibit).order_by("pk")
    while True:
        page = rows.filter(pk__gt=last).values_list("pk", *columns)[:PAGE]
        sql, params = page.query.sql_with_params()
        records = execute(sql, list(params))
        if records:
            last = records[-1][0]
            yield [row[1:] for row in records]
        if len(records) < PAGE:
            return


def answers_of(responses: str | None, codes: dict[str, str]) -> dict[str, str]:
    """Code → answer as text, from both stored forms: `{code: answer}`, or a list of `{code…, answer…}`.

    `codes`: names of questions → their codes; another name is a code of its own.
    """
    return {
        codes.get(name, name): answer if type(answer) is str else _text(answer) for name, answer in _answered(responses)
    }


def _answered(responses: str | None) -> Iterable[tuple[str, Any]]:
    """What each answer calls its question, and the answer as it was stored."""
    stored = orjson.loads(responses) if responses else None
    match stored:
        case dict():
            return stored.items()
        case list():
            return [pair for item in stored if isinstance(item, dict) and (pair := _listed(item))]
        case _:
            return ()


def _listed(item: dict[str, Any]) -> tuple[str, Any] | None:
    called = next((str(item[name]) for name in QUESTION_NAMES if item.get(name)), None)
    answer = next((item[name] for name in ANSWER_NAMES if item.get(name) is not None), None)
    return None if called is None else (called, answer)


def _text(answer: Any) -> str:
    match answer:
        case None:
            return ""
        case bool():
            return "yes" if answer else "no"
        case list():
            return "; ".join([part if type(part) is str else _text(part) for part in answer])
        case dict():
            label = next((answer[name] for name in ("label", "name", "value", "code") if answer.get(name)), None)
            return _text(label) if label is not None else orjson.dumps(answer).decode()
        case _:
            return str(answer)
