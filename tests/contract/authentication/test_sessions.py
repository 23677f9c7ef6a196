"""Who is signed in where, and who may end it."""

from __future__ import annotations

import pytest

from accounts import tokens
from accounts.authentication import Credentials, authenticate, download_token
from kernel.errors import Unauthenticated
from tenancy.context import every_tenant
from tests.conftest import Caller, Party
from tests.contract.authentication.asking import login, refused_everywhere, with_token
from tests.contract.conftest import FOREIGN, nothing_changes, refusal

pytestmark = pytest.mark.django_db
SESSIONS = "/v3/auth/sessions"


def test_own_sessions_are_listed_and_ended_one_by_one(north: Party, visitor: Caller) -> None:
    phone = login(visitor.with_headers(**{"user-agent": "Phone\x07 1.0"}), north, "user")
    here = with_token(visitor, login(visitor, north, "user")["access"])
    listed = here.get(SESSIONS).data
    assert [(row["device"], row["address"], row["current"]) for row in listed] == [
        ("", "127.0.0.1", True),
        ("Phone 1.0", "127.0.0.1", False),
    ]
    assert set(listed[0]) == {"id", "device", "address", "created_on", "last_used_on", "current"}
    began = listed[1]["created_on"]
    phone = visitor.post("/v3/auth/refresh", {"refresh": phone["refresh"]}).data
    listed = here.get(SESSIONS).data
    assert len(listed) == 2
    (other,) = [row for row in listed if not row["current"]]
    assert other["created_on"] == began
    assert here.delete(f"{SESSIONS}/{other['id']}").status == 200
    refused_everywhere(visitor, phone["access"], "ended")
    assert visitor.post("/v3/auth/refresh", {"refresh": phone["refresh"]}).status == 401
    assert here.delete(f"{SESSIONS}/{other['id']}").status == 404
    assert here.get("/v3/auth/whoami").status == 200


def test_all_others_end_at_once(north: Party, visitor: Caller) -> None:
    others = [login(visitor, north, "user") for _ in range(2)]
    foreign = login(visitor, north, "manager")
    here = with_token(visitor, login(visitor, north, "user")["access"])
    assert here.delete(SESSIONS).data == {"ended": 2}
    for pair in others:
        refused_everywhere(visitor, pair["access"], "ended")
    assert here.get("/v3/auth/whoami").status == 200
    assert with_token(visitor, foreign["access"]).get("/v3/auth/whoami").status == 200


def test_managers_end_those_of_their_users_and_nobody_else_does(north: Party, south: Party, visitor: Caller) -> None:
    theirs = login(visitor, north, "user")
    me = north.users["user"].id_random
    manager = with_token(visitor, login(visitor, north, "manager")["access"])
    member = with_token(visitor, login(visitor, north, "administrator")["access"])
    southern = south.manager
    (row,) = manager.get(f"{SESSIONS}?user_id={me}").data
    with nothing_changes():
        assert refusal(member.get(f"{SESSIONS}?user_id={me}")) == FOREIGN
        assert refusal(visitor.get(f"{SESSIONS}?user_id={me}")) == FOREIGN
        assert southern.get(f"{SESSIONS}?user_id={me}").status == 404
        assert southern.delete(f"{SESSIONS}?user_id={me}").status == 404
        for caller in (member, visitor, southern):
            assert caller.delete(f"{SESSIONS}/{row['id']}").status == 404
        for bad in ("x", "", "nowhere0000", "%00"):
            assert manager.get(f"{SESSIONS}?user_id={bad}").status in (400, 404), bad
        assert manager.get(f"{SESSIONS}?user={me}").status == 400
    assert manager.delete(f"{SESSIONS}/{row['id']}").status == 200
    refused_everywhere(visitor, theirs["access"], "ended by a manager")


def test_super_users_are_none_of_a_managers_business(north: Party, visitor: Caller) -> None:
    pair = login(visitor, north, "user")
    with every_tenant(reason="tests make a super user inside an account"):
        user = north.users["user"]
        user.super = True
        user.save()
    assert north.manager.get(f"{SESSIONS}?user_id={user.id_random}").status == 404
    own = with_token(visitor, pair["access"])
    assert len(own.get(SESSIONS).data) == 1


def test_guests_and_passcodes_have_none(north: Party, visitor: Caller) -> None:
    guest = visitor.post("/v3/auth/guest", {"site_id": north.site.id_random}).data["jwt"]
    for caller in (visitor, with_token(visitor, guest), north.manager):
        assert caller.get(SESSIONS).data == []
        assert caller.delete(SESSIONS).data == {"ended": 0}


def test_a_link_to_a_file_ends_with_its_session(north: Party, visitor: Caller) -> None:
    pair = login(visitor, north, "user")
    key = north.keys["publishable"]
    principal = authenticate(Credentials(api_key=key, bearer=f"Bearer {pair['access']}"))
    link, _ = download_token(principal, north.id, "file0000000", tokens.DownloadToken.lifetime)
    asked = Credentials(jwt=[link], keyless=True, for_download=True)
    assert authenticate(asked).only_file == "file0000000"
    visitor.post("/v3/auth/logout", {"refresh": pair["refresh"]})
    with pytest.raises(Unauthenticated):
        authenticate(asked)
