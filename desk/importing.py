"""The import of a programme: a file, what its headings mean, what it would change, and then the change itself.

The file is sent once. Its bytes lie in the store, which throws away what no row points at; a signed token says which.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from django.contrib import messages
from django.core import signing
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse

from crud import (
    LEAVE_OUT,
    ImportPlan,
    ImportRefused,
    RowError,
    Table,
    file_response,
    plan_import,
    quoted,
    registry,
    rows_with,
)
from desk.page import DeskView
from desk.timetable import said
from events.clashes import Clash, clashes_of
from events.models import EventSession
from files.filename import clean_filename
from files.store import local_file, put
from kernel.errors import ApiError, Invalid

TYPES: Final = {
    "event_session": "event",
    "event_presentation": "event_session__event",
    "event_presenter": "event_presentation__event_session__event",
    "event_location": "event",
    "event_badge": "event",
}
"""What can be imported here → the way up to the event."""
CLASHING: Final = ("event_session", "event_presentation", "event_presenter")
MOST_BYTES: Final = 50 * 2**20
MOST_ROWS: Final = 10_000
MOST_TRIED: Final = 2_000
"""Rows for which the clashes are looked for."""
SHOWN: Final = 200
SECONDS: Final = 12 * 3_600
"""How long a file that was sent can be imported."""
SALT: Final = "desk.import"
WORDS: Final = {
    **dict.fromkeys(("title", "session_title", "talk", "talk_title"), "name"),
    **dict.fromkeys(("room", "hall", "venue", "location"), "event_location_name"),
    **dict.fromkeys(("begin", "begins", "from", "start_time", "starts"), "start_datetime"),
    **dict.fromkeys(("finish", "ends", "until", "to", "end_time"), "end_datetime"),
    **dict.fromkeys(("format", "kind", "track", "type"), "type_code"),
    **dict.fromkeys(("abstract", "summary"), "description"),
    **dict.fromkeys(("session", "session_code"), "event_session_code"),
    **dict.fromkeys(("presentation", "presentation_code", "talk_code"), "event_presentation_code"),
    **dict.fromkeys(("first_name", "forename"), "given_name"),
    **dict.fromkeys(("last_name", "surname"), "family_name"),
    **dict.fromkeys(("organisation", "organization", "company", "institution", "affiliation"), "affiliations"),
    **dict.fromkeys(("mail", "e_mail", "email_address"), "email"),
}
"""What people write above a column, besides the fields' own names."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that was sent, and what it is to be read as."""

    hash_sha256: str
    name: str
    type_name: str
    token: str


class Tried(Exception):
    """Carries the clashes out of the transaction that is undone."""

    def __init__(self, clashes: list[str]) -> None:
        super().__init__()
        self.clashes = clashes


class ImportPage(DeskView):
    demands = (("event_session", "read"),)

    def get(self, request: HttpRequest) -> HttpResponse:
        token = request.GET.get("file", "")
        if not token:
            return self._show()
        try:
            return self._preview(self._sent(token), {}, "", partial=False)
        except ApiError as error:
            return self._show(error.message, error.http_status)

    def _show(self, problem: str = "", status: int = 200, **shown: Any) -> HttpResponse:
        types = [(name, registry[name].label) for name in TYPES if self._may_import(name)]
        values = {"types": types, "problem": problem, "most_mb": MOST_BYTES // 2**20, **shown}
        return self.page("import.html", "import", values, status)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        try:
            if "upload" in request.POST:
                return self._take(request)
            sent = self._sent(request.POST.get("file", ""))
            mapping, sheet = self._mapping(request), request.POST.get("sheet", "")[:100]
            partial = "partial" in request.POST
            if "left_out" in request.POST:
                return self._left_out(self._plan(sent, mapping, sheet, partial=partial))
            if "import" in request.POST and request.POST.get("previewed") == _digest(sent, mapping, sheet, partial):
                return self._import(sent, mapping, sheet, partial=partial)
            return self._preview(sent, mapping, sheet, partial=partial)
        except ApiError as error:
            return self._show(error.message, error.http_status)

    def _may_import(self, type_name: str) -> bool:
        return type_name in TYPES and all(self.may(type_name, verb) for verb in ("read", "create", "update"))

    def _take(self, request: HttpRequest) -> HttpResponse:
        file: Any = request.FILES.get("file")
        type_name = request.POST.get("type", "")
        if not self._may_import(type_name):
            raise Invalid("Choose what the rows of the file are.")
        if file is None:
            raise Invalid("Choose a CSV or XLSX file.")
        if file.size > MOST_BYTES:
            raise Invalid(f"A file has at most {MOST_BYTES // 2**20} MB.")
        said = {"hash": put(file).hash_sha256, "name": clean_filename(file.name), "type": type_name}
        token = signing.dumps(said | {"event": self.event.id_random, "user": self.principal.user_public_id}, salt=SALT)
        return HttpResponseRedirect(f"{reverse('desk_import', args=[self.event.id_random])}?file={token}")

    def _sent(self, token: str) -> Sent:
        """Raises Invalid for a token that is not of this event and person, or too old."""
        try:
            said = signing.loads(token, salt=SALT, max_age=SECONDS)
        except signing.BadSignature:
            raise Invalid("The file is no longer here; choose it again.") from None
        if (said["event"], said["user"]) != (self.event.id_random, self.principal.user_public_id):
            raise Invalid("The file is no longer here; choose it again.")
        if not self._may_import(said["type"]):
            raise Invalid("Choose what the rows of the file are.")
        return Sent(said["hash"], said["name"], said["type"], token)

    def _mapping(self, request: HttpRequest) -> dict[str, str]:
        """Heading → field, from the pairs heading-N, field-N; an empty field leaves the heading to itself."""
        pairs = ((request.POST[f"heading-{n}"], request.POST.get(f"field-{n}", "")) for n in _numbers(request))
        return {heading: name for heading, name in pairs if heading and name}

    def _plan(self, sent: Sent, mapping: dict[str, str], sheet: str, *, partial: bool) -> ImportPlan:
        fixed = {"event_id": self.event.id_random}
        try:
            with local_file(sent.hash_sha256) as path, Path(path).open("rb") as file:
                plan = plan_import(
                    registry[sent.type_name], self.principal, file, sent.name,
                    mapping=mapping, fixed=fixed, partial=partial, sheet=sheet, most_rows=MOST_ROWS,
                )  # fmt: skip
        except FileNotFoundError:
            raise Invalid("The file is no longer here; choose it again.") from None
        self._keep_within_event(sent.type_name, plan)
        return plan

    def _keep_within_event(self, type_name: str, plan: ImportPlan) -> None:
        """An id in a file may be that of another event's object: it stays there."""
        ids = {change.public_id: change.row for change in plan.changes if change.public_id}
        rows = self.rows(type_name).filter(id_random__in=ids).exclude(**{TYPES[type_name]: self.event})
        if found := list(rows.values_list("id_random", flat=True)):
            plan.errors += [RowError(ids[one], "", "It is an object of another event.") for one in found]
            plan.partial = False

    def _preview(self, sent: Sent, mapping: dict[str, str], sheet: str, *, partial: bool) -> HttpResponse:
        first = self._plan(sent, mapping, sheet, partial=partial)
        if not mapping and (guessed := _guessed(first)):
            mapping = guessed
            first = self._plan(sent, mapping, sheet, partial=partial)
        plan = first
        actions = [change.action for change in plan.changes]
        counts = {name: actions.count(name) for name in ("create", "update", "none")}
        changes = [change for change in plan.changes if change.action != "none"]
        ready = bool(changes) and (plan.partial or not plan.errors)
        return self._show(
            sent=sent,
            label=registry[sent.type_name].label,
            sheets=plan.table.sheets,
            headings=_columns(plan, mapping),
            known=plan.known,
            leave_out=LEAVE_OUT,
            partial=partial,
            notes=plan.notes,
            counts=counts,
            row_count=plan.row_count,
            errors=sorted(plan.errors)[:SHOWN],
            error_count=len(plan.errors),
            error_rows=rows_with(plan.errors),
            changes=changes[:SHOWN],
            shown_rows=SHOWN,
            clashes=self._clashes(sent, plan, len(changes)) if ready else [],
            ready=ready,
            digest=_digest(sent, mapping, sheet, partial),
            sheet=sheet,
        )

    def _clashes(self, sent: Sent, plan: ImportPlan, many: int) -> list[str]:
        """What would clash that does not now: found by writing it, and taking that back."""
        if sent.type_name not in CLASHING or many > MOST_TRIED:
            return []
        before = set(map(_what, clashes_of(self.event)))
        try:
            with transaction.atomic():
                plan.apply()
                new = [clash for clash in clashes_of(self.event) if _what(clash) not in before][:SHOWN]
                ids = {public_id for clash in new for public_id in clash.sessions}
                names = dict(EventSession.objects.filter(id_random__in=ids).values_list("id_random", "name"))
                raise Tried([str(said(clash, names)["text"]) for clash in new])
        except Tried as tried:
            return tried.clashes
        except ImportRefused:
            return []

    def _import(self, sent: Sent, mapping: dict[str, str], sheet: str, *, partial: bool) -> HttpResponse:
        plan = self._plan(sent, mapping, sheet, partial=partial)
        outcome = plan.apply()
        told = f"Created: {outcome.created}. Changed: {outcome.updated}. As they were: {outcome.unchanged}."
        if outcome.refused:
            told += f" Left out: {rows_with(outcome.refused)} of {plan.row_count} rows."
        messages.success(self.request, told)
        return HttpResponseRedirect(reverse("desk_import", args=[self.event.id_random]))

    def _left_out(self, plan: ImportPlan) -> HttpResponseBase:
        """The rows with errors as they stand in the file, and what is wrong with each, to be mended and sent again."""
        wrong: dict[int, list[str]] = {}
        for error in plan.errors:
            wrong.setdefault(error.row, []).append(
                f"{error.column}: {error.message}" if error.column else error.message
            )
        width = len(plan.table.headings) - 1  # the last one is the event's
        rows = [
            [*(quoted(cell) for cell in (row.cells + [None] * width)[:width]), "; ".join(wrong[row.number])]
            for row in plan.table.rows
            if row.number in wrong
        ]
        columns = [(heading, False) for heading in plan.table.headings[:width]]
        return file_response(Table("rows left out", [*columns, ("errors", False)]), iter([rows]), "csv")


def _numbers(request: HttpRequest) -> Iterator[int]:
    number = 0
    while f"heading-{number}" in request.POST:
        yield number
        number += 1


def _columns(plan: ImportPlan, mapping: dict[str, str]) -> list[tuple[str, str, str, str]]:
    """(heading, what it means, what stands below it first, what it says by itself)."""
    found = []
    for place, heading in enumerate(plan.table.headings[:-1]):
        cells = (quoted(row.cells[place]) for row in plan.table.rows[:20] if place < len(row.cells))
        sample = next(filter(None, cells), "")
        if heading:
            found.append((heading, mapping.get(heading, ""), sample, plan.guesses.get(heading, "")))
    return found


def _guessed(plan: ImportPlan) -> dict[str, str]:
    """For headings that say nothing by themselves: what people mean by them, else the field that is spelt much so."""
    taken = set(filter(None, plan.guesses.values()))
    found = {}
    for heading in plan.table.headings[:-1]:
        if not heading or plan.guesses.get(heading):
            continue
        word = "_".join("".join(c if c.isalnum() else " " for c in heading.casefold()).split())
        name = WORDS.get(word) or next(iter(get_close_matches(word, plan.known, 1, 0.85)), "")
        if name in plan.known and name not in taken:
            taken.add(name)
            found[heading] = name
    return found


def _digest(sent: Sent, mapping: dict[str, str], sheet: str, partial: bool) -> str:
    """Of what was looked at, so that nothing else is written unseen."""
    return hashlib.sha256(repr((sent, sorted(mapping.items()), sheet, partial)).encode()).hexdigest()


def _what(clash: Clash) -> tuple[Any, ...]:
    return clash.kind, clash.sessions, clash.start, clash.end, clash.person
