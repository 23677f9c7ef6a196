"""Who comes to a desk: staff of the event's account, and nobody else, by any address and any verb."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accounts.models import User
from desk.urls import urlpatterns
from tenancy.context import every_tenant
from tests.conftest import Party
from tests.crud.staff.pages import Staff
from tests.desk.conftest import Congress

pytestmark = pytest.mark.django_db


def enter(staff: Staff) -> None:
    with every_tenant(reason="tests sign somebody in"):
        staff.client.force_login(staff.user)


def addresses(congress: Congress) -> list[str]:
    """Every address that there is, made from the routes; of this congress."""
    public_ids = {
        "event_id": congress.event.id_random,
        "session_id": congress.sessions["opening"].id_random,
        "badge_id": "x7Kq2mB9fRw",
        "exhibit_id": "x7Kq2mB9fRw",
    }
    found = []
    for pattern in urlpatterns:
        route = str(pattern.pattern)
        for name, public_id in public_ids.items():
            route = route.replace(f"<str:{name}>", public_id)
        assert "<" not in route, f"say what stands in {route}"
        found.append(f"/{route}")
    return found


def test_another_account_s_desk_is_closed(congress: Congress, elsewhere: Congress) -> None:
    staff = Staff(congress.party.users["manager"]).sign_in()
    before = elsewhere.party.manager.get(
        f"/v3/crud/event_session/?for_obj_type=event&for_obj_id={elsewhere.event.id_random}"
    ).data
    for address in addresses(elsewhere)[1:]:
        assert staff.client.get(address).status_code in (403, 405), address
        assert staff.client.post(address, {}).status_code in (403, 405), address
        assert staff.client.post(address, "{}", content_type="application/json").status_code in (403, 405), address
    after = elsewhere.party.manager.get(
        f"/v3/crud/event_session/?for_obj_type=event&for_obj_id={elsewhere.event.id_random}"
    ).data
    assert before == after


@pytest.mark.parametrize("role", ["user", "guest"])
def test_others_are_led_to_the_sign_in(congress: Congress, role: str) -> None:
    visitor = Staff(congress.party.users["user"])
    if role == "user":
        enter(visitor)
    for address in addresses(congress):
        for answer in (visitor.client.get(address), visitor.client.post(address, {})):
            assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/admin/login/"), address


def test_what_is_no_event_has_no_desk(office: Staff) -> None:
    for wrong in ("nothere0000", "x", "..", "a" * 300, "%00", "%F0%9F%90%9F"):
        assert office.client.get(f"/admin/desk/{wrong}/").status_code == 404, wrong


def test_the_way_in(office: Staff, congress: Congress, elsewhere: Congress) -> None:
    assert congress.address() in office.get("/admin/").content.decode()
    assert congress.address() in office.get("/admin/desk/").content.decode()
    form = office.get(f"/admin/events/event/{congress.event.pk}/change/").content.decode()
    assert f"/admin/events/event/{congress.event.pk}/desk/" in form
    led = office.get(f"/admin/events/event/{congress.event.pk}/desk/")
    assert led.headers["Location"] == congress.address()
    start = office.get(congress.address()).content.decode()
    assert "North congress" in start
    assert "Europe/Berlin" in start
    assert "1 without a time" in start


def test_a_super_user_sees_the_account_of_the_event(congress: Congress, north: Party, elsewhere: Congress) -> None:
    with every_tenant(reason="tests make a super user"):
        root = User(username="root", super=True)
        root.save()
    staff = Staff(root)
    enter(staff)
    for one, other in ((congress, "South"), (elsewhere, "North")):
        page = staff.client.get(one.address("timetable/"))
        assert page.status_code == 200
        assert other not in timetable_data(page)


def timetable_data(page: Any) -> str:
    return page.content.decode().partition('id="timetable-data"')[2].partition("</script>")[0]


def test_pages_are_held_to_the_policy(office: Staff, congress: Congress) -> None:
    """No script within a page but data, and the header that forbids any."""
    for page in ("", "timetable/", "badges/", "files/", "leads/", "import/"):
        answer = office.get(congress.address(page))
        scripts = answer.headers["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
        assert "'unsafe-inline'" not in scripts
        within = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", answer.content.decode())
        assert [tag for tag in within if "application/json" not in tag and "nonce" not in tag] == []
