"""A small congress in North, and one in South that North's staff must never see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from events.models import Event, EventLocation, EventPresentation, EventPresenter, EventSession
from tenancy.context import tenant
from tests.conftest import Party
from tests.crud.staff.pages import Staff

STRANGERS = frozenset(f"{word} South" for word in ("Room 1", "Room 2", "opening", "late", "waiting", "Talk"))


@dataclass
class Congress:
    """Its clock is Berlin's, two hours ahead of UTC; its account's is Denver's."""

    party: Party
    event: Event
    rooms: list[EventLocation]
    sessions: dict[str, EventSession]
    talk: EventPresentation

    def address(self, page: str = "") -> str:
        return f"/admin/desk/{self.event.id_random}/{page}"


def saved(row: Any) -> Any:
    row.save()
    return row


def congress_of(party: Party) -> Congress:
    with tenant(party.account.pk):
        event = saved(
            Event(
                name=f"{party.account.name} congress",
                time_zone="Europe/Berlin",
                start_datetime=datetime(2026, 9, 14, 6, tzinfo=UTC),
                end_datetime=datetime(2026, 9, 15, 16, tzinfo=UTC),
            )
        )
        rooms = [saved(EventLocation(event=event, code=f"R{n}", name=f"Room {n} {party.account.name}")) for n in (1, 2)]
        hours = {"opening": (7, 8), "late": (9, 10), "waiting": None}
        sessions = {}
        for name, times in hours.items():
            moments = [datetime(2026, 9, 14, hour, tzinfo=UTC) for hour in times] if times else [None, None]
            sessions[name] = saved(
                EventSession(
                    event=event,
                    name=f"{name} {party.account.name}",
                    type_code="plenary",
                    event_location=rooms[0] if times else None,
                    start_datetime=moments[0],
                    end_datetime=moments[1],
                )
            )
        talk = saved(
            EventPresentation(
                event_session=sessions["opening"],
                name=f"Talk {party.account.name}",
                start_datetime=datetime(2026, 9, 14, 7, tzinfo=UTC),
                end_datetime=datetime(2026, 9, 14, 7, 30, tzinfo=UTC),
            )
        )
        saved(EventPresenter(event_presentation=talk, family_name="Speaker", email="speaker@example.org"))
    return Congress(party, event, rooms, sessions, talk)


@pytest.fixture
def congress(north: Party) -> Congress:
    return congress_of(north)


@pytest.fixture
def elsewhere(south: Party) -> Congress:
    return congress_of(south)


@pytest.fixture
def office(congress: Congress) -> Staff:
    """North's administrator, at the desk."""
    return Staff(congress.party.users["administrator"], STRANGERS).sign_in()
