"""What is on in a room now and what comes next, for clocks and signs (docs/rooms.md)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q

from events.models import EventLocation, EventPresentation, EventPresenter, EventSession

SHOWN: Final = {"enable": True, "hide": False}
LONGEST_OVER_RUN: Final = timedelta(minutes=30)
"""Who still speaks so long after the end, where nothing follows, is no longer expected to."""
REACH: Final = timedelta(days=2)
"""How far around the moment sessions are looked for; none lasts longer."""


Presenters = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class ProgrammeTurn:
    """A talk; or a session in which no talk has a time of its own."""

    session: int
    talk: int | None
    start: datetime
    end: datetime
    shown: dict[str, Any] = field(compare=False)


def room_now(location: EventLocation, moment: datetime) -> dict[str, Any]:
    """Four queries. A turn goes on beyond its end until the next one begins, at most half an hour: it over-runs."""
    turns = _turns(location, moment)
    begun = [turn for turn in turns if turn.start <= moment]
    ahead = [turn for turn in turns if turn.start > moment]
    now = begun[-1] if begun and moment < begun[-1].end + LONGEST_OVER_RUN else None
    following = ahead[0] if ahead else None
    presenters = _presenters([turn for turn in (now, following) if turn is not None])
    over = max(timedelta(), moment - now.end) if now is not None else timedelta()
    remaining = max(timedelta(), now.end - moment) if now is not None else None
    return {
        "event_location_id": location.id_random,
        "name": location.name,
        "server_time": moment,
        "time_zone": location.event.time_zone or location.account.time_zone or "UTC",
        "now": _shown(now, presenters),
        "next": _shown(following, presenters),
        "seconds_left": int(remaining.total_seconds()) if remaining is not None else None,
        "over_run_seconds": int(over.total_seconds()),
        "presenters": presenters[now or following] if now or following else [],
    }


def room_day(location: EventLocation, moment: datetime) -> dict[str, Any]:
    """All turns around a moment, for pages that go on by themselves while there is no network. Four queries."""
    turns = _turns(location, moment)
    presenters = _presenters(turns)
    return {
        "event_location_id": location.id_random,
        "name": location.name,
        "event_name": location.event.name,
        "server_time": moment,
        "time_zone": location.event.time_zone or location.account.time_zone or "UTC",
        "longest_over_run_seconds": int(LONGEST_OVER_RUN.total_seconds()),
        "turns": [_shown(turn, presenters) for turn in turns],
    }


def _shown(turn: ProgrammeTurn | None, presenters: dict[ProgrammeTurn | None, Presenters]) -> dict[str, Any] | None:
    return None if turn is None else {**turn.shown, "presenters": presenters[turn]}


def _turns(location: EventLocation, moment: datetime) -> list[ProgrammeTurn]:
    near = {"start_datetime__gt": moment - REACH, "end_datetime__isnull": False}
    following = EventSession.objects.filter(event_location=location, start_datetime__gt=moment, **SHOWN)
    next_start = following.order_by("start_datetime").values_list("start_datetime", flat=True).first()
    until = max(next_start or moment, moment) + timedelta(hours=12)
    sessions = EventSession.objects.filter(event_location=location, start_datetime__lt=until, **near, **SHOWN)
    rows = {row["pk"]: row for row in sessions.values("pk", "id_random", "name", "start_datetime", "end_datetime")}
    talks = EventPresentation.objects.filter(
        event_session_id__in=rows, start_datetime__isnull=False, end_datetime__isnull=False, **SHOWN
    ).values("pk", "id_random", "name", "start_datetime", "end_datetime", "event_session_id")
    turns = [_turn(rows[talk["event_session_id"]], talk) for talk in talks]
    with_talks = {turn.session for turn in turns}
    turns += [_turn(row, None) for key, row in rows.items() if key not in with_talks]
    return sorted(turns, key=lambda turn: (turn.start, turn.end, turn.session, turn.talk or 0))


def _turn(session: dict[str, Any], talk: dict[str, Any] | None) -> ProgrammeTurn:
    own = talk or session
    shown = {
        "event_session_id": session["id_random"],
        "event_presentation_id": talk["id_random"] if talk else None,
        "session_name": session["name"],
        "name": own["name"],
        "start_datetime": own["start_datetime"],
        "end_datetime": own["end_datetime"],
    }
    return ProgrammeTurn(session["pk"], talk["pk"] if talk else None, own["start_datetime"], own["end_datetime"], shown)


def _presenters(turns: list[ProgrammeTurn]) -> dict[ProgrammeTurn | None, Presenters]:
    """Without their e-mail addresses. Of a session without talks all who present in it."""
    of_talks = Q(event_presentation_id__in=[turn.talk for turn in turns if turn.talk])
    of_sessions = Q(event_session_id__in=[turn.session for turn in turns if not turn.talk])
    rows = EventPresenter.objects.filter(of_talks | of_sessions, event_presentation__enable=True, **SHOWN)
    presenters: dict[ProgrammeTurn | None, Presenters] = defaultdict(list)
    columns = ("full_name", "professional_title", "affiliations", "role_code", "arrived_on")
    own = ("id_random", "event_presentation_id", "event_session_id")
    for row in rows.filter(event_presentation__hide=False).order_by("sort", "pk").values(*own, *columns):
        presenter = {"event_presenter_id": row["id_random"], **{name: row[name] for name in columns}}
        for turn in turns:
            if row["event_presentation_id"] == turn.talk or (not turn.talk and row["event_session_id"] == turn.session):
                presenters[turn].append(presenter)
    return presenters
