"""People get into an account by invitation: as what a manager made them, once, and into no other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from accounts import standing
from accounts.models import ApiKey, OneTimeToken, User
from mail.delivery import PER_TURN
from mail.models import MailMessage
from tenancy.context import every_tenant, tenant
from tests.conftest import Caller, Party
from tests.contract.authentication.asking import BAD_TOKEN, login, with_token
from tests.contract.authentication.mailing import links_in, mails_sent, only_link
from tests.contract.conftest import BAD_REFERENCE, FOREIGN, nothing_changes, refusal

pytestmark = pytest.mark.django_db
INVITE, ACCEPT = "/v3/auth/invite", "/v3/auth/invite/accept"
PASSWORD = "seven green bottles"


def invite(caller: Caller, **more: str) -> Any:
    answer = caller.post(INVITE, {"email": "ada@example.org", "role": "administrator"} | more)
    assert answer.status == 202, answer.body
    return answer.data


def test_somebody_becomes_what_they_were_invited_as(north: Party, south: Party, visitor: Caller) -> None:
    manager = with_token(visitor, login(visitor, north, "manager")["access"])
    told = invite(manager, name="Ada", site_id=north.site.id_random)
    assert set(told) == {"invitation_id", "expires_on"}
    (message,) = mails_sent()
    assert message.to == ["ada@example.org"]
    assert "north-manager invites you to North, as administrator." in message.body
    ((address, token),) = links_in(message)
    assert address == "https://north.example.org/auth/invite"
    southern = Caller({"x-aether-api-key": south.keys["publishable"]})
    with nothing_changes():
        assert refusal(southern.post(ACCEPT, {"token": token, "password": PASSWORD})) == BAD_TOKEN
        for weak in ("short", "", "y" * 4_097):
            assert visitor.post(ACCEPT, {"token": token, "password": weak}).status == 400, weak
        taken = visitor.post(ACCEPT, {"token": token, "password": PASSWORD, "username": "SOUTH-manager"})
        assert (taken.status, taken.meta["details"]["code"]) == (400, 1062)
    answer = visitor.post(ACCEPT, {"token": token, "username": "ada", "password": PASSWORD})
    assert answer.status == 201
    assert set(answer.data) == set(login(visitor, north, "user"))
    assert answer.data["account_id"] == north.id
    assert answer.data["roles"] == {"super": False, "manager": False, "administrator": True}
    with tenant(north.account.pk):
        user = User.objects.get(username="ada")
    assert (user.email, user.name, user.role.label) == ("ada@example.org", "Ada", "administrator")
    assert user.verified_on
    with nothing_changes():
        assert refusal(visitor.post(ACCEPT, {"token": token, "username": "eve", "password": PASSWORD})) == BAD_TOKEN
    assert visitor.post("/v3/auth/login", {"email": "ada@example.org", "password": PASSWORD}).status == 200


def test_only_managers_invite_and_to_no_more_than_they_are(north: Party, south: Party, visitor: Caller) -> None:
    body = {"email": "ada@example.org", "role": "user"}
    reader = Caller({"x-aether-api-key": north.keys["read_only"], "x-account-id": north.id})
    with nothing_changes():
        for caller in (visitor, north.guest, north.member, north.administrator, reader):
            assert refusal(caller.post(INVITE, body)) == FOREIGN
        assert north.manager.with_headers(**{"x-account-id": south.id}).post(INVITE, body).status == 403
        for role in ("super", "guest", "exhibitor", "nobody", "", "Manager"):
            assert north.manager.post(INVITE, body | {"role": role}).status == 400, role
        for bad in ("ada", "ada@example.org\r\nBcc: x@y.org", ""):
            assert north.manager.post(INVITE, body | {"email": bad}).status == 400, bad
        assert north.manager.post(INVITE, body | {"name": "Ada\r\nBcc: x@y.org"}).status == 400
        for site in (south.site.id_random, "nowhere0000"):
            assert refusal(north.manager.post(INVITE, body | {"site_id": site})) == BAD_REFERENCE
        assert north.manager.post(INVITE, body | {"account": south.id}).status == 400
    assert mails_sent() == []


def test_an_invitation_ends_after_a_week_and_with_whoever_invited(north: Party, visitor: Caller) -> None:
    manager = with_token(visitor, login(visitor, north, "manager")["access"])
    invite(manager)
    _, token = only_link()
    body = {"token": token, "password": PASSWORD}
    with nothing_changes(), time_machine.travel(timezone.now() + timedelta(days=7, minutes=1)):
        assert refusal(visitor.post(ACCEPT, body)) == BAD_TOKEN
    with every_tenant(reason="tests take a manager's role"):
        User.objects.filter(username="north-manager").update(manager=False, administrator=True)
    assert refusal(visitor.post(ACCEPT, body)) == BAD_TOKEN

    invite(north.manager, email="grace@example.org")
    _, by_key = only_link()
    ApiKey.objects.filter(name="North manager").update(enable=False)
    standing.forget()
    assert refusal(visitor.post(ACCEPT, {"token": by_key, "password": PASSWORD})) == BAD_TOKEN


def test_who_has_a_user_already_is_told_and_the_manager_is_not(north: Party, south: Party, visitor: Caller) -> None:
    known = invite(north.manager, email="USER@south.example.org")
    unknown = invite(north.manager, email="ada@example.org")
    assert set(known) == set(unknown)
    told, invited = mails_sent()
    assert links_in(told) == []
    assert "There is a user with this address already" in told.body
    assert len(links_in(invited)) == 1
    assert told.subject == invited.subject
    # A user who came in between: the address is taken.
    with tenant(south.account.pk):
        User(username="ada", email="ada@example.org", password="!").save()
    answer = visitor.post(ACCEPT, {"token": links_in(invited)[0][1], "password": PASSWORD})
    assert (answer.status, answer.meta["details"]["code"]) == (400, 1062)


def test_a_thousand_at_once_are_a_queue(north: Party) -> None:
    people = [{"email": f"guest{number}@example.org", "role": "user"} for number in range(1_000)]
    answer = north.manager.post(INVITE, {"invitations": people}, **{"idempotency-key": "once"})
    assert answer.status == 202
    told = answer.data["invitations"]
    assert len({entry["invitation_id"] for entry in told}) == 1_000
    assert mail.outbox == []
    again = north.manager.post(INVITE, {"invitations": people}, **{"idempotency-key": "once"})
    assert again.data == answer.data
    with tenant(north.account.pk):
        assert MailMessage.objects.filter(is_bulk=True).count() == OneTimeToken.objects.count() == 1_000
    assert PER_TURN < 1_000

    with nothing_changes():
        for bad in (
            [],
            [*people, people[0]],
            [people[0], people[0] | {"email": "GUEST0@example.org"}],
            [people[0] | {"role": "super"}],
            ["x"],
            {},
        ):
            assert north.manager.post(INVITE, {"invitations": bad}).status == 400
        assert north.manager.post(INVITE, {"invitations": people[:1], "role": "user"}).status == 400


def test_super_users_invite_into_the_account_that_they_name(north: Party, bypass: Caller, visitor: Caller) -> None:
    body = {"email": "ada@example.org", "role": "manager"}
    assert bypass.post(INVITE, body).status == 400
    key = {"x-aether-api-key": bypass.headers["x-aether-api-key"], "x-account-id": north.id}
    assert Caller(key).post(INVITE, body).status == 202
    _, token = only_link()
    assert visitor.post(ACCEPT, {"token": token, "password": PASSWORD}).data["roles"]["manager"] is True
