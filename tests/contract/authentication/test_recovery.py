"""A new password and a link to sign in, by mail: for whoever has the address, once, and nobody is told who that is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts import access_requests, standing
from accounts.models import AccessRequest, ApiKey, OneTimeToken, User
from accounts.tasks import forget_expired
from mail.models import MailMessage
from tenancy.context import every_tenant, tenant
from tests.conftest import PASSWORD, Caller, Party
from tests.contract.authentication.asking import BAD_TOKEN, login, refused_everywhere
from tests.contract.authentication.mailing import links_in, mails_sent, only_link
from tests.contract.conftest import nothing_changes, refusal

pytestmark = pytest.mark.django_db
RESET, CONFIRM = "/v3/auth/password/reset", "/v3/auth/password/reset/confirm"
MAGIC, MAGIC_CONFIRM = "/v3/auth/magic_link", "/v3/auth/magic_link/confirm"
NEW = "seven green bottles"


def change(row: Any, **values: Any) -> None:
    with every_tenant(reason="tests change rows of both accounts"):
        for name, value in values.items():
            setattr(row, name, value)
        row.save()


def ask_for_reset(visitor: Caller, party: Party, role: str = "user", **headers: str) -> None:
    answer = visitor.post(RESET, {"email": party.users[role].email, "site_id": party.site.id_random}, **headers)
    assert (answer.status, answer.data) == (202, {"accepted": True})


def test_a_forgotten_password_is_replaced_by_mail(north: Party, visitor: Caller) -> None:
    pair = login(visitor, north, "user")
    ask_for_reset(visitor, north)
    (message,) = mails_sent()
    assert message.to == ["user@north.example.org"]
    assert message.subject == "A new password for North"
    ((address, token),) = links_in(message)
    assert address == "https://north.example.org/auth/reset"
    for weak in ("short", "password123", "x" * 4_097, "", "short", "north-user1", "1234567890"):
        answer = visitor.post(CONFIRM, {"token": token, "new": weak})
        assert (answer.status, answer.meta["details"]["category"]) == (400, "validation"), weak
    assert visitor.post(CONFIRM, {"token": token, "new": NEW}).status == 200
    username = north.users["user"].username
    assert visitor.post("/v3/auth/login", {"username": username, "password": PASSWORD}).status == 401
    assert visitor.post("/v3/auth/login", {"username": username, "password": NEW}).status == 200
    refused_everywhere(visitor, pair["access"], "before the reset")
    assert visitor.post("/v3/auth/refresh", {"refresh": pair["refresh"]}).status == 401
    with tenant(north.account.pk):
        assert User.objects.get(username=username).verified_on
        assert not str(MailMessage.objects.get().__dict__).count(token)


def test_the_answer_is_the_same_whoever_asks(north: Party, south: Party, visitor: Caller) -> None:
    """Known, unknown, of another account, disabled, a super user; a site that is unknown, or that the key does not open."""
    with every_tenant(reason="tests set up a super user, who has no account"):
        User(username="root-of-all", email="root@example.org", account=None, super=True, password="!").save()
    change(north.users["administrator"], enable=False)
    site, foreign_site = north.site.id_random, south.site.id_random
    bodies = [
        {"email": "nobody@north.example.org", "site_id": site},
        {"email": "user@south.example.org", "site_id": site},
        {"email": "administrator@north.example.org", "site_id": site},
        {"email": "root@example.org", "site_id": site},
        {"email": "user@north.example.org", "site_id": "nowhere0000"},
        {"email": "user@south.example.org", "site_id": foreign_site},
        {"email": "user@north.example.org", "fqdn": "south.example.org"},
        {"email": "user@north.example.org", "fqdn": "not a name"},
    ]
    answers = [visitor.post(RESET, body) for body in bodies]
    assert {(answer.status, str(answer.data)) for answer in answers} == {(202, "{'accepted': True}")}
    assert AccessRequest.objects.count() == len(bodies)
    assert mails_sent() == []
    assert not AccessRequest.objects.exists()
    assert visitor.post(RESET, {"email": "USER@north.example.org", "fqdn": "North.Example.Org."}).status == 202
    address, _ = only_link()
    assert address == "https://north.example.org/auth/reset"


def test_it_costs_the_same_whoever_asks(north: Party, visitor: Caller, django_assert_num_queries: Any) -> None:
    site = north.site.id_random
    visitor.post(RESET, {"email": "warm@example.org", "site_id": site})
    for email in ("user@north.example.org", "nobody@north.example.org"):
        with django_assert_num_queries(2):  # the site, and the wish
            assert visitor.post(RESET, {"email": email, "site_id": site}).status == 202


def test_requests_are_throttled_for_known_and_unknown_alike(north: Party, visitor: Caller) -> None:
    for email in ("user@north.example.org", "nobody@north.example.org"):
        body = {"email": email, "site_id": north.site.id_random}
        statuses = [visitor.post(RESET, body).status for _ in range(6)]
        assert statuses == [202] * 5 + [429], email
        # The same name in another spelling is the same name.
        assert visitor.post(RESET, body | {"email": email.upper()}).status == 429


def test_bad_requests_are_refused_and_write_nothing(visitor: Caller) -> None:
    bodies: list[Any] = [
        {},
        {"email": "a@b.org"},
        {"email": "a@b.org", "site_id": "x", "fqdn": "y"},
        {"email": "nobody", "site_id": "x"},
        {"email": "a@b.org\r\nBcc: c@d.org", "site_id": "x"},
        {"email": "a@b.org\x00", "site_id": "x"},
        {"email": "😀", "site_id": "x"},
        {"email": ["a@b.org"], "site_id": "x"},
        {"email": "a" * 300 + "@b.org", "site_id": "x"},
        {"email": "a@b.org", "site_id": "x", "user": "y"},
        [],
    ]
    with nothing_changes():
        for body in bodies:
            for path in (RESET, MAGIC):
                assert visitor.post(path, body).status == 400, (path, body)
        for path in (CONFIRM, MAGIC_CONFIRM):
            assert visitor.post(path, {"token": ""}).status == 400
            assert visitor.post(path, {"token": "x" * 1_000_000}).status == 400
    assert not AccessRequest.objects.exists()
    assert Caller({}).post(RESET, {"email": "a@b.org", "site_id": "x"}).status == 403, "without a key"


def test_a_token_is_good_once_and_not_for_long(north: Party, south: Party, visitor: Caller) -> None:
    ask_for_reset(visitor, north)
    _, first = only_link()
    ask_for_reset(visitor, north)
    _, second = only_link()
    southern = Caller({"x-aether-api-key": south.keys["publishable"]})
    later = timezone.now() + timedelta(minutes=31)
    with nothing_changes():
        assert refusal(southern.post(CONFIRM, {"token": first, "new": NEW})) == BAD_TOKEN
        assert visitor.post(MAGIC_CONFIRM, {"token": first}).status == 401
        assert visitor.post("/v3/auth/invite/accept", {"token": first, "password": NEW}).status == 401
        assert visitor.post("/v3/auth/verify", {"token": first}).status == 401
        assert visitor.post("/v3/auth/refresh", {"refresh": first}).status == 401
        for broken in (first[:-2], first + "A", f"{first[:-1]}=", "x", "ü", "a.b.c"):
            assert refusal(visitor.post(CONFIRM, {"token": broken, "new": NEW})) == BAD_TOKEN
        with time_machine.travel(later):
            assert refusal(visitor.post(CONFIRM, {"token": first, "new": NEW})) == BAD_TOKEN
    refused_everywhere(visitor, first, "a token of a mail")
    assert visitor.post(CONFIRM, {"token": first, "new": NEW}).status == 200
    with nothing_changes():
        assert refusal(visitor.post(CONFIRM, {"token": first, "new": NEW})) == BAD_TOKEN
        assert refusal(visitor.post(CONFIRM, {"token": second, "new": NEW})) == BAD_TOKEN, "of the old password"


@pytest.mark.parametrize("what", ["user", "account", "hidden", "key"])
def test_nothing_opens_for_who_was_disabled_since(north: Party, visitor: Caller, what: str) -> None:
    ask_for_reset(visitor, north)
    _, token = only_link()
    match what:
        case "user":
            change(north.users["user"], enable=False)
        case "hidden":
            change(north.users["user"], hide=True)
        case "account":
            change(north.account, enable=False)
        case "key":
            ApiKey.objects.update(enable=False)
    standing.forget()
    with nothing_changes():
        assert visitor.post(CONFIRM, {"token": token, "new": NEW}).status in (401, 403)


def test_time_counts_from_when_the_mail_leaves(north: Party, visitor: Caller) -> None:
    ask_for_reset(visitor, north)
    with time_machine.travel(timezone.now() + timedelta(hours=1)) as clock:
        _, token = only_link()
        clock.shift(timedelta(minutes=29))
        assert visitor.post(CONFIRM, {"token": token, "new": NEW}).status == 200


def test_a_user_gone_before_the_mail_left_gets_none(north: Party, visitor: Caller) -> None:
    ask_for_reset(visitor, north)
    access_requests.answer_all()
    change(north.users["user"], enable=False)
    assert mails_sent() == []
    with tenant(north.account.pk):
        assert MailMessage.objects.get().state == "given up"


def test_two_users_of_one_address_get_one_mail_with_a_link_each(north: Party, south: Party, visitor: Caller) -> None:
    change(north.users["user"], email="ada@bücher.example")
    change(north.users["administrator"], email="ada@xn--bcher-kva.example")
    change(south.users["user"], email=None, username="ada@bücher.example")
    visitor.post(RESET, {"email": "ada@bücher.example", "site_id": north.site.id_random})
    (message,) = mails_sent()
    links = links_in(message)
    assert len(links) == 2
    for username, (_, token) in zip(("north-user", "north-administrator"), links, strict=True):
        assert f"{username}:\n" in message.body
        assert visitor.post(CONFIRM, {"token": token, "new": NEW}).status == 200
        assert visitor.post("/v3/auth/login", {"username": username, "password": NEW}).status == 200


def test_an_address_that_only_looks_like_another_gets_nothing_of_it(north: Party, visitor: Caller) -> None:
    change(north.users["user"], email="mike@north.example.org")
    visitor.post(RESET, {"email": "mıke@north.example.org", "site_id": north.site.id_random})
    assert [mail.to for mail in mails_sent()] in ([], [["mike@north.example.org"]])


def test_links_lead_where_the_account_says(north: Party, visitor: Caller) -> None:
    for bad in ("javascript:alert(1)", "ftp://x.org", "https://x.org/#/a", "/auth", "https://u:p@x.org", 7):
        answer = north.manager.patch(f"/v3/crud/account/{north.id}", {"cfg_json": {"auth": {"reset_url": bad}}})
        assert answer.status == 400, bad
    cfg = {"auth": {"reset_url": "https://app.north.example/new-password?x=1"}}
    assert north.manager.patch(f"/v3/crud/account/{north.id}", {"cfg_json": cfg}).status == 200
    ask_for_reset(visitor, north)
    assert only_link()[0] == "https://app.north.example/new-password?x=1"


def test_passwords_mean_the_same_on_a_mac_and_a_pc_and_old_hashes_hold(north: Party, visitor: Caller) -> None:
    decomposed, composed = "zu\u0308rich bei nacht", "z\u00fcrich bei nacht"
    ask_for_reset(visitor, north)
    assert visitor.post(CONFIRM, {"token": only_link()[1], "new": decomposed}).status == 200
    name = {"username": north.users["user"].username}
    for secret in (decomposed, composed):
        assert visitor.post("/v3/auth/login", name | {"password": secret}).status == 200
    with tenant(north.account.pk):
        User.objects.filter(username=name["username"]).update(password=make_password(decomposed))
    assert visitor.post("/v3/auth/login", name | {"password": decomposed}).status == 200


# Links to sign in


def allow_magic(party: Party, allowed: Any = True) -> None:
    change(party.site, cfg_json={"auth": {"magic_link": allowed}})


def test_a_link_signs_in_once_where_the_site_allows_it(north: Party, south: Party, visitor: Caller) -> None:
    body = {"email": "user@north.example.org", "site_id": north.site.id_random}
    for refused in (False, "yes", None):
        allow_magic(north, refused)
        assert visitor.post(MAGIC, body).status == 202
        assert mails_sent() == []
    allow_magic(north)
    assert visitor.post(MAGIC, body).status == 202
    address, token = only_link()
    assert address == "https://north.example.org/auth/magic"
    southern = Caller({"x-aether-api-key": south.keys["publishable"]})
    with nothing_changes():
        assert refusal(southern.post(MAGIC_CONFIRM, {"token": token})) == BAD_TOKEN
        with time_machine.travel(timezone.now() + timedelta(minutes=16)):
            assert refusal(visitor.post(MAGIC_CONFIRM, {"token": token})) == BAD_TOKEN
        allow = north.site.cfg_json
    change(north.site, cfg_json={})
    assert refusal(visitor.post(MAGIC_CONFIRM, {"token": token})) == BAD_TOKEN
    change(north.site, cfg_json=allow)
    answer = visitor.post(MAGIC_CONFIRM, {"token": token})
    assert answer.status == 200
    assert answer.data["user"]["username"] == "north-user"
    assert set(answer.data) == set(login(visitor, north, "user"))
    assert visitor.with_headers(authorization=f"Bearer {answer.data['access']}").get("/v3/auth/whoami").status == 200
    assert refusal(visitor.post(MAGIC_CONFIRM, {"token": token})) == BAD_TOKEN


def test_a_link_to_sign_in_ends_with_the_password(north: Party, visitor: Caller) -> None:
    allow_magic(north)
    visitor.post(MAGIC, {"email": "user@north.example.org", "site_id": north.site.id_random})
    _, token = only_link()
    user = north.users["user"]
    user.set_password(NEW)
    change(user)
    assert refusal(visitor.post(MAGIC_CONFIRM, {"token": token})) == BAD_TOKEN


# What is on offer


def test_a_site_says_how_to_sign_in(north: Party, south: Party, visitor: Caller) -> None:
    methods = "/v3/auth/methods"
    expected = {"password": True, "magic_link": False, "passcode": False, "mfa": True, "oidc": []}
    assert visitor.get(f"{methods}?site_id={north.site.id_random}").data == expected
    allow_magic(north)
    change(north.site, passcodes={"manager": make_password("open sesame")})
    found = visitor.get(f"{methods}?site_id={north.site.id_random}").data
    assert found == expected | {"magic_link": True, "passcode": True}
    for unknown in ("nowhere0000", south.site.id_random, "x"):
        assert visitor.get(f"{methods}?site_id={unknown}").status == 404
    assert visitor.get(methods).status == 400
    assert visitor.get(f"{methods}?site_id={north.site.id_random}&x=1").status == 400
    change(north.site, hide=True)
    assert visitor.get(f"{methods}?site_id={north.site.id_random}").status == 404


def test_old_tokens_are_forgotten(north: Party, visitor: Caller) -> None:
    ask_for_reset(visitor, north)
    only_link()
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        forget_expired.run()
    with every_tenant(reason="tests read tokens"):
        assert not OneTimeToken.objects.exists()
