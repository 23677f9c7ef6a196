"""A file that arrives is looked into in the background; what came of it is kept, and told to staff and presenter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from events import preflight
from events.models import EventFile, EventFilePreflight
from events.preflight_arrivals import forgotten
from events.tasks import look_at_forgotten, preflight_file
from kernel.errors import Throttled
from tenancy.context import tenant
from tests.conftest import Party
from tests.events.test_preflight import Hall, pptx, slide
from tests.events.test_upload_links import TALKS, presenter
from tests.files.media import pdf

pytestmark = pytest.mark.usefixtures("own_store")
DECK = pptx(slide("one"), slide("two", "Wingdings 9"))
MISSING = {
    "code": "font_not_in_room",
    "level": "error",
    "page": None,
    "message": "The font Wingdings 9 is neither in the file nor in the room.",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """What the broker was given."""
    messages: list[tuple[int, int]] = []
    monkeypatch.setattr(preflight_file, "delay", lambda *args: messages.append(args))
    return messages


@pytest.fixture
def hall(north: Party, django_capture_on_commit_callbacks: Any) -> Hall:
    return Hall(north)


def arrive(hall: Hall, name: str, data: bytes, commit: Any, **fields: str) -> EventFile:
    with commit(execute=True):
        public_id = hall.put(name, data, **({"slot": "slides"} | fields))["id"]
    return row_of(hall, public_id)


def row_of(hall: Hall, public_id: str) -> EventFile:
    with tenant(hall.party.account.pk):
        row: EventFile = EventFile.objects.get(id_random=public_id)
        return row


def test_it_is_looked_into_once_and_told(
    hall: Hall, asked: Any, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = arrive(hall, "a.pptx", DECK, django_capture_on_commit_callbacks)
    assert hall.one(row.id_random)["preflight_level"] is None
    assert asked == [(row.account_id, row.pk)]
    preflight_file(*asked[0])
    assert hall.one(row.id_random)["preflight_level"] == "error"
    assert hall.party.member.get("/v3/crud/event_file/?preflight_level=error").ids == [row.id_random]
    entry = hall.party.manager.get(f"/v3/crud/event_file/{row.id_random}/history").data[0]
    assert entry["changes"] == {"preflight_level": [None, "error"]}

    monkeypatch.setattr(preflight, "inspect", lambda *_: pytest.fail("it was looked into again"))
    preflight_file(*asked[0])
    report = hall.party.member.get(f"/v3/action/event_file/{row.id_random}/preflight").data
    assert (report["pages"], report["findings"]) == (2, [MISSING])
    # The room is the one of now: it has got the font.
    hall.party.manager.patch(f"/v3/crud/event_location/{hall.room}", {"fonts_json": ["Calibri", "Wingdings 9"]})
    assert hall.party.member.get(f"/v3/action/event_file/{row.id_random}/preflight").data["findings"] == []


def test_what_it_comes_to(hall: Hall, asked: Any, django_capture_on_commit_callbacks: Any) -> None:
    cases = {
        "clean": ("clean.pptx", pptx(slide("one"))),
        "warning": ("narrow.pptx", pptx(slide("one"), size=(9144000, 6858000))),
        "error": ("broken.pdf", b"%PDF-1.7\n" + b"x" * 90),
        "unsupported": ("a.txt", b"plain text"),
    }
    for level, (name, data) in cases.items():
        row = arrive(hall, name, data, django_capture_on_commit_callbacks, slot="handout")
        preflight_file(row.account_id, row.pk)
        assert hall.one(row.id_random)["preflight_level"] == level, name


def test_the_presenter_is_told(
    hall: Hall, asked: Any, django_capture_on_commit_callbacks: Any, time_machine: Any
) -> None:
    time_machine.move_to("2026-05-01T12:00:00Z", tick=False)
    ada = presenter(hall)
    row = arrive(hall, "a.pptx", DECK, django_capture_on_commit_callbacks)

    def shown() -> tuple[Any, Any]:
        (slides,) = (slot for slot in ada.get(TALKS).data["talks"][0]["slots"] if slot["slot"] == "slides")
        return slides["files"][0]["preflight_level"], slides["files"][0]["findings"]

    assert shown() == (None, [])
    preflight_file(row.account_id, row.pk)
    assert shown() == ("error", [MISSING])


def test_other_bytes_are_looked_into_anew(hall: Hall, asked: Any, django_capture_on_commit_callbacks: Any) -> None:
    row = arrive(hall, "a.pptx", DECK, django_capture_on_commit_callbacks)
    preflight_file(row.account_id, row.pk)
    other = arrive(hall, "b.pptx", pptx(slide("one")), django_capture_on_commit_callbacks, slot="handout")
    asked.clear()
    with django_capture_on_commit_callbacks(execute=True):
        body = {"hosted_file_id": hall.one(other.id_random)["hosted_file_id"]}
        assert hall.party.manager.patch(f"/v3/crud/event_file/{row.id_random}", body).status == 200
    assert hall.one(row.id_random)["preflight_level"] is None
    assert asked == [(row.account_id, row.pk)]
    preflight_file(*asked[0])
    assert hall.one(row.id_random)["preflight_level"] == "clean"
    with tenant(row.account_id):
        assert EventFilePreflight.objects.get(event_file=row).findings_json == []


def test_what_was_lost_on_the_way_is_found(
    hall: Hall, asked: Any, django_capture_on_commit_callbacks: Any, time_machine: Any
) -> None:
    row = arrive(hall, "a.pdf", pdf(1), django_capture_on_commit_callbacks)
    asked.clear()
    assert forgotten() == []
    time_machine.move_to(datetime.now(UTC) + timedelta(minutes=3))
    assert (look_at_forgotten(), asked) == (1, [(row.account_id, row.pk)])
    preflight_file(*asked[0])
    assert look_at_forgotten() == 0


def test_without_a_place_it_is_tried_again(
    hall: Hall, asked: Any, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = arrive(hall, "a.pdf", pdf(1), django_capture_on_commit_callbacks)
    monkeypatch.setattr("events.tasks.look_at", lambda key: (_ for _ in ()).throw(Throttled(5, "busy")))
    with pytest.raises(Throttled):  # called directly there is no message to send again: the error itself
        preflight_file(row.account_id, row.pk)
    assert hall.one(row.id_random)["preflight_level"] is None


def test_who_may_say_it(hall: Hall, south: Party, asked: Any, django_capture_on_commit_callbacks: Any) -> None:
    row = arrive(hall, "a.pptx", DECK, django_capture_on_commit_callbacks)
    preflight_file(south.account.pk, row.pk)  # another account's task finds nothing
    assert hall.one(row.id_random)["preflight_level"] is None
    body = {"preflight_level": "clean"}
    assert hall.party.manager.patch(f"/v3/crud/event_file/{row.id_random}", body).error == ("validation", 400)
    with tenant(row.account_id):
        EventFilePreflight(event_file=row, hash_sha256="0" * 64, looked_on=timezone.now()).save()
        row.delete()
        assert not EventFilePreflight.objects.exists()
