"""Sessions that can't all take place as they are planned: told, never refused.

Hidden and disabled objects don't count, and what only touches does not clash. A presenter is known by the person, else
by the e-mail address without case.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any, Final

from django.apps import apps
from django.db.models import Q

from crud.declare.moments import end_of, start_of, zone
from events.models.event import Event

MOST: Final = 5_000
"""Clashes that are told of one event. More are a programme without rooms."""
IN_USE: Final = {"enable": True, "hide": False}
SESSION_FIELDS: Final = (
    *("pk", "id_random", "name", "event_id", "start_datetime", "end_datetime"),
    *("event_location_id", "event_location__id_random", "event_location__event_id"),
)

APPEARANCE: Final = (
    *("person_id", "email", "full_name"),
    *(f"event_presentation__{name}" for name in ("start_datetime", "end_datetime")),
    *(f"event_session__{name}" for name in ("event_id", "pk", "id_random", "name", "event_location_id")),
    *(f"event_session__{name}" for name in ("start_datetime", "end_datetime")),
)
"""What an `Appearance` is made of, of a presenter's row."""


def _model(name: str) -> Any:
    """By its name, as the model's type warns of clashes."""
    return apps.get_model("events", name)


@dataclass(frozen=True, slots=True)
class Clash:
    kind: str
    """room, presenter, outside_event or foreign_room."""
    sessions: tuple[str, ...]
    start: datetime | None
    end: datetime | None
    event_location_id: str | None = None
    person: str | None = None
    """The presenter's name."""

    def shown(self) -> dict[str, Any]:
        data: dict[str, Any] = {"kind": self.kind, "sessions": list(self.sessions)}
        if self.event_location_id:
            data["event_location_id"] = self.event_location_id
        if self.person is not None:
            data["person"] = self.person
        return data | {"from": self.start, "to": self.end}


@dataclass(frozen=True, slots=True)
class Appearance:
    """One presenter in one session."""

    who: tuple[str, Any]
    name: str
    event: int
    session: int
    public_id: str
    session_name: str
    room: int | None
    start_datetime: datetime
    end_datetime: datetime


def clashes_of(event: Event) -> list[Clash]:
    """All of an event, by when they begin; those of its rooms with sessions of other events, too."""
    own = list(_model("EventSession").objects.filter(event=event, **IN_USE).values(*SESSION_FIELDS))
    rooms = {session["event_location_id"] for session in own} - {None}
    elsewhere = _model("EventSession").objects.filter(event_location_id__in=rooms, **IN_USE).exclude(event=event)
    clashes = [*_misplaced(event, own), *_taken_rooms(event.pk, [*own, *elsewhere.values(*SESSION_FIELDS)])]
    clashes += _divided_presenters(appearances(Q(event_session__event=event)))
    never = datetime.max.replace(tzinfo=zone("UTC"))
    return sorted(clashes, key=lambda clash: (clash.start or never, clash.kind, clash.sessions))[:MOST]


def _misplaced(event: Event, sessions: list[dict[str, Any]]) -> Iterator[Clash]:
    for session in sessions:
        times = session["start_datetime"], session["end_datetime"]
        if is_outside(event, *times):
            yield Clash("outside_event", (session["id_random"],), *times)
        if session["event_location__event_id"] not in (None, event.pk):
            yield Clash("foreign_room", (session["id_random"],), *times, session["event_location__id_random"])


def is_outside(event: Event, start: datetime | None, end: datetime | None) -> bool:
    """Whether some of it lies on none of the event's days, by the event's clocks."""
    there = event.time_zone or event.account.time_zone
    first, last = start or end, end or start
    if first is None or last is None:
        return False
    begins, ends = event.start_datetime, event.end_datetime
    too_early = begins is not None and first < start_of(begins.astimezone(zone(there)).date(), there)
    return too_early or (ends is not None and last > end_of(ends.astimezone(zone(there)).date(), there))


def _taken_rooms(event_key: int, sessions: Iterable[dict[str, Any]]) -> Iterator[Clash]:
    by_room: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for session in sessions:
        if session["event_location_id"] and _lasts(session["start_datetime"], session["end_datetime"]):
            by_room[session["event_location_id"]].append(session)
    for there in by_room.values():
        for one, other, start, end in _overlaps(there, itemgetter("start_datetime", "end_datetime")):
            if event_key in (one["event_id"], other["event_id"]):
                ids = (one["id_random"], other["id_random"])
                yield Clash("room", ids, start, end, one["event_location__id_random"])


def _divided_presenters(appearances: Iterable[Appearance]) -> Iterator[Clash]:
    by_person: dict[tuple[str, Any], list[Appearance]] = defaultdict(list)
    for appearance in appearances:
        by_person[appearance.who].append(appearance)
    for theirs in by_person.values():
        pairs = set()
        for one, other, start, end in _overlaps(theirs, attrgetter("start_datetime", "end_datetime")):
            pair = (one.public_id, other.public_id)
            if in_two_places(one, other) and (pair, start) not in pairs:
                pairs.add((pair, start))
                yield Clash("presenter", pair, start, end, person=one.name)


def in_two_places(one: Appearance, other: Appearance) -> bool:
    same_room = one.room is not None and one.room == other.room
    return one.session != other.session and not same_room


def _overlaps(items: list[Any], times: Any) -> Iterator[tuple[Any, Any, datetime, datetime]]:
    """Pairs that are at the same time, and when that is; not more than MOST."""
    return islice(_all_overlaps(sorted(items, key=times), times), MOST)


def _all_overlaps(items: list[Any], times: Any) -> Iterator[tuple[Any, Any, datetime, datetime]]:
    going_on: list[Any] = []
    for item in items:
        start, end = times(item)
        going_on = [other for other in going_on if times(other)[1] > start]
        for other in going_on:
            yield other, item, start, min(end, times(other)[1])
        going_on.append(item)


def _lasts(start: datetime | None, end: datetime | None) -> bool:
    return start is not None and end is not None and start < end


def appearances(condition: Q) -> list[Appearance]:
    """When the presenters whom a condition finds are where: in their talk, or in its session if it has no times."""
    rows = _model("EventPresenter").objects.filter(condition, **IN_USE).exclude(event_session=None)
    rows = rows.filter(
        **{f"event_presentation__{name}": value for name, value in IN_USE.items()},
        **{f"event_session__{name}": value for name, value in IN_USE.items()},
    )
    instances = []
    for row in rows.values_list(*APPEARANCE):  # no model instances: a congress has thousands
        person, email, full_name, talk_start, talk_end, *session = row
        event, key, public_id, name, room, start, end = session
        if _lasts(talk_start, talk_end):
            start, end = talk_start, talk_end
        who = known_as(person, email)
        if who and _lasts(start, end):
            place = (event, key, public_id, name, room)
            instances.append(Appearance(who, full_name or email or "", *place, start, end))
    return instances


def known_by(presenter: Any) -> tuple[str, Any] | None:
    return known_as(presenter.person_id, presenter.email)


def known_as(person: int | None, email: str | None) -> tuple[str, Any] | None:
    if person:
        return "person", person
    return ("email", email.casefold()) if email else None
