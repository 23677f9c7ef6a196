"""The files of an event as one zip: in running order, signed, and what has changed since."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from files.derive import work_on
from tenancy.context import tenant
from tests.conftest import Answer, Party
from tests.events.test_slots import Talk, verify
from tests.files.sending import content

pytestmark = pytest.mark.usefixtures("own_store")


@pytest.fixture
def talk(north: Party) -> Talk:
    return Talk(north)


def order(talk: Talk, by: str = "room", **more: Any) -> Answer:
    return talk.party.member.post(f"/v3/action/event/{talk.event}/package", {"by": by, **more})


def made(talk: Talk, answer: Answer) -> zipfile.ZipFile:
    """As the worker makes it."""
    assert (answer.status, answer.data["status"]) == (202, "queued"), answer.body
    with tenant(talk.party.account.pk):
        work_on(answer.data["id"])
    done = talk.party.member.get(f"/v3/crud/hosted_file/{answer.data['id']}").data
    assert (done["status"], done["content_type"]) == ("ready", "application/zip"), done
    return zipfile.ZipFile(io.BytesIO(content(talk.party.member.get(f"/v3/action/hosted_file/{done['id']}/download"))))


def manifest_of(archive: zipfile.ZipFile) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(archive.read("manifest.json"))
    return found


def test_in_running_order_with_what_they_are(talk: Talk) -> None:
    north = talk.party
    room = north.manager.create("event_location", event_id=talk.event, name="Hall: 1")["id"]
    north.manager.patch(f"/v3/crud/event_session/{talk.session}", {"event_location_id": room})
    early = north.manager.create(
        "event_session",
        event_id=talk.event,
        name="Early",
        start_datetime="2026-05-01T07:30:00Z",
        event_location_id=room,
    )["id"]
    talk.put("b.pdf", b"%PDF-1.7 b")
    talk.put("early.txt", b"early", for_type="event_session", for_id=early)
    talk.put("map.txt", b"map", for_type="event", for_id=talk.event)
    old = talk.put("old.txt", b"old", slot="handout")["id"]
    talk.decide(old, "reject", {"reason": "Old"})
    names = {
        "room": ["Hall_ 1/001 05-01 0930 early.txt", "Hall_ 1/002 05-01 1700 b.pdf", "Without a room/001 map.txt"],
        "day": [
            "2026-05-01/001 0930 Hall_ 1 early.txt",
            "2026-05-01/002 1700 Hall_ 1 b.pdf",
            "Without a day/001 map.txt",
        ],
        "session": [
            "2026-05-01 0930 Early/001 Hall_ 1 early.txt",
            "2026-05-01 1700 S/001 Hall_ 1 b.pdf",
            "Without a session/001 map.txt",
        ],
    }
    key = north.member.get(f"/v3/action/event/{talk.event}/manifest_key").data
    for by, paths in names.items():
        archive = made(talk, order(talk, by))
        assert archive.namelist() == ["manifest.json", *paths]
        manifest = manifest_of(archive)
        verify(manifest, key)
        assert [file["path"] for file in manifest["files"]] == paths
        for file in manifest["files"]:
            assert hashlib.sha256(archive.read(file["path"])).hexdigest() == file["hash_sha256"]


def test_then_only_what_changed(talk: Talk) -> None:
    first, gone = talk.put()["id"], talk.put("h.txt", b"h", slot="handout")["id"]
    whole = order(talk)
    cursor = manifest_of(made(talk, whole))["cursor"]
    again = order(talk)
    assert (again.status, again.data["id"]) == (200, whole.data["id"])
    second = talk.put("c.pdf", b"%PDF-1.7 c")["id"]
    talk.party.manager.delete(f"/v3/crud/event_file/{gone}?method=delete")
    archive = made(talk, order(talk, since=cursor))
    manifest = manifest_of(archive)
    assert [file["event_file_id"] for file in manifest["files"]] == [second]
    assert set(manifest["removed"]) == {first, gone}
    assert len(archive.namelist()) == 2


def test_bytes_that_are_lost_are_told(talk: Talk, own_store: Path) -> None:
    talk.put()
    lost = next(path for path in own_store.rglob("*") if len(path.name) == 64)
    lost.unlink()
    answer = order(talk)
    with tenant(talk.party.account.pk):
        work_on(answer.data["id"])
    row = talk.party.member.get(f"/v3/crud/hosted_file/{answer.data['id']}").data
    assert (row["status"], row["status_message"]) == ("failed", "The bytes of a.pdf are not there.")


def test_who_may_have_one(talk: Talk, south: Party) -> None:
    path = f"/v3/action/event/{talk.event}/package"
    talk.put()
    answer = order(talk)
    made(talk, answer)
    for stranger in (south.manager, talk.party.guest):
        assert stranger.post(path, {"by": "room"}).error == ("permission", 403)
        assert stranger.get(f"/v3/action/hosted_file/{answer.data['id']}/download").status in (403, 404)
    theirs = south.manager.create("event", name="Theirs")["id"]
    cursor = south.member.get(f"/v3/action/event/{theirs}/file_manifest").data["cursor"]
    for body in (
        {},
        {"by": "hall"},
        {"by": "room", "since": "x"},
        {"by": "room", "since": cursor},
        {"by": "room", "x": 1},
        [],
    ):
        assert talk.party.member.post(path, body).error == ("validation", 400), body
