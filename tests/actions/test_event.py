"""What a room machine is told of its files."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Answer, Caller, Party
from tests.files.sending import multipart, send

pytestmark = pytest.mark.usefixtures("own_store")


@pytest.fixture
def event(north: Party) -> dict[str, Any]:
    event = north.manager.create("event", name="Meeting", code="m26")
    rooms = [north.manager.create("event_location", event_id=event["id"], name=name) for name in ("A", "B")]
    sessions = [
        north.manager.create(
            "event_session",
            event_id=event["id"],
            name=f"S{hour}",
            start_datetime=f"2026-05-01T{hour}:00:00Z",
            event_location_id=room["id"],
        )
        for hour, room in zip(("15", "09"), rooms, strict=True)
    ]
    return event | {"rooms": [room["id"] for room in rooms], "sessions": [one["id"] for one in sessions]}


def put(north: Party, for_type: str, for_id: str, name: str = "a.pdf") -> dict[str, Any]:
    answer = send(
        north.member, multipart((name, name.encode()), for_type=for_type, for_id=for_id), "/v3/action/event_file/upload"
    )
    assert answer.status == 201, answer.body
    made: dict[str, Any] = answer.data
    return made


def ask(caller: Caller, event_id: str, query: str = "") -> Answer:
    return caller.get(f"/v3/action/event/{event_id}/file_manifest?{query}")


def told(answer: Answer) -> list[tuple[str, bool]]:
    assert answer.status == 200, answer.body
    return [(file["event_file_id"], file["removed"]) for file in answer.data["files"]]


def test_all_that_is_to_be_there_by_when_it_is_needed(north: Party, event: dict[str, Any]) -> None:
    late = put(north, "event_session", event["sessions"][0], "late.pdf")
    early = put(north, "event_session", event["sessions"][1], "early.pdf")
    any_time = put(north, "event", event["id"], "b.pdf")
    hidden = put(north, "event", event["id"], "hidden.pdf")
    north.manager.patch(f"/v3/crud/event_file/{hidden['id']}", {"hide": True})
    answer = ask(north.member, event["id"])
    assert told(ask(north.member, event["id"], f"since={answer.data['cursor']}")) == []
    assert told(answer) == [(one["id"], False) for one in (early, late, any_time)]
    first = answer.data["files"][0]
    assert first == {
        "event_file_id": early["id"],
        "hosted_file_id": early["hosted_file_id"],
        "slot": "other",
        "version": 1,
        "filename": "early.pdf",
        "save_as": "early.pdf",
        "hash_sha256": early["hosted_file"]["hash_sha256"],
        "size": 9,
        "content_type": "text/plain",
        "event_session_id": event["sessions"][1],
        "event_presentation_id": None,
        "event_presenter_id": None,
        "event_location_id": event["rooms"][1],
        "start_datetime": "2026-05-01T09:00:00Z",
        "removed": False,
    }
    room = ask(north.member, event["id"], f"event_location_id={event['rooms'][0]}")
    assert told(room) == [(late["id"], False)]


def test_a_room_is_given_names_and_never_paths(north: Party, event: dict[str, Any]) -> None:
    made = put(north, "event", event["id"])
    for name, told_name in (("../../etc/cron.d/x", "x"), ("a\r\nb.pdf", "ab.pdf"), (None, "hosted.pdf")):
        north.manager.patch(f"/v3/crud/hosted_file/{made['hosted_file_id']}", {"filename": "..\\hosted.pdf"})
        assert north.manager.patch(f"/v3/crud/event_file/{made['id']}", {"filename": name}).status == 200
        assert [file["filename"] for file in ask(north.member, event["id"]).data["files"]] == [told_name]


def test_then_only_what_changed(north: Party, event: dict[str, Any]) -> None:
    files = [put(north, "event_session", event["sessions"][0], f"{n}.pdf") for n in range(6)]
    cursor = ask(north.member, event["id"]).data["cursor"]
    assert told(ask(north.member, event["id"], f"since={cursor}")) == []
    hidden, disabled, deleted, bare, kept, renamed = (file["id"] for file in files)
    north.manager.patch(f"/v3/crud/event_file/{hidden}", {"hide": True})
    north.manager.delete(f"/v3/crud/event_file/{disabled}?method=disable")
    assert north.manager.delete(f"/v3/crud/event_file/{deleted}?method=delete").status == 200
    north.manager.patch(f"/v3/crud/hosted_file/{files[3]['hosted_file_id']}", {"hide": True})
    north.manager.patch(f"/v3/crud/event_file/{renamed}", {"title": "New"})
    new = put(north, "event", event["id"], "new.pdf")["id"]
    answer = ask(north.member, event["id"], f"since={cursor}")
    gone = {(one, True) for one in (hidden, disabled, deleted, bare)}
    assert set(told(answer)) == {(renamed, False), (new, False), *gone}
    again = ask(north.member, event["id"], f"since={answer.data['cursor']}")
    assert told(again) == []
    everything = ask(north.member, event["id"])
    assert {one for one, _ in told(everything)} == {kept, renamed, new}


def test_what_leaves_the_room_or_the_event_is_removed_there(north: Party, event: dict[str, Any]) -> None:
    moving = put(north, "event_session", event["sessions"][0])["id"]
    leaving = put(north, "event", event["id"], "b.pdf")["id"]
    queries = [f"event_location_id={room}" for room in event["rooms"]]
    cursors = [ask(north.member, event["id"], query).data["cursor"] for query in queries]
    session = f"/v3/crud/event_session/{event['sessions'][0]}"
    assert north.manager.patch(session, {"event_location_id": event["rooms"][1]}).status == 200
    changes = [told(ask(north.member, event["id"], f"{q}&since={c}")) for q, c in zip(queries, cursors, strict=True)]
    assert [(moving, True) in changes[0], (moving, False) in changes[1]] == [True, True]
    other = north.manager.create("event", name="Other", code="o")["id"]
    cursor = ask(north.member, event["id"]).data["cursor"]
    moved = north.manager.patch(
        f"/v3/crud/event_file/{leaving}", {"for_type": "event", "for_id": other, "event_id": other}
    )
    assert moved.status == 200, moved.body
    assert told(ask(north.member, event["id"], f"since={cursor}")) == [(leaving, True)]


@pytest.mark.parametrize("query", ["since=x", "since=%00", "since=&since=", "unknown=1", "event_location_id=1 2"])
def test_what_does_not_fit(north: Party, event: dict[str, Any], query: str) -> None:
    assert ask(north.member, event["id"], query).error == ("validation", 400)


def test_who_is_kept_out(north: Party, south: Party, event: dict[str, Any]) -> None:
    put(north, "event", event["id"])
    assert ask(south.manager, event["id"]).error == ("permission", 403)
    assert ask(north.guest, event["id"]).error == ("permission", 403)
    assert ask(north.member, "nowhere0000").error == ("not_found", 404)
    theirs = south.manager.create("event", name="Theirs", code="t")["id"]
    mine = ask(north.member, event["id"]).data["cursor"]
    assert ask(south.member, theirs, f"since={mine}").error == ("validation", 400)
    for room in ("nowhere0000", south.manager.create("event_location", event_id=theirs, name="R")["id"]):
        assert ask(north.member, event["id"], f"event_location_id={room}").error == ("database_constraint", 1452)
