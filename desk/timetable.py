"""The programme of a day as rooms × time; sessions are moved by the engine's Writer, held to the ETag that was read."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from crud import Writer, registry
from desk.clock import as_input, chosen_day, days_of, local
from desk.page import DeskView
from events.clashes import Clash, clashes_of
from kernel.errors import Invalid, Stale
from kernel.etag import version
from kernel.json_body import read_json
from kernel.request_context import current_warnings
from kernel.transactions import in_transaction

COLUMNS: Final = (
    *("pk", "id_random", "code", "name", "type_code", "start_datetime", "end_datetime", "updated_on"),
    *("enable", "hide", "event_location__id_random", "event_location__event_id", "event_location__name"),
)
MOST_IN_TRAY: Final = 500
MOST_CLASHES: Final = 100
TYPES: Final = 8
"""Colours that there are for kinds of sessions."""
KINDS: Final = {
    "room": "Two sessions in one room",
    "presenter": "A presenter in two places",
    "outside_event": "Outside the days of the event",
    "foreign_room": "In a room of another event",
}
MOVED: Final = {"event_location_id", "start_datetime", "end_datetime"}


@dataclass(frozen=True, slots=True)
class Programme:
    """All sessions of an event, as far as whoever looks may read them."""

    sessions: list[dict[str, Any]]
    clashes: list[Clash]

    @property
    def clashing(self) -> dict[str, list[str]]:
        """Session id → kinds of clashes that it takes part in."""
        found: dict[str, list[str]] = {}
        for clash in self.clashes:
            for public_id in clash.sessions:
                kinds = found.setdefault(public_id, [])
                if clash.kind not in kinds:
                    kinds.append(clash.kind)
        return found


class SessionView(DeskView):
    demands = (("event_session", "read"), ("event_location", "read"))

    def programme(self) -> Programme:
        rows = self.rows("event_session").filter(event=self.event).order_by("start_datetime", "pk")
        return Programme(list(rows.values(*COLUMNS)), clashes_of(self.event))

    def shown(self, session: dict[str, Any], clashing: dict[str, list[str]]) -> dict[str, Any]:
        """A session as the page's script has it; its moments as the event's clock shows them."""
        foreign = session["event_location__event_id"] not in (None, self.event.pk)
        return {
            "id": session["id_random"],
            "version": tag_of(session),
            "code": session["code"] or "",
            "name": session["name"],
            "type": session["type_code"] or "",
            "room": "" if foreign else session["event_location__id_random"] or "",
            "foreign_room": session["event_location__name"] if foreign else "",
            "start": as_input(session["start_datetime"]),
            "end": as_input(session["end_datetime"]),
            "state": "disabled" if not session["enable"] else "hidden" if session["hide"] else "",
            "clashes": clashing.get(session["id_random"], []),
            "address": reverse("admin:events_eventsession_change", args=[session["pk"]]),
        }

    def told(self, programme: Programme) -> dict[str, Any]:
        """The clashes in words, and how many there are of each kind."""
        counts = Counter(clash.kind for clash in programme.clashes)
        names = {session["id_random"]: session["name"] for session in programme.sessions}
        shown = programme.clashes[:MOST_CLASHES]
        unknown = {public_id for clash in shown for public_id in clash.sessions} - set(names)
        if unknown:  # sessions of other events in the same room
            found = self.rows("event_session").filter(id_random__in=unknown)
            names |= dict(found.values_list("id_random", "name"))
        return {
            "total": len(programme.clashes),
            "counts": [{"kind": kind, "words": KINDS[kind], "count": count} for kind, count in sorted(counts.items())],
            "list": [said(clash, names) for clash in shown],
        }


def tag_of(session: dict[str, Any]) -> str:
    """As `If-Match` takes it."""
    return f'"{version("event_session", session["pk"], session["updated_on"])}"'


def said(clash: Clash, names: dict[str, str]) -> dict[str, Any]:
    there = " and ".join(f"“{names.get(public_id, 'a session')}”" for public_id in clash.sessions)
    when = "–".join(f"{local(moment):%a %d %b, %H:%M}" for moment in (clash.start, clash.end) if moment)
    who = f"{clash.person}: " if clash.person else ""
    return {
        "kind": clash.kind,
        "text": f"{KINDS[clash.kind]}: {who}{there}{f' ({when})' if when else ''}",
        "sessions": list(clash.sessions),
        "day": f"{local(clash.start):%Y-%m-%d}" if clash.start else "",
    }


class TimetablePage(SessionView):
    def get(self, request: HttpRequest) -> HttpResponse:
        programme = self.programme()
        starts = [session["start_datetime"] for session in programme.sessions if session["start_datetime"]]
        days = days_of(self.event, starts)
        day = chosen_day(request.GET.get("day", ""), days)
        here, tray = _placed(programme.sessions, day), _unplaced(programme.sessions)
        clashing = programme.clashing
        types = sorted({session["type_code"] for session in programme.sessions if session["type_code"]})
        rooms = self.rows("event_location").filter(event=self.event).order_by("sort", "name", "pk")
        counts = Counter(local(start).date() for start in starts)
        data = {
            "day": day.isoformat() if day else "",
            "rooms": _columns(rooms, {session["event_location__id_random"] for session in here}),
            "types": {name: number % TYPES for number, name in enumerate(types)},
            "sessions": [self.shown(session, clashing) for session in here],
            "tray": [self.shown(session, clashing) for session in tray[:MOST_IN_TRAY]],
            "clashes": self.told(programme),
            "may_write": self.may("event_session", "update"),
        }
        values = {
            "days": [(one, counts[one]) for one in sorted({*days, *([day] if day else [])})],
            "day": day,
            "data": data,
            "total": len(programme.sessions),
            "in_tray": len(tray),
            "not_shown": max(len(tray) - MOST_IN_TRAY, 0),
        }
        return self.page("timetable.html", "timetable", values)


def _columns(rooms: Any, taken: set[str]) -> list[dict[str, str]]:
    """The event's rooms; last those that are not in use, if a session of the day is there all the same."""
    found = list(rooms.values_list("id_random", "name", "enable", "hide"))
    used = [{"id": public_id, "name": name} for public_id, name, enable, hide in found if enable and not hide]
    known = {room["id"] for room in used}
    unused = [(public_id, name) for public_id, name, *_ in found if public_id in taken - known]
    return [*used, *({"id": public_id, "name": f"{name} (not in use)"} for public_id, name in unused)]


def _placed(sessions: list[dict[str, Any]], day: date | None) -> list[dict[str, Any]]:
    """Those that begin on a day and have an end."""
    return [
        session
        for session in sessions
        if session["start_datetime"] and session["end_datetime"] and local(session["start_datetime"]).date() == day
    ]


def _unplaced(sessions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [session for session in sessions if not (session["start_datetime"] and session["end_datetime"])]


class SessionPlace(SessionView):
    """POST {"event_location_id"?, "start_datetime"?, "end_datetime"?, "with_talks"?}, `If-Match`: what is to change.

    Times are local ones of the event. Answers {session, clashes, clashing, warnings}; 412 with the session as it is now
    when somebody else has written it since.
    """

    writes = (("event_session", "update"),)
    http_method_names = ["post"]

    def post(self, request: HttpRequest, session_id: str) -> HttpResponse:
        given = read_json(request)
        if not isinstance(given, dict):
            raise Invalid("The body must be an object.")
        with_talks = given.pop("with_talks", False) is True
        if unknown := sorted(set(given) - MOVED):
            raise Invalid.field(unknown[0], f"Known: {', '.join(sorted(MOVED))}, with_talks.")
        if_match = request.headers.get("If-Match", "")
        if not if_match:
            raise Invalid("Send the version that you have read as If-Match.")
        sessions = Writer(
            registry["event_session"], self.principal, within=[("event", self.event.id_random)], if_match=if_match
        )
        try:
            in_transaction(lambda: self._move(sessions, session_id, given, with_talks))
        except Stale:
            return JsonResponse({"problem": STALE, **self._now(session_id)}, status=412)
        return JsonResponse({**self._now(session_id), "warnings": current_warnings()})

    def _move(self, sessions: Writer, session_id: str, given: dict[str, Any], with_talks: bool) -> None:
        before = self._start(session_id)
        sessions.update(session_id, given)
        after = self._start(session_id)
        if with_talks and before and after and before != after:
            self._move_talks(session_id, after - before)

    def _start(self, session_id: str) -> datetime | None:
        found = self.rows("event_session").filter(event=self.event, id_random=session_id)
        start: datetime | None = found.values_list("start_datetime", flat=True).first()
        return start

    def _move_talks(self, session_id: str, distance: timedelta) -> None:
        writer = Writer(registry["event_presentation"], self.principal)
        for talk in self.rows("event_presentation").filter(event_session__id_random=session_id).order_by("pk"):
            moved = {
                name: (getattr(talk, name) + distance).isoformat()
                for name in ("start_datetime", "end_datetime")
                if getattr(talk, name)
            }
            if moved:
                writer.update(talk.id_random, moved)

    def _now(self, session_id: str) -> dict[str, Any]:
        programme = self.programme()
        clashing = programme.clashing
        found = (session for session in programme.sessions if session["id_random"] == session_id)
        return {
            "session": next((self.shown(session, clashing) for session in found), None),
            "clashes": self.told(programme),
            "clashing": clashing,
        }


STALE: Final = (
    "Somebody else has changed this session since you opened the page. It is shown as it is now; nothing was written."
)
