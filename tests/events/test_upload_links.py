"""A presenter uploads without an account: own slots only, until the deadline, by form and by tus."""

from __future__ import annotations

from typing import Any

import pytest

from events.upload_links import MAC_LENGTH
from tests.actions.test_tus import ROOT, begun, create, head, patch
from tests.conftest import Answer, Caller, Party
from tests.events.test_slots import Talk
from tests.files.sending import multipart, send

pytestmark = pytest.mark.usefixtures("own_store")
TALKS = "/v3/action/upload_link/talks"
UPLOAD = "/v3/action/event_file/upload"
DATA = b"%PDF-1.7 mine"


@pytest.fixture(autouse=True)
def _before_the_meeting(time_machine: Any) -> None:
    time_machine.move_to("2026-05-01T12:00:00Z", tick=False)


@pytest.fixture
def talk(north: Party) -> Talk:
    return Talk(north)


def link(talk: Talk, body: Any = None, caller: Caller | None = None) -> Answer:
    path = f"/v3/action/event_presenter/{talk.presenters[0]}/upload_link"
    return (caller or talk.party.administrator)("POST", path, body)


def presenter(talk: Talk, body: Any = None) -> Caller:
    answer = link(talk, body)
    assert answer.status == 200, answer.body
    return Caller({"authorization": f"Bearer {answer.data['token']}"})


def test_what_the_link_opens(talk: Talk) -> None:
    made = link(talk)
    assert made.data["url"] == f"http://testserver/upload/{made.data['token']}"
    assert made.headers["Cache-Control"] == "private, no-store"
    ada = presenter(talk)
    told = ada.get(TALKS).data
    assert (told["event"], told["deadline"]) == (
        {"name": "Meeting", "time_zone": "Europe/Berlin"},
        "2026-05-01T15:00:00Z",
    )
    [seen] = told["talks"]
    assert (seen["name"], seen["is_open"]) == ("Valves", True)
    assert [slot["slot"] for slot in seen["slots"] if slot["expected"]] == ["slides"]
    place = {"for_type": "event_presentation", "for_id": talk.id, "slot": "slides"}
    sent = send(ada, multipart(("a.pdf", DATA), **place), UPLOAD)
    assert (sent.status, sent.data["event_presenter_id"]) == (201, talk.presenters[0])
    talk.decide(sent.data["id"], "reject", {"reason": "No film"})
    [file] = ada.get(TALKS).data["talks"][0]["slots"][0]["files"]
    assert (file["filename"], file["slot_state"], file["rejected_reason"]) == ("a.pdf", "rejected", "No film")
    metadata = {"for_type": "event_presenter", "for_id": talk.presenters[0], "slot": "slides"}
    done = patch(ada, begun(ada, 13, **metadata), 0, b"%PDF-1.7 next")
    assert talk.one(done.headers["Aether-Event-File-Id"])["version"] == 2
    who = talk.party.manager.get(f"/v3/crud/event_file/{done.headers['Aether-Event-File-Id']}/history").data
    assert who[0]["principal"] == f"presenter:{talk.presenters[0]}"


def test_and_nothing_else(talk: Talk, south: Party) -> None:
    ada = presenter(talk)
    other = talk.party.manager.create("event_presentation", event_session_id=talk.session, name="Other")["id"]
    theirs = Talk(south)
    for for_type, for_id in (
        ("event_presentation", other),
        ("event_presenter", talk.presenters[1]),
        ("event_presentation", theirs.id),
        ("event_presenter", theirs.presenters[0]),
        ("event", talk.event),
        ("event_session", talk.session),
        ("event_presentation", "nowhere0000"),
    ):
        place = {"for_type": for_type, "for_id": for_id}
        code = ("database_constraint", 1452) if "present" in for_type else ("validation", 400)
        assert send(ada, multipart(("a.pdf", DATA), **place), UPLOAD).error == code, place
        assert create(ada, **place).error == code, place
    own = {"for_type": "event_presentation", "for_id": talk.id}
    for more in (
        {"sort": "1"},
        {"event_session_id": talk.session},
        {"link_to_type": "event", "link_to_id": talk.event},
    ):
        assert send(ada, multipart(("a.pdf", DATA), **own, **more), UPLOAD).status == 400, more
        assert create(ada, **own, **more).status == 400, more
    assert create(ada).error == ("validation", 400)
    file = talk.put()
    for path in (
        *("/v3/crud/", "/v3/crud/event/", f"/v3/crud/event/{talk.event}", f"/v3/crud/event_presentation/{talk.id}"),
        *(f"/v3/action/event_file/{file['id']}/download", f"/v3/action/hosted_file/{file['hosted_file_id']}/download"),
        *(f"/v3/action/event/{talk.event}/file_manifest", "/v3/lookup/country/list", "/v3/auth/whoami"),
        *(f"/v3/action/event/{talk.event}/missing_files", "/v2/crud/event/list", "/v3/schema/"),
    ):
        answer = ada.get(path)
        assert answer.status == 200 if path == "/v3/schema/" else answer.error == ("permission", 403), path
    assert ada.post("/v3/mcp", {}, accept="application/json, text/event-stream").status == 403
    for headers in ({"x-account-id": talk.party.id}, talk.party.member.headers, {"x-no-account-id": "bypass"}):
        assert ada.with_headers(**headers).get(TALKS).error == ("permission", 403)
    for caller in (talk.party.member, talk.party.manager, talk.party.guest):
        assert caller.get(TALKS).error == ("permission", 403)


def test_until_the_deadline(talk: Talk, time_machine: Any) -> None:
    ada = presenter(talk)
    own = {"for_type": "event_presentation", "for_id": talk.id}
    session = f"/v3/crud/event_session/{talk.session}"
    under_way = begun(ada, len(DATA), **own)
    assert talk.party.manager.patch(session, {"upload_deadline": "2026-05-01T13:00:00Z"}).status == 200
    time_machine.move_to("2026-05-01T13:00:00Z", tick=False)
    for answer in (
        send(ada, multipart(("a.pdf", DATA), **own), UPLOAD),
        create(ada, **own),
        patch(ada, under_way, 0, DATA),
    ):
        assert answer.error == ("permission", 403)
        assert answer.meta["details"]["deadline"] == "2026-05-01T13:00:00Z"
        assert "2026-05-01 15:00 (Europe/Berlin)" in answer.meta["status_message"]
    assert ada.get(TALKS).data["is_open"] is False
    for past in ("2026-05-01T14:59:00", "2026-04-30", "2026-05-01T12:59:00Z"):
        assert link(talk, {"expires_on": past}).error == ("validation", 400)
    extended = link(talk, {"expires_on": "2026-05-01T16:30:00"})
    assert extended.data["expires_on"] == "2026-05-01T14:30:00Z"  # the event's time
    assert extended.data["token"] == ada.headers["authorization"].removeprefix("Bearer ")
    assert ada.get(TALKS).status == 200
    from accounts import standing

    standing.forget()  # as three seconds do
    assert head(ada, under_way).headers["Aether-Event-File-Id"]
    assert link(talk).data["expires_on"] == "2026-05-01T14:30:00Z"
    assert link(talk, {"expires_on": "2026-05-02"}).data["expires_on"] == "2026-05-02T22:00:00Z"
    assert link(talk, {"expires_on": None}).data["expires_on"] is None


def test_a_frozen_slot_is_told_at_once(talk: Talk) -> None:
    ada, file = presenter(talk), talk.put()
    talk.decide(file["id"], "freeze")
    refused = create(ada, for_type="event_presentation", for_id=talk.id, slot="slides")
    assert refused.error == ("permission", 403)
    assert refused.meta["details"]["frozen_since"] == "2026-05-01T12:00:00Z"


def test_tokens_that_open_nothing(talk: Talk, south: Party) -> None:
    token = link(talk).data["token"]
    altered = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token + "A",
        token[:-1],
        "aeu_",
        "aeu_" + "A" * MAC_LENGTH,
    ]
    altered.append(token.replace(talk.presenters[0], talk.presenters[1]))
    for one in altered:
        assert Caller({"authorization": f"Bearer {one}"}).get(TALKS).error == ("authentication", 401), one
    path = f"/v3/action/event_presenter/{talk.presenters[0]}/upload_link"
    for caller in (talk.party.member, talk.party.guest, south.manager):
        assert link(talk, None, caller).error == ("permission", 403)
        assert caller.delete(path).error == ("permission", 403)
    for body in ({"expires_on": "soon"}, {"expires_on": 3}, {"until": "2026-05-02"}, [], "x"):
        assert link(talk, body).error == ("validation", 400), body
    ada = Caller({"authorization": f"Bearer {token}"})
    assert ada.get(TALKS).status == 200
    assert talk.party.administrator.delete(path).data["revoked"] is True
    assert ada.get(TALKS).error == ("authentication", 401)
    assert talk.party.administrator.delete(path).data["revoked"] is False
    assert link(talk).data["token"] != token
    presenter_row = f"/v3/crud/event_presenter/{talk.presenters[0]}"
    assert "upload_link_made_on" not in talk.party.member.get(presenter_row).data
    history = talk.party.manager.get(f"{presenter_row}/history").data
    assert sum("upload_link_made_on" in entry["changes"] for entry in history) >= 3
    assert "nonce" not in str(history)


def test_links_for_a_whole_event(talk: Talk, south: Party) -> None:
    north = talk.party
    person = north.manager.create("person", given_name="Ada", family_name="L")["id"]
    second = north.manager.create("event_presentation", event_session_id=talk.session, name="Pumps")["id"]
    twice = [
        north.manager.create("event_presenter", event_presentation_id=of, person_id=person, given_name="Eve")["id"]
        for of in (talk.id, second)
    ]
    path = f"/v3/action/event/{talk.event}/upload_links"
    rows = north.administrator("POST", path).data
    assert [row["event_presenter_id"] for row in rows] == [*talk.presenters, twice[0]]
    eve = Caller({"authorization": f"Bearer {rows[2]['token']}"})
    assert [one["name"] for one in eve.get(TALKS).data["talks"]] == ["Pumps", "Valves"]
    place = {"for_type": "event_presentation", "for_id": second}
    assert send(eve, multipart(("a.pdf", DATA), **place), UPLOAD).data["event_presenter_id"] == twice[1]
    again = north.administrator("POST", f"/v3/action/event_presenter/{twice[1]}/upload_link").data
    assert again["token"] == rows[2]["token"]
    table = north.administrator("POST", f"{path}?file_type=csv").raw
    text = b"".join(table.streaming_content).decode("utf-8-sig")
    assert text.splitlines()[0] == "event_presenter_id,full_name,email,url,expires_on,mailed_on"
    assert rows[0]["url"] in text
    for caller in (north.member, south.manager, north.guest):
        assert caller("POST", path).error == ("permission", 403)
    assert ROOT == "/v3/files/tus/"


def test_the_page_says_what_the_link_opens(talk: Talk, time_machine: Any) -> None:
    token = link(talk).data["token"]
    visitor = Caller()
    page = visitor.get(f"/upload/{token}")
    assert page.status == 200
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert token not in page.raw.content.decode()
    for unknown in (token[:-1] + ("A" if token[-1] != "A" else "B"), "aeu_x", "x"):
        assert visitor.get(f"/upload/{unknown}").status == 404
    time_machine.move_to("2026-05-01T15:00:00Z", tick=False)
    assert visitor.get(f"/upload/{token}/").status == 403
