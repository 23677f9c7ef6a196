"""Moments in the admin: shown and taken in the account's time zone, as its imports are; stored as what they are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from events.models import Event, EventSession
from tenancy.context import tenant
from tests.conftest import Party
from tests.crud.staff.pages import Staff, errors, url

pytestmark = pytest.mark.django_db
TWICE = datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
"""Denver's clock shows 01:30 at 07:30 UTC, and again an hour later."""


@pytest.fixture
def session(north: Party) -> EventSession:
    with tenant(north.account.pk):
        north.account.time_zone = "America/Denver"
        north.account.save()
        event = Event(name="Congress")
        event.save()
        row = EventSession(event=event, name="Opening", start_datetime=TWICE)
        row.save()
    return row


def stored(row: EventSession) -> datetime | None:
    with tenant(row.account_id):
        return EventSession.objects.get(pk=row.pk).start_datetime


def test_the_form_is_in_the_accounts_zone(north: Party, session: EventSession) -> None:
    manager = Staff(north.users["manager"]).sign_in()
    form = url("event_session", "change", session.pk)
    assert "Time zone: America/Denver." in manager.get(form).content.decode()
    assert "1 Nov 2026, 01:30" in manager.get(url("event_session")).content.decode()
    changed = manager.save(form, start_datetime_0="2026-09-14", start_datetime_1="09:00:00")
    assert changed.status_code == 302, errors(changed)
    assert stored(session) == datetime(2026, 9, 14, 15, tzinfo=UTC)


def test_the_hour_that_a_clock_shows_twice(north: Party, session: EventSession) -> None:
    """Untouched it stays what it is; typed, it is the first of the two. The hour that no clock shows is refused."""
    manager = Staff(north.users["manager"]).sign_in()
    form = url("event_session", "change", session.pk)
    assert manager.save(form, name="Renamed").status_code == 302
    assert stored(session) == TWICE
    assert manager.save(form, start_datetime_0="2026-11-01", start_datetime_1="01:45:00").status_code == 302
    assert stored(session) == datetime(2026, 11, 1, 7, 45, tzinfo=UTC)
    refused = manager.save(form, start_datetime_0="2026-03-08", start_datetime_1="02:30:00")
    assert set(errors(refused)) == {"start_datetime"}
