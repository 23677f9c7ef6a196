"""Changing one's own password, by the rules that are told."""

from __future__ import annotations

import pytest

from tests.conftest import PASSWORD, Caller, Party
from tests.contract.authentication.asking import BAD_TOKEN, login, refused_everywhere, with_token
from tests.contract.conftest import FOREIGN, nothing_changes, refusal

pytestmark = pytest.mark.django_db
CHANGE = "/v3/auth/password/change"
NEW = "seven green bottles"


def test_a_changed_password_ends_all_other_sessions(north: Party, visitor: Caller) -> None:
    mine, other = login(visitor, north, "user"), login(visitor, north, "user")
    answer = with_token(visitor, mine["access"]).post(CHANGE, {"old": PASSWORD, "new": NEW})
    assert (answer.status, set(answer.data)) == (200, {"access", "refresh"})
    assert with_token(visitor, answer.data["access"]).get("/v3/auth/whoami").data["role"] == "user"
    for pair in (mine, other):
        refused_everywhere(visitor, pair["access"], "the password is another one")
        assert refusal(visitor.post("/v3/auth/refresh", {"refresh": pair["refresh"]})) == BAD_TOKEN
    assert visitor.post("/v3/auth/refresh", {"refresh": answer.data["refresh"]}).status == 200
    name = north.users["user"].username
    assert visitor.post("/v3/auth/login", {"username": name, "password": PASSWORD}).status == 401
    assert visitor.post("/v3/auth/login", {"username": name, "password": NEW}).status == 200


def test_what_is_refused_changes_nothing(north: Party, visitor: Caller) -> None:
    me = with_token(visitor, login(visitor, north, "user")["access"])
    guest = visitor.post("/v3/auth/guest", {"site_id": north.site.id_random}).data["jwt"]
    with nothing_changes():
        for caller in (visitor, north.manager, with_token(visitor, guest)):
            assert refusal(caller.post(CHANGE, {"old": PASSWORD, "new": NEW})) == FOREIGN
        for new in ("", "short", "password123", north.users["user"].username, "x" * 4_097):
            assert refusal(me.post(CHANGE, {"old": PASSWORD, "new": new})) == (400, "validation", 400), new
        for body in ({}, [], {"old": PASSWORD}, {"old": 1, "new": NEW}, {"old": PASSWORD, "new": NEW, "user": "x"}):
            assert refusal(me.post(CHANGE, body))[0] == 400, body
        for _ in range(5):
            assert refusal(me.post(CHANGE, {"old": "wrong", "new": NEW})) == BAD_TOKEN
        assert refusal(me.post(CHANGE, {"old": PASSWORD, "new": NEW})) == (429, "throttled", 429)


def test_the_rules_are_told(visitor: Caller) -> None:
    told = visitor.get("/v3/auth/rules").data
    assert told["min_length"] == 10
    assert [rule["code"] for rule in told["rules"]] == [
        "user_attribute_similarity",
        "minimum_length",
        "common_password",
    ]
    assert all(rule["text"] for rule in told["rules"])
