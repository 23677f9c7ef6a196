"""Files at the desk: what is missing, a file dropped on a talk, one that takes another's place; and "+" on a parent's page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event, EventFile, EventPresentation, EventSession
from files.models import HostedFile
from tenancy.context import tenant
from tests.crud.staff.pages import Staff
from tests.desk.conftest import Congress, saved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_store")]


def pdf(name: str = "slides.pdf", content: bytes = b"%PDF-1.7 one") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "application/pdf")


def drop(office: Staff, congress: Congress, **given: Any) -> Any:
    return office.client.post(congress.address("files/drop/"), given)


def files_of(congress: Congress) -> list[tuple[str, bool]]:
    with tenant(congress.party.account.pk):
        return list(EventFile.objects.order_by("pk").values_list("filename", "hide"))


def places(office: Staff, congress: Congress, query: str = "?day=all") -> dict[str, str]:
    page = office.get(congress.address(f"files/{query}"))
    return {
        place.row.name: place.state
        for session in page.context["places"]
        for place in (session, *session.talks)
        if place.type_name == "event_presentation"
    }


def test_a_file_is_dropped_on_its_talk(office: Staff, congress: Congress) -> None:
    talk, session = congress.talk, congress.sessions["opening"]
    assert places(office, congress) == {"Talk North": "missing"}
    answer = drop(office, congress, file=pdf(), for_type="event_presentation", for_id=talk.id_random)
    assert (answer.status_code, answer.json()) == (201, {"filename": "slides.pdf"})
    assert places(office, congress) == {"Talk North": "here"}
    assert places(office, congress, "?day=all&state=missing") == {}
    row = congress.party.administrator.get("/v3/crud/event_file/?view=enriched").data[0]
    assert (row["event_session_id"], row["event_id"]) == (session.id_random, congress.event.id_random)
    bytes_there = congress.party.administrator.get(f"/v3/action/event_file/{row['id']}/download").raw
    assert b"".join(bytes_there.streaming_content) == b"%PDF-1.7 one"
    page = office.get(congress.address("files/?day=2026-09-14"))
    assert (
        f"/admin/files/hostedfile/{page.context['places'][0].talks[0].decks[0].hosted.pk}/content/?inline=1"
        in page.content.decode()
    )

    again = pdf("better.pdf", b"%PDF-1.7 two")
    answer = drop(
        office, congress, file=again, for_type="event_presentation", for_id=talk.id_random, replaces=row["id"]
    )
    assert answer.status_code == 201
    shown = office.get(congress.address("files/?q=talk")).context["places"][0].talks[0]
    assert [deck.name for deck in shown.decks] == ["better.pdf"]
    assert (
        drop(
            office, congress, file=pdf("plan.pdf", b"%PDF three"), for_type="event_session", for_id=session.id_random
        ).status_code
        == 201
    )


def test_what_has_no_place_is_not_kept(
    office: Staff, congress: Congress, elsewhere: Congress, own_store: Path, settings: Any
) -> None:
    with tenant(congress.party.account.pk):
        other = saved(EventSession(event=saved(Event(name="Other")), name="Other"))
        other_talk = saved(EventPresentation(event_session=other, name="Other talk"))
    talk = {"for_type": "event_presentation", "for_id": congress.talk.id_random}
    settings.AETHER_MAX_UPLOAD_BYTES = 1000
    cases: list[tuple[dict[str, Any], int]] = [
        ({"file": pdf(), "for_type": "event_presentation", "for_id": elsewhere.talk.id_random}, 403),
        ({"file": pdf(), "for_type": "event_session", "for_id": elsewhere.sessions["late"].id_random}, 403),
        ({"file": pdf(), "for_type": "event_presentation", "for_id": other_talk.id_random}, 404),
        ({"file": pdf(), "for_type": "event_presentation", "for_id": "\x00"}, 404),
        ({"file": pdf(), "for_type": "account", "for_id": congress.party.id}, 400),
        ({"file": pdf()}, 400),
        ({**talk}, 400),
        ({**talk, "file": "a text"}, 400),
        ({**talk, "file": [pdf(), pdf("two.pdf")]}, 400),
        ({**talk, "file": pdf(content=b"x" * 1001)}, 413),
        ({**talk, "file": pdf(), "replaces": "nothere0000"}, 400),
    ]
    for given, status in cases:
        answer = drop(office, congress, **given)
        assert (answer.status_code, bool(answer.json()["problem"])) == (status, True), (given, answer.content)
    assert files_of(congress) == files_of(elsewhere) == []
    assert [path for path in own_store.rglob("*") if path.is_file()] == []


def test_plus_fills_in_the_parent_and_takes_the_file(office: Staff, congress: Congress, elsewhere: Congress) -> None:
    talk = congress.talk
    parent = office.get(f"/admin/events/eventpresentation/{talk.pk}/change/").content.decode()
    add = f"/admin/events/eventfile/add/?event_presentation={talk.pk}"
    assert add in parent.replace("&amp;", "&")
    form = office.form(add)
    assert form.values["event_presentation"] == [str(talk.pk)]
    assert "upload" in form.names
    values = form.values | {"upload": pdf("from-the-form.pdf")}
    assert office.post(add, values).status_code == 302
    assert files_of(congress) == [("from-the-form.pdf", False)]
    assert places(office, congress) == {"Talk North": "here"}

    for wrong in (form.values, form.values | {"upload": pdf(), "hosted_file": str(first_hosted(congress))}):
        page = office.post(add, wrong)
        assert page.context["adminform"].form.errors["upload"], "one of both"
    theirs = office.form(f"/admin/events/eventfile/add/?event_presentation={elsewhere.talk.pk}")
    assert "event_presentation" not in theirs.values
    assert office.post(add, values | {"upload": pdf(), "event_presentation": str(elsewhere.talk.pk)}).status_code == 200
    assert len(files_of(congress)) == 1


def first_hosted(congress: Congress) -> int:
    with tenant(congress.party.account.pk):
        return int(HostedFile.objects.values_list("pk", flat=True)[0])


def test_it_asks_as_often_for_many_talks(office: Staff, congress: Congress) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            places(office, congress)
        return len(caught)

    drop(office, congress, file=pdf(), for_type="event_presentation", for_id=congress.talk.id_random)
    few = asked()
    with tenant(congress.party.account.pk):
        for number in range(10):
            session = saved(EventSession(event=congress.event, name=f"More {number}"))
            talk = saved(EventPresentation(event_session=session, name=f"Talk {number}"))
            hosted = EventFile.objects.first().hosted_file
            saved(EventFile(event_presentation=talk, hosted_file=hosted))
    assert asked() == few
