"""Files in their place at an event: one step, all or nothing."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.db.models.signals import post_save
from django.utils import timezone

from events.models import EventFile
from files.models import HostedFile, HostedFileLink, StoredBytes
from kernel.errors import Invalid
from tenancy.context import every_tenant
from tests.conftest import Party
from tests.files.sending import content, multipart, send, stored

pytestmark = pytest.mark.usefixtures("own_store")

UPLOAD = "/v3/action/event_file/upload"
DATA = b"%PDF-1.7 slides"


@pytest.fixture
def session(north: Party) -> dict[str, Any]:
    event = north.manager.create("event", name="Meeting", code="m26")
    return north.manager.create("event_session", event_id=event["id"], name="S", code="s1")


def rows() -> tuple[int, int, int]:
    with every_tenant(reason="count what a refused request left"):
        return EventFile.objects.count(), HostedFile.objects.count(), HostedFileLink.objects.count()


def test_the_file_its_place_and_its_bytes_in_one_step(north: Party, session: dict[str, Any]) -> None:
    fields = {"for_type": "event_session", "for_id": session["id"], "title": "Slides", "open_in": "Keynote"}
    answer = send(north.member, multipart(("Slides.pdf", DATA), **fields, sort="3"), UPLOAD)
    assert answer.status == 201, answer.body
    made = answer.data
    assert (made["event_session_id"], made["event_id"]) == (session["id"], session["event_id"])
    assert (made["title"], made["open_in"], made["sort"], made["approved"]) == ("Slides", "Keynote", 3, False)
    assert (made["filename"], made["extension"]) == ("Slides.pdf", "pdf")
    assert (made["hosted_file_size"], made["hosted_file"]["size"]) == ("15", 15)
    assert made["hosted_file"]["title"] == "Slides"
    assert answer.headers["Location"] == f"/v3/crud/event_file/{made['id']}/"
    for path in (f"event_file/{made['id']}", f"hosted_file/{made['id']}", f"hosted_file/{made['hosted_file_id']}"):
        assert content(north.member.get(f"/v3/action/{path}/download")) == DATA


def test_a_link_may_be_made_too(north: Party, session: dict[str, Any]) -> None:
    fields = {"for_type": "event_session", "for_id": session["id"]}
    linked = {"link_to_type": "event", "link_to_id": session["event_id"]}
    assert send(north.member, multipart(("a.pdf", DATA), **fields, **linked), UPLOAD).status == 201
    assert rows() == (1, 1, 1)


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, ("validation", 400)),
        ({"for_type": "event_session"}, ("database_constraint", 1452)),
        ({"for_type": "journal", "for_id": "abc"}, ("validation", 400)),
        ({"for_type": "event_session", "for_id": "nowhere0000"}, ("database_constraint", 1452)),
        ({"for_type": "event_session", "for_id": "$session", "nonsense": "1"}, ("database_schema", 1054)),
        ({"for_type": "event_session", "for_id": "$session", "sort": "many"}, ("validation", 400)),
        ({"for_type": "event_session", "for_id": "$session", "hosted_file_id": "abc"}, ("validation", 400)),
        ({"for_type": "event_session", "for_id": "$session", "event_id": "nowhere0000"}, ("database_constraint", 1452)),
    ],
)
def test_what_does_not_fit_leaves_nothing(
    north: Party, session: dict[str, Any], own_store: Path, fields: dict[str, str], error: tuple[str, int]
) -> None:
    fields = {name: session["id"] if value == "$session" else value for name, value in fields.items()}
    answer = send(north.member, multipart(("a.pdf", DATA), ("b.pdf", DATA), **fields), UPLOAD)
    assert (answer.error, rows()) == (error, (0, 0, 0)), answer.body
    assert stored(own_store) == []


@pytest.mark.parametrize("failure", [IntegrityError(1452, "FOREIGN KEY"), IntegrityError(1062, "Duplicate entry")])
def test_rows_that_the_database_refuses_take_their_bytes_along(
    north: Party, session: dict[str, Any], own_store: Path, failure: Exception
) -> None:
    """FILE-19: three files; one event_file is refused when all else is written. What another one relies on stays."""
    assert send(north.member, multipart(("old.pdf", b"old")), "/v3/action/hosted_file/upload").status == 201

    def refuse(**signal: Any) -> None:
        if EventFile.objects.count() == 3:
            raise failure

    fields = {"for_type": "event_session", "for_id": session["id"]}
    linked = {"link_to_type": "event", "link_to_id": session["event_id"]}
    files = [("a.pdf", DATA), ("b.pdf", b"other"), ("c.pdf", b"old")]
    post_save.connect(refuse, sender=EventFile)
    try:
        answer = send(north.member, multipart(*files, **fields, **linked), UPLOAD)
    finally:
        post_save.disconnect(refuse, sender=EventFile)
    assert (answer.status >= 400, answer.meta["success"], rows()) == (True, False, (0, 1, 0))
    assert stored(own_store) == list(StoredBytes.objects.values_list("pk", flat=True)) == [sha256(b"old").hexdigest()]


def test_bytes_that_another_upload_came_to_rely_on_stay(
    north: Party, session: dict[str, Any], own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two uploads of the same bytes: the second is at the point before its rows when the first is refused."""

    def refuse(work: Any) -> None:
        StoredBytes.objects.update(touched_on=timezone.now())  # as the other one does
        raise Invalid("It does not fit.")

    monkeypatch.setattr("files.upload.in_transaction", refuse)
    fields = {"for_type": "event_session", "for_id": session["id"]}
    assert send(north.member, multipart(("a.pdf", DATA), **fields), UPLOAD).status == 400
    assert stored(own_store) == [sha256(DATA).hexdigest()]


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_on_the_way_is_tried_again(north: Party, session: dict[str, Any]) -> None:
    """FILE-19: the bytes are there already, and the rows are written once."""
    raised: list[Exception] = []

    def deadlock_once(**signal: Any) -> None:
        if not raised:
            raised.append(OperationalError(1213, "Deadlock found when trying to get lock"))
            raise raised[0]

    fields = {"for_type": "event_session", "for_id": session["id"]}
    post_save.connect(deadlock_once, sender=EventFile)
    try:
        answer = send(north.member, multipart(("a.pdf", DATA), **fields), UPLOAD)
    finally:
        post_save.disconnect(deadlock_once, sender=EventFile)
    assert (len(raised), answer.status, rows()) == (1, 201, (1, 1, 0))


def test_another_accounts_session_reads_like_none(north: Party, south: Party, session: dict[str, Any]) -> None:
    answers = [
        send(south.member, multipart(("a.pdf", DATA), for_type="event_session", for_id=wanted), UPLOAD)
        for wanted in (session["id"], "nowhere0000")
    ]
    assert [answer.error for answer in answers] == [("database_constraint", 1452)] * 2
    assert answers[0].meta["details"] == answers[1].meta["details"]
    assert rows() == (0, 0, 0)


def test_guests_are_kept_out_before_anything_is_read(north: Party, session: dict[str, Any], own_store: Path) -> None:
    fields = {"for_type": "event_session", "for_id": session["id"]}
    assert send(north.guest, multipart(("a.pdf", DATA), **fields), UPLOAD).error == ("permission", 403)
    made = send(north.member, multipart(("a.pdf", DATA), **fields), UPLOAD).data
    for path in (f"event_file/{made['id']}", f"hosted_file/{made['id']}"):
        assert north.guest.get(f"/v3/action/{path}/download").status in (403, 404)
    assert len(stored(own_store)) == 1


def test_another_account_downloads_nothing(north: Party, south: Party, session: dict[str, Any]) -> None:
    fields = {"for_type": "event_session", "for_id": session["id"]}
    made = send(north.member, multipart(("a.pdf", DATA), **fields), UPLOAD).data
    for path in (f"event_file/{made['id']}", f"hosted_file/{made['id']}"):
        assert south.manager.get(f"/v3/action/{path}/download").error == ("permission", 403)
        nowhere = path.replace(made["id"], "nowhere0000")
        assert south.manager.get(f"/v3/action/{nowhere}/download").error == ("not_found", 404)
