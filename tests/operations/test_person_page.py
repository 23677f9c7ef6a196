"""/admin/person_data/: who may, what it shows, and that it erases what was looked at and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.models import User
from tenancy.context import every_tenant
from tests.conftest import PASSWORD, Party
from tests.crud.staff.pages import Staff, url
from tests.operations.saving import everything

MAIL = "quellwasser@example.org"
PAGE = "/admin/person_data/"


@pytest.fixture
def ada(north: Party) -> dict[str, Any]:
    person = north.manager.create("person", given_name="Ada", family_name="Quellwasser", email=MAIL)
    event = north.manager.create("event", name="Open day")
    badge = north.manager.create("event_badge", event_id=event["id"], full_name="Ada Quellwasser", email=MAIL)
    return {"person": person, "event_badge": badge}


def staff(party: Party, role: str = "manager") -> Staff:
    return Staff(party.users[role]).sign_in()


def fields(page: Any, **more: str) -> dict[str, str]:
    return {name: page.context[name] for name in ("email", "type", "id", "seen")} | more


def test_found_exported_and_erased(north: Party, south: Party, ada: dict[str, Any]) -> None:
    other = south.manager.create("person", family_name="Quellwasser", email=MAIL)
    office = staff(north)
    page = office.get(f"{PAGE}?type=event_badge&id={ada['event_badge']['id']}")
    assert {name for _, name, _, _ in page.context["lines"]} == {"Ada Quellwasser"}
    assert len(page.context["lines"]) == 2
    would_be_blanked = {label: set(fields) for label, _, _, fields in page.context["lines"]}
    assert would_be_blanked == {
        "Person": {"given name", "family name", "full name", "email"},
        "Event badge": {"full name", "email"},
    }
    for _, _, address, _ in page.context["lines"]:
        assert office.get(address).status_code == 200

    exported = json.loads(office.post(PAGE, fields(page, export="1")).content)
    assert {name: [row["id"] for row in rows] for name, rows in exported["objects"].items()} == {
        name: [row["id"]] for name, row in ada.items()
    }
    before = everything()
    assert office.post(PAGE, fields(page, erase="1", confirmation="erase")).status_code == 400
    another = north.manager.create("person", family_name="Else", email=MAIL)
    assert office.post(PAGE, fields(page, erase="1", confirmation="ERASE")).status_code == 400
    assert north.manager.delete(f"/v3/crud/person/{another['id']}?method=delete").status == 200
    assert {name: rows for name, rows in everything().items() if name != "change_log"} == {
        name: rows for name, rows in before.items() if name != "change_log"
    }

    done = office.post(PAGE, fields(page, erase="1", confirmation="ERASE"))
    certificate = json.loads(done.context["certificate"])
    assert certificate["rows"] == {name: [row["id"]] for name, row in ada.items()}
    assert "Quellwasser" not in done.content.decode()
    assert north.manager.get(f"/v3/crud/person/{ada['person']['id']}").data["email"] is None
    assert south.manager.get(f"/v3/crud/person/{other['id']}").data["email"] == MAIL


def test_who_may(north: Party, south: Party, ada: dict[str, Any]) -> None:
    assert staff(north, "administrator").client.get(PAGE).status_code == 403
    foreign = staff(south)
    for query in (f"?email={MAIL}", f"?type=person&id={ada['person']['id']}", f"?account={north.id}&email={MAIL}"):
        page = foreign.get(f"{PAGE}{query}")
        assert "known" not in page.context
        assert page.context["problem"]
    values = {"email": MAIL, "erase": "1", "confirmation": "ERASE", "account": north.id, "seen": ""}
    before = everything()
    assert foreign.post(PAGE, values).status_code == 400
    assert everything() == before


def test_a_super_user_names_the_account(north: Party, south: Party, ada: dict[str, Any]) -> None:
    with every_tenant(reason="a super user"):
        root = User(username="root", email="root@example.org", super=True, account=None)
        root.set_password(PASSWORD)
        root.save()
    office = Staff(root).sign_in()
    assert office.post(PAGE, {"email": MAIL}).context["problem"] == "Choose an account."
    assert len(office.get(f"{PAGE}?account={north.id}&email={MAIL}").context["lines"]) == 2
    assert "known" not in office.get(f"{PAGE}?account={south.id}&email={MAIL}").context


@pytest.mark.parametrize(
    "query", ["email=nobody@example.org", "type=person&id=nowhere0000", "type=account&id=x", "id=\x00", "email=%00"]
)
def test_nobody_is_found(north: Party, query: str) -> None:
    page = staff(north).get(f"{PAGE}?{query}")
    assert (page.status_code, "known" in page.context) == (200, False)


def test_a_persons_form_leads_there(north: Party, ada: dict[str, Any]) -> None:
    listed = staff(north).get(f"{url('person')}?q={ada['person']['id']}")
    (row,) = listed.context["cl"].result_list
    form = staff(north).get(url("person", "change", row.pk))
    assert "Export or erase the person" in form.content.decode()
    assert (
        "Export or erase the person"
        not in staff(north, "administrator").get(url("person", "change", row.pk)).content.decode()
    )
