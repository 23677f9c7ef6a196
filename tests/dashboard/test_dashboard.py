"""The admin's first page: true figures, of one's own account only, in a handful of queries."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from dashboard import figures
from events.models import (
    Event,
    EventBadge,
    EventExhibit,
    EventExhibitTracking,
    EventFile,
    EventLocation,
    EventPresentation,
    EventSession,
)
from files.models import HostedFile
from kernel.metrics import count_held_back
from tenancy.context import every_tenant, tenant
from tests.conftest import PASSWORD, Caller, Party
from tests.crud.staff.pages import Staff

pytestmark = pytest.mark.django_db
MOMENT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)


def fair(party: Party, name: str, leads: int) -> EventExhibit:
    event = Event(name=f"{name} fair")
    event.save()
    exhibit = EventExhibit(event=event, name=f"{name} booth")
    exhibit.save()
    badges = EventBadge.objects.bulk_create([EventBadge(event=event) for _ in range(leads)])
    EventExhibitTracking.objects.bulk_create(
        EventExhibitTracking(
            event_exhibit=exhibit, event_badge=badge, captured_on=MOMENT + timedelta(minutes=20 * number)
        )
        for number, badge in enumerate(badges)
    )
    return exhibit


def programme(event: Event, start: datetime, files: int, missing: int) -> EventSession:
    room = EventLocation(event=event, name="Hall 1")
    room.save()
    session = EventSession(event=event, event_location=room, name="Opening", start_datetime=start)
    session.save()
    for number in range(files + missing):
        presentation = EventPresentation(event_session=session, name=f"Talk {number}")
        presentation.save()
        if number < files:
            kept = HostedFile(filename="a.pdf", hash_sha256=f"{number:064x}", size=1_000)
            kept.save()
            EventFile(
                event_presentation=presentation,
                hosted_file=kept,
                for_type="event_presentation",
                for_id=presentation.id_random,
            ).save()
    return session


def staff(user: User) -> Staff:
    return Staff(user).sign_in()


def charts_of(page: str) -> dict[str, list[tuple[str, int]]]:
    found = {}
    for data in re.findall(r'data-value="([^"]+)"', page):
        chart = json.loads(unescape(data))
        (dataset,) = chart["datasets"]
        found[dataset["label"]] = list(zip(chart["labels"], dataset["data"], strict=True))
    return found


def test_an_account_sees_its_own_figures(north: Party, south: Party) -> None:
    with tenant(south.account.pk):
        fair(south, "Canary", 7)
    with tenant(north.account.pk):
        fair(north, "Northern", 5)
    page = staff(north.users["manager"]).get("/admin/").content.decode()
    charts = charts_of(page)
    assert charts["Leads by exhibit"] == [("Northern booth", 5)]
    by_hour = {label: number for label, number in charts["Leads by hour"] if number}
    assert by_hour == {"Fri 03:00": 2, "Fri 04:00": 3}  # by the clock of the account, in Denver
    assert sum(number for _, number in charts["Changes by day"]) > 0
    assert "Canary" not in page
    assert "Storage by account" not in page
    assert "API traffic" not in page


def test_many_wrong_guesses_are_told_to_the_staff_of_the_account(
    north: Party, south: Party, visitor: Caller, guess_clock: Any
) -> None:
    with tenant(north.account.pk):
        exhibit = fair(north, "Northern", 1)
    name = north.users["manager"].username
    for _ in range(7):
        visitor.post("/api/authenticate_passcode", {"site_id": north.site.id_random, "passcode": "guess"})
        visitor.post("/api/authenticate_exhibit", {"exhibit_id": exhibit.id_random, "passcode": "guess"})
        visitor.post("/v3/auth/login", {"username": name.upper(), "password": "guess"})
        visitor.post("/v3/auth/login", {"username": "nobody at all", "password": "guess"})
    told = [f"Passcodes of site {north.site.name}", f"Passcode of exhibit {exhibit.name}", f"Sign-in as {name}"]
    page = staff(north.users["administrator"]).get("/admin/").content.decode()
    assert [words in page for words in told] == [True, True, False]  # who may not see users is not told of them
    with every_tenant(reason="a test signs in somebody whose name is locked"):
        other = User(username="other", email="other@example.org", manager=True, account=north.account)
        other.set_password(PASSWORD)
        other.save()
    page = staff(other).get("/admin/").content.decode()
    assert 'role="alert"' in page
    assert [words in page for words in told] == [True, True, True]
    assert "nobody at all" not in page
    page = staff(south.users["manager"]).get("/admin/").content.decode()
    assert "Many wrong guesses" not in page


def test_super_users_see_everything(north: Party, south: Party) -> None:
    for party in (north, south):
        with tenant(party.account.pk):
            fair(party, party.account.name, 2)
    count_held_back(north.account.id_random, "all")
    with every_tenant(reason="tests make somebody who may do everything"):
        root = User(username="root", email="root@example.org", super=True, account=None)
        root.set_password(PASSWORD)
        root.save()
    page = staff(root).get("/admin/").content.decode()
    charts = charts_of(page)
    assert re.search(r"too much at once.*North</th><td[^>]*>\d+</td>", page, re.DOTALL)
    assert sorted(charts["Leads by exhibit"]) == [("North booth", 2), ("South booth", 2)]


def test_one_accounts_figures_are_not_kept_for_another(north: Party, south: Party) -> None:
    """They are remembered for half a minute: under the account, and the role."""
    with tenant(south.account.pk):
        fair(south, "Canary", 3)
    assert "Canary booth" in staff(south.users["manager"]).get("/admin/").content.decode()
    assert "Canary booth" not in staff(north.users["manager"]).get("/admin/").content.decode()
    with CaptureQueriesContext(connection) as again:
        staff(south.users["manager"]).get("/admin/")
    assert not [query for query in again.captured_queries if "event_exhibit_tracking" in query["sql"]]


def test_rooms_that_lack_files(north: Party) -> None:
    now = timezone.now()
    with tenant(north.account.pk):
        event = Event(name="Congress")
        event.save()
        session = programme(event, now + timedelta(minutes=90, seconds=30), files=1, missing=2)
        programme(event, now - timedelta(hours=1), files=0, missing=1)
        programme(event, now + timedelta(days=8), files=0, missing=1)
        assert figures.rooms_without_files(now) == [
            {"session_key": session.pk, "session": "Opening", "room": "Hall 1", "missing": 2, "minutes": 90}
        ]
        HostedFile(filename="clip.mp4", status=HostedFile.Status.FAILED).save()
        assert figures.uploads_by_session() == [("Opening", 1)]
        assert figures.uploads_by_day()[-1][1] == 2
        used = figures.storage()
    assert used == {"bytes": 1_000, "files": 2, "queued": 0, "processing": 0, "failed": 1}


def test_it_takes_a_handful_of_queries_however_much_there_is(north: Party) -> None:
    person = staff(north.users["manager"])
    counts = []
    for leads in (0, 40):
        with tenant(north.account.pk):
            fair(north, f"F{leads}", leads)
        cache.clear()
        with CaptureQueriesContext(connection) as asked:
            assert person.get("/admin/").status_code == 200
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 2
    assert counts[1] < 25


def test_an_empty_account_has_a_page(north: Party) -> None:
    page = staff(north.users["administrator"]).get("/admin/").content.decode()
    assert "Nothing yet." in page
    assert charts_of(page).keys() <= {"Changes by day"}


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else(north: Party, method: str) -> None:
    client: Any = Client()
    assert getattr(client, method)("/admin/").status_code == 302
