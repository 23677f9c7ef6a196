"""What `meta.warnings` says when a session, presentation or presenter is written that clashes; see `events.clashes`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import Q

from events.clashes import IN_USE, Appearance, appearances, in_two_places, is_outside, known_by
from events.models.event import Event
from events.models.event_location import EventLocation

MOST_NAMED: Final = 5
SESSION_COLUMNS: Final = frozenset(
    {"event_id", "event_location_id", "start_datetime", "end_datetime", "enable", "hide"}
)
PRESENTATION_COLUMNS: Final = frozenset({"event_session_id", "start_datetime", "end_datetime", "enable", "hide"})
PRESENTER_COLUMNS: Final = frozenset({"event_presentation_id", "person_id", "email", "enable", "hide"})


def of_session(session: Any, *, created: bool) -> Iterator[str]:
    if not session.enable or session.hide:
        return
    start, end = session.start_datetime, session.end_datetime
    if session.event_location_id:
        if start and end and start < end:
            there = type(session).objects.filter(
                event_location_id=session.event_location_id, start_datetime__lt=end, end_datetime__gt=start, **IN_USE
            )
            others = there.exclude(pk=session.pk).order_by("start_datetime", "pk")
            for public_id, name in others.values_list("id_random", "name")[:MOST_NAMED]:
                yield f"event_location_id: the room is taken at that time by event_session {public_id}, {name}."
        if not EventLocation.objects.filter(pk=session.event_location_id, event=session.event_id).exists():
            yield "event_location_id: the room is one of another event."
    if (start or end) and is_outside(_event(session), start, end):
        yield "start_datetime: the session is outside the days of its event."
    if not created:
        yield from _divided(appearances(Q(event_session=session.pk)))


def _event(session: Any) -> Event:
    """With what its days are told by: the row of the payload knows no more of it than its key."""
    event: Event = Event.objects.select_related("account").get(pk=session.event_id)
    return event


def of_presentation(presentation: Any) -> Iterator[str]:
    yield from _divided(appearances(Q(event_presentation=presentation.pk)))


def of_presenter(presenter: Any) -> Iterator[str]:
    if presenter.event_session_id and known_by(presenter):
        yield from _divided(appearances(Q(pk=presenter.pk)))


def _divided(mine: list[Appearance]) -> Iterator[str]:
    """Of presenters who are elsewhere in the event at the same time."""
    if not mine:
        return
    people = Q(person_id__in=[key for kind, key in (a.who for a in mine) if kind == "person"])
    addresses = Q(person=None, email__in=[key for kind, key in (a.who for a in mine) if kind == "email"])
    others = appearances((people | addresses) & Q(event_session__event=mine[0].event))
    sentences: set[str] = set()
    for one in mine:
        for other in others:
            together = one.start_datetime < other.end_datetime and other.start_datetime < one.end_datetime
            if one.who == other.who and together and in_two_places(one, other) and len(sentences) < MOST_NAMED:
                sentence = (
                    f"{one.name} presents in event_session {other.public_id}, {other.session_name}, at the same time."
                )
                if sentence not in sentences:
                    sentences.add(sentence)
                    yield sentence
