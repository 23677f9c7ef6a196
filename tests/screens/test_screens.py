"""Pages for walls, doors and lecterns: which token opens which, what they tell, and that nothing of it is kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from aether.logs import scrub
from events.models import EventDevice, EventFile
from events.tasks import preflight_file
from tenancy.context import tenant
from tests.conftest import Party
from tests.crud.staff.pages import Staff
from tests.events.rooms import Machine, Venue, at_once

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
PDF = b"%PDF-1.4\n%%EOF\n"


class Hall(Venue):
    """A room with a session at noon, a talk in it, and a sign at its door."""

    def __init__(self, party: Party) -> None:
        super().__init__(party)
        self.opening = self.session_at(0, name="Opening <b>")
        self.talk = self.staff.create("event_presentation", event_session_id=self.opening["id"], name="Talk")
        self.staff.create(
            "event_presenter", event_presentation_id=self.talk["id"], given_name="Ada", email="ada@example.org"
        )
        self.sign = self.machine("signage")

    def session_at(self, minutes: int, room: Any = None, **more: Any) -> dict[str, Any]:
        start = NOON + timedelta(minutes=minutes)
        times = {"start_datetime": start.isoformat(), "end_datetime": (start + timedelta(hours=1)).isoformat()}
        return self.session(room, **times, **more)

    @property
    def token(self) -> str:
        return str(self.sign.told["display_token"])

    @property
    def board(self) -> str:
        return f"/board/{self.event['id']}/"

    def report(self, machine: Machine, **said: Any) -> None:
        with tenant(self.party.account.pk):
            EventDevice.objects.filter(id_random=machine.id).update(last_report_on=None)
        assert machine.caller.post("/v3/device/report", said).status == 200


@pytest.fixture
def hall(north: Party) -> Hall:
    return Hall(north)


def test_clock_and_sign(hall: Hall) -> None:
    visitor = Client()
    for page in ("clock", "sign"):
        answer = visitor.get(f"/room/{hall.token}/{page}")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        policy, text = answer.headers["Content-Security-Policy"], answer.content.decode()
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'none'; script-src http://testserver/static/;")
        assert re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text) == []
        assert hall.token not in text
    with time_machine.travel(NOON, tick=False):
        answer = visitor.get(f"/room/{hall.token}/day")
    day = answer.json()
    assert (day["name"], day["event_name"], day["time_zone"]) == ("Hall 1", "Congress", "Europe/Berlin")
    (turn,) = day["turns"]
    assert (turn["name"], turn["presenters"][0]["full_name"]) == ("Opening <b>", "Ada")
    assert "ada@example.org" not in answer.content.decode()
    assert visitor.get("/room/worker.js").headers["Service-Worker-Allowed"] == "/room/"


def test_which_token_opens_a_screen(hall: Hall, south: Party) -> None:
    visitor = Client()
    launcher = hall.machine()
    wrong = (launcher.token, hall.sign.token, hall.token[:-1], f"{hall.token}x", "aev_", "x" * 200)
    for token in wrong:
        for page in ("clock", "sign", "day"):
            answer = visitor.get(f"/room/{token}/{page}")
            assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "private, no-store")
    assert visitor.post(f"/room/{hall.token}/clock").status_code == 405
    assert hall.sign.caller.with_headers(authorization=f"Bearer {hall.token}").get("/v3/crud/event/").status == 403
    assert hall.staff.post(f"/v3/action/event_device/{hall.sign.id}/revoke", {}).status == 200
    at_once()
    assert visitor.get(f"/room/{hall.token}/clock").status_code == 404


def test_no_log_holds_a_token(hall: Hall) -> None:
    for path in (
        f"/room/{hall.token}/clock",
        f"{hall.board}?display_token={hall.token}",
        f"/calendar/{hall.token}.ics",
    ):
        assert hall.token not in scrub(f"GET {path} 200")
    assert hall.sign.token not in scrub(hall.sign.token)


def test_who_sees_the_board(hall: Hall, south: Party) -> None:
    staff = Staff(hall.party.users["administrator"]).sign_in()
    page = staff.client.get(hall.board)
    assert page.status_code == 200
    assert 'data-staff="yes"' in page.content.decode()
    assert staff.client.get(f"{hall.board}state").status_code == 200
    stranger = Staff(south.users["manager"]).sign_in()
    for address in (hall.board, f"{hall.board}state", f"{hall.board}sessions/{hall.opening['id']}"):
        assert stranger.client.get(address).status_code == 403, address
        assert staff.client.post(address).status_code in (403, 405), address
    assert staff.client.get("/board/nothere0000/").status_code == 404
    visitor = Client()
    assert visitor.get(hall.board).headers["Location"] == f"/admin/login/?next={hall.board}"
    assert visitor.get(f"{hall.board}state").status_code == 401


def test_a_sign_shows_the_board(hall: Hall, south: Party) -> None:
    visitor = Client()
    assert visitor.get(f"{hall.board}?display_token=aev_x").status_code == 404
    foreign = Hall(south)
    assert visitor.get(f"{hall.board}?display_token={foreign.token}").status_code == 404
    answer = visitor.get(f"{hall.board}?display_token={hall.token}")
    assert (answer.status_code, answer.headers["Location"]) == (302, hall.board)
    cookie = answer.cookies["board_display"]
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, hall.board, "Lax")
    page = visitor.get(hall.board)
    assert 'data-staff="no"' in page.content.decode()
    assert visitor.get(f"{hall.board}state").status_code == 200
    assert visitor.get(f"{hall.board}sessions/{hall.opening['id']}").status_code == 403
    visitor.cookies["board_display"] = hall.token  # on every path, as somebody could send it
    for closed in (foreign.board, f"{foreign.board}state", "/admin/"):
        assert visitor.get(closed).status_code in (302, 401), closed
    assert hall.staff.delete(f"/v3/crud/event_device/{hall.sign.id}?method=hide").status == 200
    at_once()
    assert visitor.get(f"{hall.board}state").status_code == 401


def test_the_most_urgent_first(hall: Hall, own_store: Any) -> None:
    """A session that is not ready is an alert from an hour, and from a quarter of an hour, before it begins."""
    staff = Staff(hall.party.users["administrator"]).sign_in()
    calm, far = hall.add_room("Calm"), hall.add_room("Far")
    hall.session_at(30, calm, name="Nothing to show")
    later = hall.session_at(90, far, name="Later")
    hall.staff.create("event_presentation", event_session_id=later["id"], name="Without a deck")
    machines = [hall.machine(), hall.machine(room=calm), hall.machine(room=far)]

    def rooms(minutes: int) -> list[tuple[str, str, int | None]]:
        with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
            for machine in machines:
                hall.report(machine, have=[])
            at_once()
            answer = staff.client.get(f"{hall.board}state")
            same = staff.client.get(f"{hall.board}state", headers={"if-none-match": answer.headers["ETag"]})
            assert (same.status_code, same.content) == (304, b"")
        return [(room["name"], room["state"], room["alert"]) for room in answer.json()["rooms"]]

    assert rooms(-61) == [("Hall 1", "missing", None), ("Far", "missing", None), ("Calm", "ready", None)]
    assert rooms(-59) == [("Hall 1", "missing", 60), ("Far", "missing", None), ("Calm", "ready", None)]
    assert rooms(-14)[0] == ("Hall 1", "missing", 15)
    hall.upload("event_presentation", hall.talk["id"], PDF)
    assert rooms(-13)[0] == ("Hall 1", "late", 15)
    assert rooms(76)[0] == ("Far", "missing", 15)


def test_one_click_to_the_versions(hall: Hall, own_store: Any) -> None:
    staff = Staff(hall.party.users["administrator"]).sign_in()
    for number in range(2):
        hall.upload("event_presentation", hall.talk["id"], PDF + bytes([number]), f"deck {number}.pdf")
    address = f"{hall.board}sessions/{hall.opening['id']}"
    files = staff.client.get(address).json()["files"]
    told = [(row["filename"], row["talk"], row["version"], row["is_current"]) for row in files]
    assert told == [("deck 1.pdf", "Talk", 2, True), ("deck 0.pdf", "Talk", 1, False)]
    assert staff.client.get(files[0]["form"]).status_code == 200
    assert (files[0]["preflight_level"], files[0]["findings"]) == (None, [])
    with tenant(hall.party.account.pk):
        key = EventFile.objects.get(id_random=files[0]["id"]).pk
    preflight_file(hall.party.account.pk, key)
    (file, _) = staff.client.get(address).json()["files"]
    assert (file["preflight_level"], [one["code"] for one in file["findings"]]) == ("error", ["unreadable"])
    assert staff.client.get(f"{hall.board}sessions/nowhere0000").json()["files"] == []
