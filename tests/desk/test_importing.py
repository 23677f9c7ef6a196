"""The import wizard: headings that are guessed or chosen, rooms by name, what is quoted, and that a preview writes nothing."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from events.models import Event, EventLocation, EventSession
from tenancy.context import tenant
from tests.crud.staff.pages import Staff
from tests.desk.conftest import Congress, saved

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_store")]
PROGRAMME = """Code,Title,Room,Begin,End,Anything
A1,Keynote,Room 2 North,2026-09-14T11:00,2026-09-14T12:00,x
A2,Panel,R1,2026-09-14T09:30,2026-09-14T10:30,x
A3,Dinner,Nowhere,2026-09-20T19:00,tomorrow,x
"""


def send(office: Staff, congress: Congress, text: str, type_name: str = "event_session") -> Any:
    file = SimpleUploadedFile("programme.csv", text.encode(), "text/csv")
    place = congress.address("import/")
    answer = office.post(place, {"upload": "1", "type": type_name, "file": file})
    if answer.status_code != 302:
        return answer
    return office.get(answer.headers["Location"])


def fields(page: Any, **choices: str) -> dict[str, str]:
    """What a browser would send of the wizard, with some headings chosen anew."""
    found = {"file": page.context["sent"].token, "previewed": page.context["digest"]}
    for number, (heading, name, _, _) in enumerate(page.context["headings"]):
        found |= {f"heading-{number}": heading, f"field-{number}": choices.get(heading, name)}
    return found


def names(congress: Congress) -> list[str]:
    with tenant(congress.party.account.pk):
        return sorted(EventSession.objects.values_list("name", flat=True))


def test_a_programme_comes_in(office: Staff, congress: Congress) -> None:
    before, place = names(congress), congress.address("import/")
    page = send(office, congress, PROGRAMME)
    meanings = {heading: name or guess for heading, name, _, guess in page.context["headings"]}
    assert meanings == {
        "Code": "code", "Title": "name", "Room": "event_location_name",
        "Begin": "start_datetime", "End": "end_datetime", "Anything": "",
    }  # fmt: skip
    assert "There is no such field" in str(page.context["errors"][0])

    page = office.post(place, fields(page, Anything="-") | {"preview": "1"})
    told = html.unescape(page.content.decode())
    assert (page.context["error_count"], page.context["error_rows"]) == (2, 1)
    assert "row 4, Room: It refers to no object. The cell says “Nowhere”." in told
    assert "row 4, End" in told
    assert "2026-09-14 11:00 CEST" in told
    assert not page.context["ready"]
    left_out = office.client.post(place, fields(page) | {"left_out": "1"})
    body = b"".join(left_out.streaming_content).decode("utf-8-sig")
    assert "A3,Dinner,Nowhere" in body
    assert "Room: It refers to no object." in body
    assert "Keynote" not in body

    page = office.post(place, fields(page) | {"preview": "1", "partial": "on"})
    assert ["“opening North” and “Panel”" in clash for clash in page.context["clashes"]] == [True]
    assert names(congress) == before
    answer = office.post(place, fields(page) | {"import": "1", "partial": "on"})
    assert answer.status_code == 302
    assert "Created: 2. Changed: 0. As they were: 0. Left out: 1 of 3 rows." in office.get(place).content.decode()
    with tenant(congress.party.account.pk):
        keynote, panel = EventSession.objects.filter(code__in=("A1", "A2")).order_by("code")
    assert (keynote.event_id, keynote.event_location_id) == (congress.event.pk, congress.rooms[1].pk)
    assert panel.event_location_id == congress.rooms[0].pk
    assert f"{keynote.start_datetime:%H:%M}" == "09:00"


def test_a_room_of_two_names_quotes_both_codes(office: Staff, congress: Congress) -> None:
    with tenant(congress.party.account.pk):
        saved(EventLocation(event=congress.event, code="R9", name=congress.rooms[0].name))
        saved(EventLocation(event=saved(Event(name="Other")), code="R7", name="Room 2 North"))
    page = send(office, congress, "Title,Room\nOne,Room 1 North\nTwo,room 2 north\n")
    assert [str(error) for error in page.context["errors"]] == [
        "row 2, Room: 2 objects are named so; write the code: R1 or R9. The cell says “Room 1 North”."
    ]


def test_what_is_not_ours_is_not_imported(office: Staff, congress: Congress, elsewhere: Congress) -> None:
    before, theirs = names(congress), names(elsewhere)
    with tenant(congress.party.account.pk):
        other = saved(EventSession(event=saved(Event(name="Other")), name="Of another event"))
    place = congress.address("import/")
    page = send(office, congress, f"id,name\n{other.id_random},Taken\n")
    assert "It is an object of another event." in page.content.decode()
    assert office.post(place, fields(page) | {"import": "1", "partial": "on"}).status_code == 200
    foreign = send(office, congress, f"id,name\n{elsewhere.sessions['late'].id_random},Taken\n")
    office.post(place, fields(foreign) | {"import": "1"})
    assert names(elsewhere) == theirs
    with tenant(congress.party.account.pk):
        assert EventSession.objects.get(pk=other.pk).name == "Of another event"

    good = send(office, congress, "name\nNew\n")
    manager = Staff(congress.party.users["manager"]).sign_in()
    assert "no longer here" in manager.post(place, fields(good) | {"import": "1"}).content.decode()
    unseen = office.post(place, fields(good) | {"import": "1", "previewed": "0"})
    assert unseen.context["ready"]  # it is shown first
    assert set(names(congress)) == {*before, "Of another event"}


@pytest.mark.parametrize(
    ("name", "content", "type_name"),
    [
        ("a.csv", b"", "event_session"),
        ("a.csv", b"\xff\xfe\x00", "event_session"),
        ("a.exe", b"name\nx\n", "event_session"),
        ("a.xlsx", b"PK\x03\x04 no", "event_session"),
        ("a.csv", b"name\nx\n", "account"),
        ("a.csv", b"name\nx\n", ""),
    ],
)
def test_what_is_no_table_is_said(office: Staff, congress: Congress, name: str, content: bytes, type_name: str) -> None:
    file = SimpleUploadedFile(name, content)
    place = congress.address("import/")
    answer = office.post(place, {"upload": "1", "type": type_name, "file": file})
    if answer.status_code == 302:
        answer = office.get(answer.headers["Location"])
    assert (answer.status_code, "desk-said bad" in answer.content.decode()) == (400, True)
    for wrong in ({"upload": "1", "type": "event_session"}, {"file": "nonsense"}, {}):
        assert office.post(place, wrong).status_code == 400
