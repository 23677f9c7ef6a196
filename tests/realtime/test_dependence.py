"""What decides over rows is changed, and not the rows: who subscribed to them is told to read anew."""

from __future__ import annotations

import pytest
import requests

from tests.realtime.servers import Account


@pytest.mark.parametrize("change", [{"hide": True}, {"enable": False}])
def test_hiding_an_event_is_told_to_guests_of_what_is_below(north: Account, change: dict[str, bool]) -> None:
    event = north.make("event", name="open")
    session = north.make(f"event/{event['id']}/session", name="s")
    presentation = north.make(f"event_session/{session['id']}/presentation", name="p")
    path = f"/v3/crud/event/{event['id']}"
    with north.socket("publishable") as guest, north.socket("user") as member, north.socket("publishable") as other:
        guest.subscribe("event_session", for_obj_type="event", for_obj_id=event["id"])
        guest.subscribe("event_presentation", obj_id=presentation["id"])
        member.subscribe("event_session")
        other.subscribe("post")
        north.call("PATCH", path, {"name": "still open"})
        assert guest.everything() == []
        north.call("PATCH", path, change)
        resync = guest.next("resync")
        since = guest.hello["seq"]
        assert resync["seq"] > since
        assert [frame["type"] for frame in guest.everything()] == []
        assert member.everything() == other.everything() == []
        north.call("PATCH", path, {"hide": False, "enable": True})
        assert guest.next("resync")["seq"] > resync["seq"]
    with north.socket("publishable") as again:
        again.subscribe("event_session", obj_id=session["id"])
        assert again.ask("resume", since=since)["type"] == "resync"


def test_a_session_that_moves_takes_its_presentations_along(north: Account) -> None:
    first, second, third = (north.make("event", name=name) for name in ("first", "second", "third"))
    session = north.make(f"event/{first['id']}/session", name="s")
    north.make(f"event_session/{session['id']}/presentation", name="p")
    with north.socket("user") as leaving, north.socket("user") as whole:
        leaving.subscribe("event_presentation", for_obj_type="event", for_obj_id=first["id"])
        whole.subscribe("event_presentation")
        north.call("PATCH", f"/v3/crud/event_session/{session['id']}", {"event_id": second["id"]})
        assert leaving.next("resync")["seq"] > leaving.hello["seq"]
        assert whole.everything() == []
    assert third


def test_guests_are_told_of_the_end_of_files(north: Account) -> None:
    post = north.make("post", title="with a file")
    address = f"{north.server.base}/v3/action/hosted_file/upload"
    headers = {"x-aether-api-key": north.keys["manager"], "x-account-id": north.id}
    link = {"link_to_type": "post", "link_to_id": post["id"]}
    files = {"file": ("notes.txt", b"some words")}
    uploaded = requests.post(address, headers=headers, data=link, files=files, timeout=30).json()["data"]
    file = uploaded[0] if isinstance(uploaded, list) else uploaded
    with north.socket("publishable") as guest:
        guest.subscribe("hosted_file", obj_id=file["id"])
        north.call("PATCH", f"/v3/crud/hosted_file/{file['id']}", {"title": "Notes"}, key="manager")
        assert guest.next()["action"] == "updated"
        answer = requests.delete(
            f"{north.server.base}/v3/action/hosted_file/{file['id']}", headers=headers, params=link, timeout=30
        )
        assert answer.ok, answer.text
        assert guest.next("resync")["seq"] > guest.hello["seq"]


def test_leads_that_are_closed_leave_who_may_not_read_them(north: Account) -> None:
    event = north.make("event", name="fair")
    exhibit = north.make(f"event/{event['id']}/exhibit", name="stand", leads_api_access=True)
    with north.socket("user") as member, north.socket() as manager:
        for socket in (member, manager):
            socket.subscribe("event_exhibit_tracking")
        north.call("PATCH", f"/v3/crud/event_exhibit/{exhibit['id']}", {"leads_api_access": False})
        assert member.next("resync")["seq"] > member.hello["seq"]
        assert manager.everything() == []
