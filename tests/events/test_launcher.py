"""examples/launcher as the machine of a room: it has the current files, and nothing else counts as them."""

from __future__ import annotations

import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request

import pytest

from events.models import EventDevice
from examples.launcher.launcher import Launcher, Refusal, verify
from tenancy.context import tenant
from tests.conftest import Caller, Party
from tests.events.rooms import Venue, at_once

VECTORS = json.loads(Path("docs/manifest_vectors.json").read_text())
DECK = b"%PDF-1.4\n" + b"deck " * 200


class Reply(io.BytesIO):
    status = 200


class Wire:
    """Takes what a launcher sends to the application, and may break off or alter what comes back."""

    def __init__(self) -> None:
        self.sent: list[Request] = []
        self.breaks_after: int | None = None
        self.alters = False
        self.is_cut = False
        self.says: bytes | None = None

    def __call__(self, request: Request, timeout: float) -> Reply:
        self.sent.append(request)
        if self.is_cut:
            raise URLError("no route")
        if self.says is not None:
            return Reply(self.says)
        at = urlsplit(request.full_url)
        path = f"{at.path}?{at.query}" if at.query else at.path
        answer = Caller()(request.get_method(), path, request.data, **dict(request.header_items()))
        raw = answer.raw
        content = b"".join(raw.streaming_content) if raw.streaming else raw.content
        if answer.status >= 400:
            raise HTTPError(request.full_url, answer.status, answer.body["meta"]["status_message"], raw.headers, None)
        if raw.streaming:
            content = content[: self.breaks_after]
            content = bytes(len(content)) if self.alters else content
        reply = Reply(content)
        reply.status = answer.status
        return reply

    @property
    def downloads(self) -> list[Request]:
        return [request for request in self.sent if request.full_url.endswith("/download")]


class Hall(Venue):
    """A room with a session, and a launcher in it."""

    def __init__(self, party: Party, home: Path) -> None:
        super().__init__(party)
        self.wire, self.opened = Wire(), []
        self.home = home
        self.launcher = self.started()
        self.launcher.enrol("http://testserver", self.provision().data["token"], "Lectern")
        self.of = self.session()["id"]

    def started(self) -> Launcher:
        return Launcher(self.home, self.wire, self.opened.append)

    def deck(self, content: bytes, filename: str = "talk.pdf", **more: str) -> Any:
        return self.upload("event_session", self.of, content, filename, slot="slides", **more)

    def shown(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in (self.home / "files").iterdir()}

    def state(self) -> str:
        with tenant(self.party.account.pk):
            EventDevice.objects.update(last_report_on=None)
        self.launcher.report()
        (room,) = self.staff.get(f"/v3/action/event/{self.event['id']}/readiness").data["rooms"]
        return str(room["state"])


@pytest.fixture
def hall(north: Party, own_store: Any, tmp_path: Path) -> Hall:
    return Hall(north, tmp_path / "room")


def test_the_room_has_the_current_deck(hall: Hall) -> None:
    hall.deck(DECK)
    film = hall.upload("event_location", hall.room["id"], b"film", "intro.bin")
    assert hall.state() == "stale"
    assert hall.launcher.sync() == []
    assert hall.shown() == {"talk.pdf": DECK, "intro.bin": b"film"}
    assert hall.state() == "ready"
    newest = hall.deck(DECK + b"2")
    assert hall.state() == "stale"
    assert hall.launcher.sync() == []
    assert hall.launcher.open(newest["id"]).read_bytes() == DECK + b"2"
    assert hall.state() == "opened"
    assert hall.staff.delete(f"/v3/crud/event_file/{film['id']}?method=delete").status == 200
    assert hall.started().sync() == []
    assert hall.shown() == {"talk.pdf": DECK + b"2"}
    assert (hall.home / "room.json").stat().st_mode & 0o077 == 0


def test_a_download_goes_on_where_it_broke_off(hall: Hall) -> None:
    row = hall.deck(DECK)
    hall.wire.breaks_after = 100
    assert "broke off" in hall.launcher.sync()[0]
    assert (hall.shown(), hall.launcher.have) == ({}, [])
    with pytest.raises(Refusal, match="has not come yet"):
        hall.launcher.open(row["id"])
    hall.wire.breaks_after = None
    assert hall.started().sync() == []
    assert hall.wire.downloads[-1].get_header("Range") == "bytes=100-"
    assert hall.shown() == {"talk.pdf": DECK}


def test_other_bytes_are_not_kept(hall: Hall) -> None:
    row = hall.deck(DECK)
    hall.wire.alters = True
    assert "not those of the manifest" in hall.launcher.sync()[0]
    assert hall.launcher.have == []
    hall.wire.alters = False
    assert hall.launcher.sync() == []
    digest = row["hosted_file"]["hash_sha256"]
    (hall.home / "bytes" / digest).write_bytes(b"rotten")
    (hall.home / "files" / "talk.pdf").write_bytes(b"edited")
    with pytest.raises(Refusal, match="has not come yet"):
        hall.launcher.open(row["id"])
    again = hall.started()
    assert again.have == []
    assert again.sync() == []
    assert hall.shown() == {"talk.pdf": DECK}


def test_bytes_from_a_stick(hall: Hall, tmp_path: Path) -> None:
    stick = tmp_path / "stick" / "talks"
    stick.mkdir(parents=True)
    (stick / "another name.pdf").write_bytes(DECK)
    (stick / "as long.pdf").write_bytes(bytes(len(DECK)))
    hall.deck(DECK)
    assert hall.launcher.sync([tmp_path / "stick"]) == []
    assert hall.shown() == {"talk.pdf": DECK}
    assert hall.wire.downloads == []


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_which_manifests_count(vector: dict[str, Any]) -> None:
    if vector["valid"]:
        verify(vector["manifest"], vector["public_key"], vector["last_seq"])
    else:
        with pytest.raises(Refusal, match=f"^{vector['reason']}:"):
            verify(vector["manifest"], vector["public_key"], vector["last_seq"])


def test_a_manifest_that_does_not_count_changes_nothing(hall: Hall) -> None:
    hall.deck(DECK)
    first = hall.launcher._ask("GET", "/v3/device/work")["manifest"]
    hall.launcher.sync()
    hall.deck(DECK + b"2")
    newest = hall.launcher._ask("GET", "/v3/device/work")["manifest"]
    hall.launcher.sync()
    room = hall.launcher.known
    before = dict(room.files)
    whole = hall.staff.get(f"/v3/action/event/{hall.event['id']}/file_manifest").data
    altered = {**newest, "files": [{**newest["files"][0], "size": 1}]}
    changes = {**newest, "since": "x"}
    for manifest in (first, altered, whole, changes, {**newest, "signature": "😀"}, {**newest, "signature": None}):
        with pytest.raises(Refusal):
            room.take(manifest)
        assert room.files == before
    room.take(newest)


def test_what_a_lectern_opens_is_the_newest_or_is_said_to_be_in_doubt(hall: Hall) -> None:
    talk = hall.staff.create("event_presentation", event_session_id=hall.of, name="Talk")["id"]
    hall.launcher.sync()
    with pytest.raises(Refusal, match="lists no slides"):
        hall.launcher.open_current(talk)
    hall.upload("event_presentation", talk, DECK, slot="slides")
    path, word = hall.launcher.open_current(talk)
    assert (path.read_bytes(), word) == (DECK, None)
    hall.upload("event_presentation", talk, DECK + b"2", slot="slides")
    hall.wire.is_cut = True
    path, word = hall.launcher.open_current(talk)
    assert path.read_bytes() == DECK
    assert "not asked whether there is a newer version, since" in str(word)
    hall.wire.is_cut = False
    path, word = hall.launcher.open_current(talk)
    assert (path.read_bytes(), word) == (DECK + b"2", None)


@pytest.mark.parametrize("page", [b"", b"<html>Sign in to the hotel's network</html>", b'{"data', b"[]", b"\xff"])
def test_an_answer_that_is_not_the_servers_changes_nothing(hall: Hall, page: bytes) -> None:
    hall.deck(DECK)
    hall.launcher.sync()
    hall.wire.says = page
    with pytest.raises(OSError, match="no answer of the server"):
        hall.launcher.sync()
    assert hall.shown() == {"talk.pdf": DECK}


def test_commands_are_done_once(hall: Hall) -> None:
    row = hall.deck(DECK)
    device = hall.staff.get("/v3/crud/event_device/").data[0]["id"]

    def command(payload: Any) -> Any:
        said = {"command": "open", "payload": payload}
        return hall.staff.post(f"/v3/action/event_device/{device}/command", said).data["id"]

    good, bad = command({"event_file_id": row["id"]}), command({"event_file_id": ["nowhere"]})
    hall.launcher.sync()
    rows = {row["id"]: row for row in hall.staff.get("/v3/crud/event_device_command/").data}
    assert (rows[good]["status"], rows[bad]["status"]) == ("acknowledged", "failed")
    assert "does not list" in rows[bad]["message"]
    assert [path.name for path in hall.opened] == ["talk.pdf"]
    hall.launcher._obey({"command_id": good, "command": "open", "payload": {"event_file_id": row["id"]}})
    assert len(hall.opened) == 1
    assert sha256(hall.opened[0].read_bytes()).hexdigest() == hall.launcher.opened


def test_a_machine_that_is_moved_or_put_out(hall: Hall) -> None:
    hall.deck(DECK)
    hall.launcher.sync()
    other = hall.add_room("Hall 2")
    there = hall.upload("event_location", other["id"], b"there", "there.bin")
    device = hall.staff.get("/v3/crud/event_device/").data[0]["id"]
    assert hall.staff.patch(f"/v3/crud/event_device/{device}", {"event_location_id": other["id"]}).status == 200
    at_once()
    assert hall.launcher.sync() == []
    assert set(hall.launcher.known.files) == {there["id"]}
    assert hall.shown() == {"there.bin": b"there"}
    hall.launcher.rotate()
    hall.launcher.report()
    assert hall.staff.post(f"/v3/action/event_device/{device}/revoke", {}).status == 200
    with pytest.raises(HTTPError, match="401"):
        hall.started().sync()
    assert hall.shown() == {"there.bin": b"there"}
