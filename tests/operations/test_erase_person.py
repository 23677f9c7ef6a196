"""erase_person and export_person: all that an account holds of one person, and nothing of anybody else's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crud import Change, registry
from operations.erasure import dossier
from realtime.changes import packed
from tenancy.context import tenant
from tests.conftest import Caller, Party
from tests.operations.saving import command, everything, refusal

NAME, MAIL = "Zwiebelfisch", "zwiebelfisch@example.org"


@pytest.fixture
def ada(north: Party) -> dict[str, Any]:
    """Somebody with a row of each type that holds people, linked as at a real event."""
    staff = north.administrator
    event = staff.create("event", name="Open day")
    exhibit = staff.create("event_exhibit", name="Booth", event_id=event["id"], leads_api_access=True)
    session = staff.create("event_session", name="Opening", event_id=event["id"])
    talk = staff.create("event_presentation", name="Talk", event_session_id=session["id"])
    person = staff.create("person", given_name="Ada", family_name=NAME, email=MAIL, biography=f"<p>{NAME}</p>")
    registered = staff.create("event_person", event_id=event["id"], person_id=person["id"], family_name=NAME)
    badge = staff.create(
        "event_badge",
        event_id=event["id"],
        event_person_id=registered["id"],
        full_name=f"Ada {NAME}",
        email=MAIL,
        phone=f"+1 {NAME}",
        notes=NAME,
        allow_tracking=True,
    )
    key = {"idempotency-key": "lead"}
    lead_values = {"event_exhibit_id": exhibit["id"], "event_badge_id": badge["id"], "exhibitor_notes": NAME}
    lead = staff.post("/v3/crud/event_exhibit_tracking/", lead_values, **key).data
    return {
        "event": event,
        "person": person,
        "event_person": registered,
        "event_badge": badge,
        "event_exhibit_tracking": lead,
        "contact": staff.create("contact", person_id=person["id"], email="second@example.org", city=NAME),
        "event_presenter": staff.create(
            "event_presenter", event_presentation_id=talk["id"], given_name="Ada", email="second@example.org"
        ),
        "user": north.manager.create(
            "user", username=NAME, email=MAIL.upper(), password="seven green bottles", name=NAME
        ),
    }


def certificate(north: Party, *arguments: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(
        command("erase_person", "--account", north.account.code, "--json", *arguments)[0]
    )
    return answer


def test_nothing_of_the_person_is_left_and_everybody_else_stays(
    north: Party, south: Party, ada: dict[str, Any]
) -> None:
    others = south.administrator.create("person", family_name=NAME, email=MAIL)
    neighbour = north.administrator.create("event_badge", event_id=ada["event"]["id"], full_name="Grace Hopper")
    before = everything()
    would = certificate(north, "--email", MAIL, "--dry-run")
    assert everything() == before
    done = certificate(north, "--email", MAIL)
    assert done["rows"] == would["rows"] == {name: [ada[name]["id"]] for name in sorted(ada.keys() - {"event"})}
    assert done["kept_answers"] == 1
    assert any("backups" in place for place in done["not_covered"])
    left = [(table, row) for table, rows in everything().items() for row in rows if NAME.casefold() in row.casefold()]
    assert {table for table, _ in left} == {"person", "change_log"}, left  # South's own, who bears the same name
    assert all(others["id"] in row for _, row in left)
    assert south.administrator.get(f"/v3/crud/person/{others['id']}").data["family_name"] == NAME
    assert north.administrator.get(f"/v3/crud/event_badge/{neighbour['id']}").data["full_name"] == "Grace Hopper"


def test_what_opened_something_in_their_name_opens_nothing(north: Party, visitor: Caller, ada: dict[str, Any]) -> None:
    staff, badge = north.administrator, ada["event_badge"]
    tokens = staff.get(f"/v3/crud/event_badge/{badge['id']}").data
    certificate(north, "--badge", badge["id"])
    after = staff.get(f"/v3/crud/event_badge/{badge['id']}").data
    assert all(after[name] != tokens[name] for name in ("badge_token", "consent_token"))
    signed_in = visitor.post("/v3/auth/login", {"username": NAME, "password": "seven green bottles"})
    assert signed_in.status == 401
    assert after["full_name"] is None
    ledger = staff.get(f"/v3/crud/event_badge_consent/?event_badge_id={badge['id']}").data
    assert [row["share"] for row in ledger] == [True], "the decision stays"
    assert staff.search("event_badge", {"q": NAME}).data == []


def test_a_person_is_exported_whole(north: Party, south: Party, ada: dict[str, Any]) -> None:
    south.administrator.create("person", family_name=f"{NAME} of South", email=MAIL)
    told = json.loads(command("export_person", "--account", north.account.code, "--person", ada["person"]["id"])[0])
    assert {name: [row["id"] for row in rows] for name, rows in told["objects"].items()} == {
        name: [ada[name]["id"]] for name in ada.keys() - {"event"}
    }
    assert told["objects"]["person"][0]["family_name"] == NAME
    assert told["emails"] == ["second@example.org", MAIL]
    assert len(told["consent"]) == 1
    assert {entry["obj_type"] for entry in told["history"]} == ada.keys() - {"event"}
    assert "of South" not in json.dumps(told)


@pytest.mark.parametrize("name", ["erase_person", "export_person"])
def test_who_is_not_there_changes_nothing(north: Party, south: Party, ada: dict[str, Any], name: str) -> None:
    before, foreign = everything(), south.administrator.create("person", family_name="South")["id"]
    here = ("--account", north.account.code)
    before = everything()
    assert refusal(name, *here, "--email", "nobody@example.org").startswith("Nobody in the account has the address")
    assert refusal(name, *here, "--person", foreign) == f"The account has no person {foreign!r}."
    assert refusal(name, *here, "--badge", "\x00😀") == "The account has no event_badge '\\x00😀'."
    assert "There is no account" in refusal(name, "--account", "nowhere", "--email", MAIL)
    assert everything() == before


def test_every_address_of_a_person_is_declared_personal() -> None:
    """A type with an e-mail address holds people: it says what of them is personal, or stands here with the reason."""
    of_no_person = {"organization"}
    with_address = {name for name, object_type in registry.items() if "email" in object_type.fields}
    assert {name for name in with_address if not registry[name].personal} == of_no_person
    for object_type in registry.values():
        assert set(object_type.personal) <= object_type.fields.keys()


def test_the_feed_of_changes_holds_nothing_to_erase(north: Party, ada: dict[str, Any]) -> None:
    """Sockets that come back are sent what they missed: which fields changed, never what they said."""
    with tenant(north.account.pk):
        rows = list(dossier(email=MAIL).rows.values())
        assert len(rows) == len(ada) - 1
        for row in rows:
            values = {one.attname: (getattr(row, one.attname), None) for one in row._meta.concrete_fields}
            for change in (Change.created(row), Change.updated(row, values), Change.deleted(row)):
                assert NAME.casefold() not in packed(change).decode().casefold(), (change.obj_type, change.action)
