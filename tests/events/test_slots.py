"""One current file a slot, whichever door it comes by; approval, freezing, and what is missing."""

from __future__ import annotations

import io
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from crud.declare.object_type import registry
from crud.tables.importing.plan import plan_import
from events.manifest_signature import canonical
from events.models import EventFile
from events.tasks import freeze_slots
from tenancy.context import tenant
from tenancy.principal import Principal, Role, acting_as
from tests.conftest import Answer, Caller, Party
from tests.crud.threads import at_once, shared_database
from tests.files.sending import hosted, multipart, send

pytestmark = pytest.mark.usefixtures("own_store")
UPLOAD = "/v3/action/event_file/upload"
START = "2026-05-01T15:00:00Z"


class Talk:
    """A talk with two presenters, in a session, at an event."""

    def __init__(self, party: Party) -> None:
        make = party.manager.create
        self.party = party
        self.event = make("event", name="Meeting", code="m26", time_zone="Europe/Berlin")["id"]
        self.session = make("event_session", event_id=self.event, name="S", start_datetime=START)["id"]
        self.id = make("event_presentation", event_session_id=self.session, name="Valves")["id"]
        self.presenters = [
            make("event_presenter", event_presentation_id=self.id, given_name=name, email=f"{name}@x.org")["id"]
            for name in ("ada", "grace")
        ]

    def send(self, name: str, data: bytes, caller: Caller | None = None, **fields: str) -> Answer:
        place = {"for_type": "event_presentation", "for_id": self.id} | fields
        return send(caller or self.party.member, multipart((name, data), **place), UPLOAD)

    def put(self, name: str = "a.pdf", data: bytes = b"%PDF-1.7 a", **fields: str) -> dict[str, Any]:
        answer = self.send(name, data, **fields)
        assert answer.status == 201, answer.body
        made: dict[str, Any] = answer.data
        return made

    def current(self, query: str = "") -> list[str]:
        return self.party.member.get(f"/v3/crud/event_presentation/{self.id}/event_file/?{query}").ids

    def one(self, file_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.party.member.get(f"/v3/crud/event_file/{file_id}").data
        return found

    def manifest(self, query: str = "") -> dict[str, Any]:
        answer = self.party.member.get(f"/v3/action/event/{self.event}/file_manifest?{query}")
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.data
        return found

    def decide(self, file_id: str, what: str, body: Any = None, caller: Caller | None = None) -> Answer:
        return (caller or self.party.administrator)("POST", f"/v3/action/event_file/{file_id}/{what}", body)


@pytest.fixture
def talk(north: Party) -> Talk:
    return Talk(north)


def by_upload(talk: Talk, number: int) -> str:
    made: str = talk.put(f"{number}.pdf", b"%%PDF-1.7 %d" % number)["id"]
    return made


def values(talk: Talk, number: int) -> dict[str, Any]:
    file = hosted(talk.party.member, b"%%PDF-1.7 %d" % number)["id"]
    return {"for_type": "event_presentation", "for_id": talk.id, "hosted_file_id": file}


def by_crud(talk: Talk, number: int) -> str:
    made: str = talk.party.member.create("event_file", **values(talk, number))["id"]
    return made


def by_bulk(talk: Talk, number: int) -> str:
    answer = talk.party.member.post("/v3/crud/event_file/bulk", {"create": [values(talk, number)]})
    assert answer.status == 200, answer.body
    made: str = answer.data["created"][0]["id"]
    return made


def by_presenter(talk: Talk, number: int) -> str:
    made = talk.put("p.pdf", b"%%PDF-1.7 %d" % number, for_type="event_presenter", for_id=talk.presenters[number % 2])
    assert made["event_presenter_id"] == talk.presenters[number % 2]
    found: str = made["id"]
    return found


def by_import(talk: Talk, number: int) -> str:
    given = values(talk, number)
    sheet = io.BytesIO(",".join(given).encode() + b"\n" + ",".join(given.values()).encode())
    account = talk.party.account
    principal = Principal(Role.MANAGER, account.pk, account.id_random)
    with tenant(account.pk), acting_as(principal):
        plan = plan_import(registry["event_file"], principal, sheet, "a.csv")
        assert plan.apply().created == 1, plan.errors
        found: str = EventFile.objects.order_by("-pk").first().id_random
    return found


def by_moving(talk: Talk, number: int) -> str:
    other = talk.party.manager.create("event_presentation", event_session_id=talk.session, name="Other")["id"]
    made = talk.put("m.pdf", b"%%PDF-1.7 %d" % number, for_id=other)["id"]
    place = {"for_type": "event_presentation", "for_id": talk.id, "event_presentation_id": talk.id}
    assert talk.party.member.patch(f"/v3/crud/event_file/{made}", place).status == 200
    found: str = made
    return found


DOORS = (by_upload, by_crud, by_bulk, by_presenter, by_import, by_moving)


def test_every_door_supersedes(talk: Talk) -> None:
    made = [door(talk, number) for number, door in enumerate(DOORS, 1)]
    rows = [talk.one(public_id) for public_id in made]  # by its id each version answers
    assert [row["version"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert [row["is_current"] for row in rows] == [False] * 5 + [True]
    assert {row["slot"] for row in rows} == {"slides"}
    assert talk.current() == talk.party.member.get("/v3/crud/event_file/").ids[-1:] == made[-1:]
    assert set(talk.current("versions=all")) == set(made)
    member = talk.party.member
    assert member.search("event_file", {"and": [{"field": "slot", "op": "eq", "value": "slides"}]}).ids == made[-1:]
    assert len(member.search("event_file", {}, "?versions=all").ids) == 6
    exported = member.post("/v3/crud/event_file/search?export=csv", {}).raw
    assert len(b"".join(exported.streaming_content).splitlines()) == 2
    counted = member.get(f"/v3/crud/event_presentation/{talk.id}?view=enriched").data["event_file_count"]
    assert counted == 1
    assert [file["event_file_id"] for file in talk.manifest()["files"]] == made[-1:]
    assert member.get("/v3/crud/event_file/?versions=old").error == ("validation", 400)
    assert member.get("/v3/crud/event/?versions=all").error == ("database_schema", 1054)


def test_slots_by_what_comes(talk: Talk) -> None:
    video = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 64
    slots = {
        talk.put("a.pdf")["slot"]: "slides",
        talk.put("a.mp4", video)["slot"]: "video",
        talk.put("a.txt", b"text")["slot"]: "other",
        talk.put("a.pdf", b"%PDF-1.7 s", for_type="event_session", for_id=talk.session)["slot"]: "other",
        talk.put("h.txt", b"hand", slot="handout")["slot"]: "handout",
    }
    assert all(slot == wanted for slot, wanted in slots.items())
    assert talk.send("x.pdf", b"%PDF-1.7 x", slot="slide").error == ("validation", 400)
    assert talk.put("b.txt", b"no slot", slot="")["slot"] == "other"
    names = {name: talk.put(name, name.encode(), slot="handout")["id"] for name in ("a.txt", "A.TXT", "b.txt")}
    current = talk.current()
    assert names["a.txt"] not in current
    assert {names["A.TXT"], names["b.txt"]} <= set(current)


def test_the_same_bytes_again_are_no_new_version(talk: Talk) -> None:
    first = talk.put("a.pdf")
    assert talk.decide(first["id"], "approve").status == 200
    again = talk.send("b.pdf", b"%PDF-1.7 a")
    assert (again.status, again.data["id"], again.data["version"]) == (200, first["id"], 1)
    assert (again.data["filename"], again.data["approved"]) == ("b.pdf", True)
    by_hand = talk.party.member.post(
        "/v3/crud/event_file/",
        {
            "for_type": "event_presentation",
            "for_id": talk.id,
            "hosted_file_id": hosted(talk.party.member, b"%PDF-1.7 a")["id"],
        },
    )
    assert (by_hand.status, by_hand.data["id"]) == (200, first["id"])
    assert len(talk.current("versions=all")) == 1


def test_several_files_in_one_request_for_one_slot(talk: Talk) -> None:
    place = {"for_type": "event_presentation", "for_id": talk.id, "slot": "slides"}
    two = multipart(("a.pdf", b"%PDF-1.7 a"), ("b.pdf", b"%PDF-1.7 b"), **place)
    assert send(talk.party.member, two, UPLOAD).error == ("validation", 400)
    bulk = {"create": [values(talk, 1), values(talk, 2)]}
    assert talk.party.member.post("/v3/crud/event_file/bulk", bulk).error == ("validation", 400)
    assert talk.current("versions=all") == []


def test_nobody_is_promoted_in_silence(talk: Talk) -> None:
    first, second = by_upload(talk, 1), by_upload(talk, 2)
    talk.party.manager.delete(f"/v3/crud/event_file/{second}?method=hide")
    assert talk.current() == []
    assert not talk.manifest()["files"]
    assert talk.decide(second, "make_current").error == ("validation", 400)
    assert talk.decide(first, "make_current").data["is_current"] is True
    assert talk.current() == [first]
    third = by_upload(talk, 3)
    assert talk.one(third)["version"] == 3
    talk.party.manager.delete(f"/v3/crud/event_file/{third}?method=delete")
    assert talk.current() == []


def test_what_staff_decide(talk: Talk, south: Party) -> None:
    made = by_upload(talk, 1)
    approved = talk.decide(made, "approve").data
    assert (approved["slot_state"], approved["approved_by"]) == ("approved", "North administrator")
    assert approved["approved_on"]
    rejected = talk.decide(made, "reject", {"reason": "No film"}).data
    assert (rejected["slot_state"], rejected["rejected_reason"], rejected["approved"]) == ("rejected", "No film", False)
    assert talk.manifest()["files"] == []
    assert talk.decide(made, "approve").data["rejected_reason"] is None
    for body in (None, {}, {"reason": ""}, {"reason": " "}, {"reason": 3}, {"reason": "x" * 1001}, {"why": "x"}, []):
        assert talk.decide(made, "reject", body).error == ("validation", 400), body
    for what in ("approve", "make_current", "freeze", "unfreeze", "reject"):
        assert talk.decide(made, what, {"reason": "x"}, talk.party.member).error == ("permission", 403)
        assert talk.decide(made, what, {"reason": "x"}, talk.party.guest).error == ("permission", 403)
        said = {"reason": "x"} if what == "reject" else None
        assert talk.decide(made, what, said, south.manager).error == ("permission", 403)
        assert talk.decide("nowhere0000", what, said).error == ("not_found", 404)
    for name, value in {"approved": True, "version": 9, "is_current": False, "slot_state": "approved"}.items():
        path = f"/v3/crud/event_file/{made}"
        assert talk.party.manager.patch(path, {name: value}).error == ("validation", 400), name


def test_only_what_is_approved_where_the_event_says_so(talk: Talk) -> None:
    made = by_upload(talk, 1)
    cursor = talk.manifest()["cursor"]
    event = f"/v3/crud/event/{talk.event}"
    assert talk.party.manager.patch(event, {"cfg_json": {"files_need_approval": True}}).status == 200
    assert talk.manifest()["files"] == []
    assert [file["removed"] for file in talk.manifest(f"since={cursor}")["files"]] == [True]
    talk.decide(made, "approve")
    assert len(talk.manifest()["files"]) == 1
    for cfg in ({"files_need_approval": "yes"}, {"freeze_minutes": -1}, {"expected_slots": ["slide"]}):
        assert talk.party.manager.patch(event, {"cfg_json": cfg}).error == ("validation", 400)


@pytest.mark.parametrize("where", ["event", "event_session"])
def test_a_slot_freezes_before_the_talk(talk: Talk, where: str, time_machine: Any) -> None:
    time_machine.move_to("2026-05-01T12:00:00Z", tick=False)
    made = by_upload(talk, 1)
    change = {"cfg_json": {"freeze_minutes": 60}} if where == "event" else {"freeze_minutes": 60}
    path = f"/v3/crud/{where}/{talk.event if where == 'event' else talk.session}"
    assert talk.party.manager.patch(path, change).status == 200
    assert talk.one(made)["slot_state"] == "uploaded"
    time_machine.move_to("2026-05-01T14:00:00Z", tick=False)
    refused = talk.send("b.pdf", b"%PDF-1.7 late")
    assert refused.error == ("permission", 403)
    assert refused.meta["details"]["frozen_since"] == "2026-05-01T14:00:00Z"
    assert freeze_slots() == 1
    assert freeze_slots() == 0
    assert talk.one(made)["slot_state"] == "frozen"
    by_staff = talk.send("b.pdf", b"%PDF-1.7 late", talk.party.administrator)
    assert (by_staff.status, by_staff.data["slot_state"]) == (201, "frozen")
    assert talk.decide(by_staff.data["id"], "unfreeze").data["slot_state"] == "uploaded"
    assert talk.send("c.pdf", b"%PDF-1.7 later").status == 201


def test_a_slot_that_staff_have_frozen(talk: Talk) -> None:
    first, second = by_upload(talk, 1), by_upload(talk, 2)
    assert talk.decide(first, "freeze").status == 200
    assert talk.one(second)["slot_state"] == "frozen"
    assert talk.send("c.pdf", b"%PDF-1.7 3").error == ("permission", 403)
    assert talk.party.member.post("/v3/crud/event_file/", values(talk, 4)).error == ("permission", 403)
    assert talk.send("p.png", b"\x89PNG\r\n\x1a\n", slot="poster").status == 201  # another slot
    assert talk.decide(second, "unfreeze").data["slot_state"] == "uploaded"
    assert talk.send("c.pdf", b"%PDF-1.7 3").status == 201


def test_what_is_missing(talk: Talk, south: Party) -> None:
    north = talk.party
    path = f"/v3/action/event/{talk.event}/missing_files"
    [row] = north.administrator.get(path).data
    assert (row["event_presentation_id"], row["slot"], row["slot_state"]) == (talk.id, "slides", "expected")
    assert (row["event_session_name"], row["start_datetime"]) == ("S", START)
    assert row["email"] == "ada@x.org; grace@x.org"
    [seen] = north.member.get(path).data
    assert seen["email"] is None
    assert [one["email"] for one in seen["presenters"]] == [None, None]
    made = by_upload(talk, 1)
    assert north.member.get(path).data == []
    talk.decide(made, "reject", {"reason": "Empty"})
    assert [row["slot_state"] for row in north.member.get(path).data] == ["rejected"]
    session = f"/v3/crud/event_session/{talk.session}"
    for slots, count in (([], 0), (["video", "poster"], 2), (None, 1)):
        assert north.manager.patch(session, {"expected_slots": slots}).status == 200
        assert len(north.member.get(path).data) == count
    for slots in (["slide"], "slides", ["video", "video"]):
        assert north.manager.patch(session, {"expected_slots": slots}).error == ("validation", 400)
    for kind, begin in (("csv", b"\xef\xbb\xbfevent_presentation_id"), ("xlsx", b"PK")):
        answer = north.administrator.get(f"{path}?file_type={kind}&return_file=true")
        assert b"".join(answer.raw.streaming_content).startswith(begin)
    assert south.manager.get(path).error == ("permission", 403)
    assert north.guest.get(path).error == ("permission", 403)
    north.manager.patch(f"/v3/crud/event_presentation/{talk.id}", {"enable": False})
    assert north.member.get(path).data == []


# --- manifest


def names_in(talk: Talk) -> dict[str, str]:
    return {file["event_file_id"]: file["save_as"] for file in talk.manifest()["files"]}


def test_each_file_has_a_name_of_its_own(talk: Talk) -> None:
    given = ["Q4: Results?.pptx", "CON.pptx", "talk.", "あ" * 120 + ".pptx", "dup.pptx"]
    place = {"for_type": "event", "for_id": talk.event}
    made = [talk.put(name, name.encode(), **place)["id"] for name in given]
    other = talk.put("DUP.PPTX", b"other", for_type="event_session", for_id=talk.session)["id"]
    names = names_in(talk)
    assert [names[one] for one in made[:3]] == ["Q4_ Results_.pptx", "_CON.pptx", "talk"]
    assert names[made[4]] == "dup.pptx"
    assert names[other] == "DUP (2).PPTX"
    assert [file["filename"] for file in talk.manifest()["files"] if file["event_file_id"] == other] == ["DUP.PPTX"]
    again = talk.put("dup.pptx", b"second", **place)["id"]
    assert names_in(talk)[again] == "dup.pptx"
    assert names_in(talk)[other] == "DUP (2).PPTX"
    assert talk.decide(made[4], "make_current").status == 200
    assert names_in(talk)[made[4]] == "dup.pptx"
    file = hosted(talk.party.member, b"one for both", "Dup.pptx")["id"]
    places = [("event", talk.event), ("event_session", talk.session)]
    both = [
        {"for_type": kind, "for_id": public_id, "hosted_file_id": file, "slot": "poster"} for kind, public_id in places
    ]
    bulk = talk.party.member.post("/v3/crud/event_file/bulk", {"create": both}).data["created"]
    assert [row["save_as"] for row in bulk] == ["Dup (3).pptx", "Dup (4).pptx"]


def verify(manifest: dict[str, Any], key: dict[str, str]) -> None:
    whole = {name: value for name, value in manifest.items() if name != "signature"}
    public = Ed25519PublicKey.from_public_bytes(b64decode(key["public_key"]))
    public.verify(b64decode(manifest["signature"]), canonical(whole))


def test_it_is_signed_and_numbered(talk: Talk, south: Party) -> None:
    path = f"/v3/action/event/{talk.event}/manifest_key"
    key = talk.party.member.get(path).data
    first = talk.manifest()
    by_upload(talk, 1)
    second, again = talk.manifest(), talk.manifest()
    assert second["seq"] > first["seq"]
    assert [again[name] for name in ("seq", "cursor", "files")] == [second[n] for n in ("seq", "cursor", "files")]
    delta = talk.manifest(f"since={first['cursor']}")
    assert len(delta["files"]) == 1
    assert delta["since"] == first["cursor"]
    for manifest in (first, second, delta):
        assert manifest["key_id"] == key["key_id"]
        verify(manifest, key)
    second["files"][0]["size"] += 1
    with pytest.raises(InvalidSignature):
        verify(second, key)
    theirs = south.manager.create("event", name="Theirs")["id"]
    assert south.member.get(f"/v3/action/event/{theirs}/manifest_key").data["key_id"] != key["key_id"]
    assert south.member.get(path).error == ("permission", 403)
    assert talk.party.guest.get(path).error == ("permission", 403)


def test_every_change_raises_the_number(talk: Talk) -> None:
    made = by_upload(talk, 1)
    north = talk.party
    room = north.manager.create("event_location", event_id=talk.event, name="R")["id"]
    file = talk.one(made)["hosted_file_id"]
    changes: list[Callable[[], Answer]] = [
        lambda: north.member.patch(f"/v3/crud/event_file/{made}", {"hide": True}),
        lambda: north.member.patch(f"/v3/crud/event_file/{made}", {"hide": False}),
        lambda: north.member.patch(f"/v3/crud/event_file/{made}", {"filename": "new.pdf"}),
        lambda: north.member.patch(f"/v3/crud/hosted_file/{file}", {"enable": False}),
        lambda: north.member.patch(f"/v3/crud/hosted_file/{file}", {"enable": True}),
        lambda: north.manager.patch(f"/v3/crud/event_session/{talk.session}", {"event_location_id": room}),
        lambda: north.manager.patch(f"/v3/crud/event_presentation/{talk.id}", {"start_datetime": START}),
        lambda: talk.decide(made, "approve"),
        lambda: north.manager.delete(f"/v3/crud/event_file/{made}?method=delete"),
    ]
    before = talk.manifest()
    for number, change in enumerate(changes):
        assert change().status == 200, number
        after = talk.manifest()
        assert after["seq"] > before["seq"], number
        delta = talk.manifest(f"since={before['cursor']}")
        assert [entry["event_file_id"] for entry in delta["files"]] == [made], number
        before = after
    assert north.manager.patch(f"/v3/crud/event_session/{talk.session}", {"description": "x"}).status == 200
    assert talk.manifest()["seq"] == before["seq"]


@pytest.mark.django_db(transaction=True)
def test_of_many_uploads_at_once_one_is_current(north: Party, tmp_path: Path) -> None:
    talk = Talk(north)

    def sender(number: int) -> Callable[[], int]:
        return lambda: talk.send(f"{number}.pdf", b"%%PDF-1.7 %d" % (number // 2)).status

    with shared_database(tmp_path) as connect:
        statuses = at_once(connect, [sender(number) for number in range(16)])
        rows = talk.party.member.get(f"/v3/crud/event_presentation/{talk.id}/event_file/?versions=all").data
        current = talk.current()
    assert {201} <= set(statuses) <= {200, 201, 429}  # more than an account's share of the server at once
    assert len(current) == 1
    assert sorted(row["version"] for row in rows) == list(range(1, len(rows) + 1))
    assert [row["id"] for row in rows if row["is_current"]] == current
    assert len({row["save_as"] for row in rows}) == len(rows)
