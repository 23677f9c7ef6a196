"""Leads at the desk: counted by the event's hours, open to whom the API opens them, and the exhibit's flag and passcode."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import EventBadge, EventExhibit, EventExhibitTracking
from tenancy.context import tenant
from tests.crud.staff.pages import Staff
from tests.desk.conftest import Congress, saved

pytestmark = pytest.mark.django_db


def exhibit_of(congress: Congress, name: str, leads: int = 0, *, shared: bool = False) -> EventExhibit:
    with tenant(congress.party.account.pk):
        exhibit = saved(EventExhibit(event=congress.event, name=name, code="B7", leads_api_access=shared))
        for number in range(leads):
            badge = saved(EventBadge(event=congress.event, family_name=f"{name} {number}"))
            moment = datetime(2026, 9, 14, 7, number, tzinfo=UTC)
            saved(EventExhibitTracking(event_exhibit=exhibit, event_badge=badge, captured_on=moment, captured_by="Rep"))
    return exhibit


@pytest.fixture
def manager(congress: Congress) -> Staff:
    return Staff(congress.party.users["manager"]).sign_in()


def stored(congress: Congress, exhibit: EventExhibit) -> tuple[bool, bool]:
    with tenant(congress.party.account.pk):
        row = EventExhibit.objects.get(pk=exhibit.pk)
    return row.leads_api_access, bool(row.passcode)


def counts(person: Staff, congress: Congress) -> dict[str, int]:
    page = person.get(congress.address("leads/"))
    return {exhibit.name: found["count"] for exhibit, found in page.context["lines"]}


def test_leads_are_seen_by_whom_the_api_shows_them(office: Staff, manager: Staff, congress: Congress) -> None:
    """By the event's clock; an administrator sees what the exhibitor shares, a manager all of it."""
    closed, shared = exhibit_of(congress, "Closed", 2), exhibit_of(congress, "Open", 3, shared=True)
    assert counts(manager, congress) == {"Closed": 2, "Open": 3}
    assert counts(office, congress) == {"Closed": 0, "Open": 3}
    place = congress.address(f"leads/{shared.id_random}/")
    page = office.get(place)
    assert [(f"{hour:%H:%M %z}", count) for hour, count in page.context["hours"]] == [("09:00 +0200", 3)]
    export = b"".join(office.client.get(f"{place}export/?file_type=csv").streaming_content).decode()
    assert export.count("Z,Rep,") == 3
    assert office.client.get(f"{place}export/?file_type=exe").status_code == 400

    place = congress.address(f"leads/{closed.id_random}/")
    page = office.get(place).content.decode()
    assert "not open to you" in page
    assert "Leads as" not in page
    assert office.client.get(f"{place}export/").status_code == 403
    assert manager.client.get(f"{place}export/").status_code == 200


def test_flag_and_passcode_are_written_once_and_never_shown(office: Staff, congress: Congress) -> None:
    exhibit = exhibit_of(congress, "Booth")
    place = congress.address(f"leads/{exhibit.id_random}/")
    first = office.form(place).values
    assert office.post(place, first | {"leads_api_access": "on", "passcode": "kestrel-42-otter"}).status_code == 302
    assert stored(congress, exhibit) == (True, True)
    page = office.get(place).content.decode()
    assert "One is set" in page
    assert "kestrel" not in page

    stale = office.post(place, first | {"passcode": "another-77-heron"})
    assert stale.status_code == 412
    assert "Nothing was written" in stale.content.decode()
    now = office.form(place).values
    for wrong in (
        {"passcode": "x" * 5000},
        {"passcode": "another-77-heron", "remove_passcode": "on"},
        {"version": "", "passcode": "another-77-heron"},
    ):
        answer = office.post(place, now | wrong)
        assert (answer.status_code, "desk-said bad" in answer.content.decode()) == (400, True), wrong
    assert stored(congress, exhibit) == (True, True)
    assert office.post(place, now | {"remove_passcode": "on"}).status_code == 302
    assert stored(congress, exhibit) == (True, False)


def test_another_event_s_exhibit_is_not_there(office: Staff, congress: Congress, elsewhere: Congress) -> None:
    theirs = exhibit_of(elsewhere, "Theirs", 1)
    for name, status in ((theirs.id_random, 403), ("nothere0000", 404), ("\x00", 404)):
        place = congress.address(f"leads/{name}/")
        for answer in (
            office.client.get(place),
            office.client.post(place, {"leads_api_access": "on"}),
            office.client.get(f"{place}export/"),
        ):
            assert answer.status_code == status, (place, answer.content)
    assert stored(elsewhere, theirs) == (False, False)
    followed = office.client.get(congress.address("leads/nothere0000/"), HTTP_ACCEPT="text/html")
    assert "There is no such page" in followed.content.decode()


def test_it_asks_as_often_for_many_exhibits(office: Staff, congress: Congress) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            counts(office, congress)
        return len(caught)

    exhibit_of(congress, "One", 1, shared=True)
    asked()  # begins the session of the admin
    few: Any = asked()
    for number in range(5):
        exhibit_of(congress, f"More {number}", 2, shared=True)
    assert asked() == few
