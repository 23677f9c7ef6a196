"""Sign-ins to the admin are listed, and end from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts import standing
from accounts.models import AdminSession, User
from accounts.tasks import forget_expired
from tenancy.context import every_tenant
from tests.conftest import PASSWORD, Caller, Party
from tests.contract.authentication.asking import login, with_token
from tests.contract.conftest import nothing_changes
from tests.crud.staff.pages import Staff

pytestmark = pytest.mark.django_db
PAGE = "/admin/sessions/"


def sign_in(user: User, device: str = "Laptop") -> Staff:
    staff = Staff(user, client=Client(HTTP_USER_AGENT=device)).sign_in()
    assert staff.get("/admin/").status_code == 200
    return staff


def is_in(staff: Staff) -> bool:
    standing.forget()
    return bool(staff.get("/admin/").status_code == 200)


def listed(staff: Staff, query: str = "") -> list[dict[str, Any]]:
    response = staff.get(PAGE + query)
    assert response.status_code == 200
    found: list[dict[str, Any]] = response.context["sessions"]
    return found


def test_one_sees_where_one_is_signed_in_and_ends_it(north: Party, visitor: Caller) -> None:
    phone, laptop = sign_in(north.users["manager"], "Phone"), sign_in(north.users["manager"])
    app = login(visitor.with_headers(**{"user-agent": "App"}), north, "manager")
    assert "My sessions" in laptop.get("/admin/").content.decode()
    sessions = {session["device"]: session for session in listed(laptop)}
    assert set(sessions) == {"Admin: Phone", "Admin: Laptop", "App"}
    assert [device for device, session in sessions.items() if session["current"]] == ["Admin: Laptop"]
    assert laptop.post(PAGE, {"end": sessions["Admin: Phone"]["id"]}).status_code == 302
    assert (is_in(phone), is_in(laptop)) == (False, True)
    assert phone.get("/admin/").status_code == 302, "and it stays so"
    assert laptop.post(PAGE, {"end_others": "1"}).status_code == 302
    standing.forget()
    assert with_token(visitor, app["access"]).get("/v3/auth/whoami").status == 401
    assert [session["device"] for session in listed(laptop)] == ["Admin: Laptop"]


def test_the_api_lists_and_ends_them_too(north: Party, south: Party, visitor: Caller) -> None:
    laptop, other = sign_in(north.users["administrator"]), sign_in(south.users["administrator"])
    here = with_token(visitor, login(visitor, north, "administrator")["access"])
    sessions = here.get("/v3/auth/sessions").data
    assert [set(session) for session in sessions] == [
        {"id", "device", "address", "created_on", "last_used_on", "current"}
    ] * 2
    (page,) = [session for session in sessions if session["device"] == "Admin: Laptop"]
    with nothing_changes():
        for stranger in (south.manager, north.member, visitor):
            assert stranger.delete(f"/v3/auth/sessions/{page['id']}").status == 404
    assert is_in(laptop)
    assert north.manager.delete(f"/v3/auth/sessions/{page['id']}").data == {"ended": 1}
    assert not is_in(laptop)
    assert here.delete(f"/v3/auth/sessions/{page['id']}").status == 404
    again = sign_in(north.users["administrator"])
    assert here.delete("/v3/auth/sessions").data == {"ended": 1}
    assert (is_in(again), is_in(other)) == (False, True)


def test_managers_see_those_of_their_users_and_nobody_else_does(north: Party, south: Party) -> None:
    theirs, foreign = sign_in(north.users["administrator"]), sign_in(south.users["administrator"])
    with every_tenant(reason="tests set up a super user, who has no account"):
        user = User(username="root-of-all", email="root@example.org", account=None, super=True)
        user.set_password(PASSWORD)
        user.save()
    root, manager = sign_in(user), sign_in(north.users["manager"])
    assert "Sessions of north-administrator" in manager.get(f"{PAGE}?user={theirs.user.id_random}").content.decode()
    change = manager.get(f"/admin/accounts/user/{theirs.user.pk}/change/").content.decode()
    assert f"{PAGE}?user={theirs.user.id_random}" in change
    for hidden in (foreign.user, user):
        assert manager.get(f"{PAGE}?user={hidden.id_random}").status_code == 404
        assert manager.post(f"{PAGE}?user={hidden.id_random}", {"end_others": "1"}).status_code == 404
    for asked in (manager.user.id_random, foreign.user.id_random, "nowhere0000", "%00"):
        assert theirs.get(f"{PAGE}?user={asked}").status_code == 404
    # The id of a session that is another's, on one's own page.
    for session in listed(root, f"?user={foreign.user.id_random}"):
        manager.post(PAGE, {"end": session["id"]})
    manager.post(PAGE, {"end": "x"})
    assert is_in(foreign)
    assert manager.post(f"{PAGE}?user={theirs.user.id_random}", {"end_others": "1"}).status_code == 302
    assert (is_in(theirs), is_in(manager), is_in(root), is_in(foreign)) == (False, True, True, True)
    assert Client().get(PAGE).status_code == 302
    assert Client().post(PAGE, {"end_others": "1"}).status_code == 302


def test_what_ends_by_itself_is_listed_no_more(north: Party) -> None:
    """Signed out; begun with another password; of a user who was disabled."""
    phone, laptop = sign_in(north.users["manager"], "Phone"), sign_in(north.users["manager"])
    gone = sign_in(north.users["manager"], "Kiosk")
    gone.post("/admin/logout/", {})
    assert {session["device"] for session in listed(laptop)} == {"Admin: Phone", "Admin: Laptop"}
    new = {"old_password": PASSWORD, "new_password1": "seven green bottles", "new_password2": "seven green bottles"}
    assert laptop.post("/admin/password_change/", new).status_code == 302
    assert (is_in(laptop), is_in(phone)) == (True, False)
    assert [session["device"] for session in listed(laptop)] == ["Admin: Laptop"]
    with every_tenant(reason="tests disable a user"):
        user = User.objects.get(pk=laptop.user.pk)
        user.enable = False
        user.save()
    assert not is_in(laptop)


def test_old_ones_are_forgotten(north: Party) -> None:
    sign_in(north.users["manager"])
    with time_machine.travel(timezone.now() + timedelta(days=16)):
        forget_expired.run()
    assert not AdminSession.objects.exists()
