"""Who hears of which change, and what of it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import requests

from tests.files import media
from tests.realtime.servers import Account


def summary(frames: list[dict[str, Any]]) -> list[tuple[str, str, Any]]:
    return [(frame["action"], frame["obj_id"], (frame["data"] or {}).get("name")) for frame in frames]


def test_the_life_of_an_object(north: Account) -> None:
    with north.socket("user") as socket:
        number = socket.subscribe("journal")
        journal = north.make("journal", name="one")
        created = socket.next()
        path = f"/v3/crud/journal/{journal['id']}"
        changed = north.call("PATCH", path, {"name": "two", "sort": 4})
        updated = socket.next()
        north.call("PATCH", path, {"name": "two"})
        north.call("DELETE", path)
        hidden = socket.next()
        north.call("DELETE", f"{path}?method=delete")
        deleted = socket.next()
        assert socket.everything() == []
    assert created == {
        "type": "change",
        "subscription": number,
        "seq": created["seq"],
        "action": "created",
        "obj_type": "journal",
        "obj_id": journal["id"],
        "fields": created["fields"],
        "data": journal,
    }
    assert set(created["fields"]) == {"id", "account_id", "name", "enable", "hide", "priority"}
    assert (updated["action"], sorted(updated["fields"]), updated["data"]) == ("updated", ["name", "sort"], changed)
    assert (hidden["action"], hidden["fields"], hidden["data"]["hide"]) == ("updated", ["hide"], True)
    assert (deleted["action"], deleted["fields"], deleted["data"]) == ("deleted", [], None)
    told = [frame["seq"] for frame in (created, updated, hidden, deleted)]
    assert told == list(range(told[0], told[0] + 4))
    assert socket.hello["seq"] < told[0]


def test_one_object_and_the_end_of_a_subscription(north: Account) -> None:
    mine, other = north.make("journal", name="mine"), north.make("journal", name="other")
    with north.socket() as socket:
        number = socket.subscribe("journal", obj_id=mine["id"])
        north.call("PATCH", f"/v3/crud/journal/{other['id']}", {"name": "no"})
        north.call("PATCH", f"/v3/crud/journal/{mine['id']}", {"name": "yes"})
        assert summary([socket.next()]) == [("updated", mine["id"], "yes")]
        assert socket.ask("unsubscribe", subscription=number)["type"] == "ok"
        again = socket.subscribe("journal", obj_id=other["id"])
        assert again > number
        north.call("PATCH", f"/v3/crud/journal/{mine['id']}", {"name": "later"})
        north.call("PATCH", f"/v3/crud/journal/{other['id']}", {"name": "last"})
        assert summary([socket.next()]) == [("updated", other["id"], "last")]
        assert socket.refusal("unsubscribe", subscription=number) == "validation"


def test_children_near_and_far_come_and_leave(north: Account) -> None:
    here, there = north.make("event", name="here"), north.make("event", name="there")
    session = north.make(f"event/{here['id']}/session", name="s")
    with north.socket() as socket:
        near = socket.subscribe("event_session", for_obj_type="event", for_obj_id=here["id"])
        far = socket.subscribe("event_presentation", for_obj_type="event", for_obj_id=here["id"])
        talk = north.make(f"event_session/{session['id']}/presentation", name="t")
        first = socket.next()
        assert (first["subscription"], first["action"], first["data"]) == (far, "created", talk)
        north.make(f"event/{there['id']}/session", name="elsewhere")
        path = f"/v3/crud/event_session/{session['id']}"
        north.call("PATCH", path, {"event_id": there["id"]})
        north.call("PATCH", path, {"name": "away"})
        north.call("PATCH", path, {"event_id": here["id"]})
        north.call("DELETE", f"/v3/crud/event_presentation/{talk['id']}?method=delete")
        left, back, gone = socket.next(), socket.next(), socket.next()
        assert (left["subscription"], left["action"], left["data"]) == (near, "left", None)
        assert (back["subscription"], back["action"], back["data"]["name"]) == (near, "created", "away")
        assert (gone["subscription"], gone["action"], gone["data"]) == (far, "deleted", None)
        # The presentation went along with its session, and came back with it.
        assert [frame["type"] for frame in socket.everything()] == ["resync", "resync"]


def test_children_by_a_reference_of_any_type(north: Account) -> None:
    event = north.make("event", name="e")
    session = north.make(f"event/{event['id']}/session", name="s")
    with north.socket() as socket:
        socket.subscribe("hosted_file_link", for_obj_type="event_session", for_obj_id=session["id"])
        assert socket.refusal("subscribe", obj_type="journal", for_obj_type="event", for_obj_id=event["id"]) == (
            "validation"
        )


def test_a_bulk_request_is_told_whole_and_in_order(north: Account) -> None:
    with north.socket("user") as socket:
        socket.subscribe("journal")
        made = north.call("POST", "/v3/crud/journal/bulk", {"create": [{"name": f"n{n}"} for n in range(300)]})
        ids = [row["id"] for row in made["created"]]
        body = {"update": [{"id": i, "name": "x"} for i in ids[:150]], "delete": ids[150:]}
        north.call("POST", "/v3/crud/journal/bulk?method=delete", body)
        frames = [socket.next() for _ in range(600)]
        north.call("POST", "/v3/crud/journal/bulk", {"create": [{"name": "a"}, {"name": None}]}, status=400)
        assert socket.everything() == []
    assert [frame["obj_id"] for frame in frames] == ids + ids
    assert [frame["action"] for frame in frames] == ["created"] * 300 + ["updated"] * 150 + ["deleted"] * 150
    assert all(after["seq"] == before["seq"] + 1 for before, after in pairwise(frames))


def test_guests_hear_of_public_rows_and_public_fields_only(north: Account) -> None:
    with north.socket("publishable") as guest, north.socket("user") as member:
        assert guest.hello["role"] == "guest"
        for socket in (guest, member):
            socket.subscribe("post")
        assert guest.refusal("subscribe", obj_type="journal") == "permission"
        assert guest.refusal("subscribe", obj_type="site_domain") == "permission"
        hidden = north.make("post", title="secret", hide=True)
        path = f"/v3/crud/post/{hidden['id']}"
        north.call("PATCH", path, {"title": "still secret"})
        north.call("PATCH", path, {"hide": False, "notes": "<p>for us</p>"})
        shown = guest.next()
        north.call("PATCH", path, {"notes": "<p>only for us</p>"})
        north.call("PATCH", path, {"title": "open"})
        updated = guest.next()
        north.call("DELETE", path)
        north.call("PATCH", path, {"title": "secret again"})
        north.call("DELETE", f"{path}?method=delete")
        left = guest.next()
        assert guest.everything() == []
        told = [member.next()["action"] for _ in range(8)]
    assert (shown["action"], shown["data"]["title"]) == ("created", "still secret")
    assert shown["fields"] == ["hide"]
    assert (updated["action"], updated["fields"]) == ("updated", ["title"])
    assert (left["action"], left["fields"], left["data"]) == ("left", [], None)
    assert not {"notes", "external_id"} & set(shown["data"])
    assert told == ["created", *["updated"] * 6, "deleted"]


def test_a_guest_hears_of_the_end_of_what_was_public(north: Account) -> None:
    event = north.make("event", name="open")
    session = north.make(f"event/{event['id']}/session", name="s")
    closed = north.make("event", name="closed", hide=True)
    unseen = north.make(f"event/{closed['id']}/session", name="unseen")
    with north.socket("publishable") as guest:
        guest.subscribe("event_session")
        refused = guest.refusal("subscribe", obj_type="event_session", for_obj_type="event", for_obj_id=closed["id"])
        assert refused in ("permission", "not_found")
        for row in (unseen, session):
            north.call("PATCH", f"/v3/crud/event_session/{row['id']}", {"name": "n"})
            north.call("DELETE", f"/v3/crud/event_session/{row['id']}?method=delete")
        frames = [guest.next(), guest.next(), *guest.everything()]
    assert [(frame["action"], frame["obj_id"]) for frame in frames] == [
        ("updated", session["id"]),
        ("deleted", session["id"]),
    ]


def test_another_account_is_never_heard_nor_named(north: Account, south: Account) -> None:
    theirs = south.make("journal", name="canary-south")
    event = south.make("event", name="canary-south")
    with north.socket() as socket, south.socket() as other:
        socket.subscribe("journal")
        other.subscribe("journal")
        for asked in (
            {"obj_type": "journal", "obj_id": theirs["id"]},
            {"obj_type": "event_session", "for_obj_type": "event", "for_obj_id": event["id"]},
            {"obj_type": "journal", "for_obj_type": "account", "for_obj_id": south.id},
        ):
            assert socket.refusal("subscribe", **asked) == "permission"
        south.call("PATCH", f"/v3/crud/journal/{theirs['id']}", {"name": "canary-south-2"})
        assert other.next()["data"]["name"] == "canary-south-2"
        mine = north.make("journal", name="mine")
        assert summary([socket.next()]) == [("created", mine["id"], "mine")]
        assert socket.everything() == []
        north.call("DELETE", f"/v3/crud/journal/{mine['id']}?method=delete")
        assert other.everything() == []


def test_what_can_not_be_subscribed_to(north: Account) -> None:
    with north.socket("user") as socket:
        asked: dict[str, dict[str, Any]] = {
            "database_schema": {"obj_type": "nope"},
            "permission": {"obj_type": "user"},
            "not_found": {"obj_type": "journal", "obj_id": "AAAAAAAAAAA"},
        }
        for category, values in asked.items():
            assert socket.refusal("subscribe", **values) == category
        for values in (
            {},
            {"obj_type": 7},
            {"obj_type": ""},
            {"obj_type": "journal\x00"},
            {"obj_type": "j" * 10_000},
            {"obj_type": "journal", "for_obj_type": "event"},
            {"obj_type": "journal", "for_obj_id": "AAAAAAAAAAA"},
            {"obj_type": "journal", "filter": {}},
        ):
            assert socket.refusal("subscribe", **values) == "validation"
        for name in ("*", "account_*", "journal:1", "journal[", "journal\n", "../journal", "😀"):
            assert socket.refusal("subscribe", obj_type=name) == "database_schema"
            assert socket.refusal("subscribe", obj_type="journal", obj_id=name) == "not_found"
        numbers = [socket.subscribe("journal") for _ in range(100)]
        assert socket.refusal("subscribe", obj_type="journal") == "payload_too_large"
        north.make("journal", name="for all of them")
        assert sorted(socket.next()["subscription"] for _ in range(100)) == numbers


def test_a_role_sees_its_fields(north: Account) -> None:
    """`super` of a user is for super users: who may not read it hears nothing of it."""
    person = north.call("GET", "/v3/crud/user/")[0]
    with north.socket("manager") as socket:
        socket.subscribe("user")
        north.call("PATCH", f"/v3/crud/user/{person['id']}", {"name": "N. N."})
        heard = socket.next()
        assert (heard["action"], heard["fields"]) == ("updated", ["name"])
        assert not {"super", "password"} & set(heard["data"])


def test_what_staff_do_in_the_admin_is_told(north: Account) -> None:
    journal = north.make("journal", name="for staff")
    with north.socket() as socket, requests.Session() as staff:
        socket.subscribe("journal", obj_id=journal["id"])
        address = f"{north.server.base}/admin/"
        sign_in = {"username": north.users["manager"]["username"], "password": north.password}

        def post(path: str, **values: str) -> requests.Response:
            staff.get(address + path)
            token = staff.cookies["csrftoken"]
            answer = staff.post(address + path, data=values | {"csrfmiddlewaretoken": token}, timeout=30)
            assert answer.status_code == 200
            return answer

        post("login/?next=/admin/", **sign_in)
        page = staff.get(f"{address}content/journal/?q=staff").text
        found = re.search(r'name="_selected_action" value="(\d+)"', page) or re.search(
            r'value="(\d+)"[^>]*name="_selected_action"', page
        )
        assert found, page
        post("content/journal/", action="hide_selected", _selected_action=found[1], index="0")
        told = socket.next()
        assert (told["action"], told["fields"], told["data"]["hide"]) == ("updated", ["hide"], True)


def test_a_background_job_tells_how_it_goes(north: Account) -> None:
    """A conversion is a hosted_file that changes: its status and progress are changes like any other."""
    journal = north.make("journal", name="with a file")
    link = {"link_to_type": "journal", "link_to_id": journal["id"]}
    headers = {"x-aether-api-key": north.keys["manager"], "x-account-id": north.id}
    files = {"file": ("slides.pdf", media.pdf(pages=1))}
    address = f"{north.server.base}/v3/action/hosted_file"
    uploaded = requests.post(f"{address}/upload", headers=headers, data=link, files=files, timeout=30)
    assert uploaded.status_code in (200, 201), uploaded.text
    data = uploaded.json()["data"]
    source = data[0] if isinstance(data, list) else data
    with north.socket("user") as socket:
        socket.subscribe("hosted_file")
        query = {**link, "background": "true"}
        answer = requests.post(f"{address}/{source['id']}/convert_file", headers=headers, params=query, timeout=30)
        assert answer.status_code == 202, answer.text
        job = answer.json()["data"]["id"]
        told = [socket.next()]
        while told[-1]["data"]["status"] not in ("ready", "failed"):
            told.append(socket.next(timeout=60))
        assert {frame["obj_id"] for frame in told} == {job}
        assert (told[0]["action"], told[-1]["data"]["status"], told[-1]["data"]["progress"]) == (
            "created",
            "ready",
            100,
        )
        assert {"status", "progress"} & set(told[-1]["fields"])
