"""Staff come in and back by mail: a forgotten password, an invitation, the first sign-in of who came with a bundle."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import AccessRequest, OneTimeToken, SecondFactor, SiteDomain, User
from tenancy.context import every_tenant, tenant
from tests.conftest import PASSWORD, Party
from tests.contract.authentication.mailing import links_in, mails_sent, only_link
from tests.contract.conftest import nothing_changes
from tests.crud.staff.pages import Staff

pytestmark = pytest.mark.django_db
FORGOTTEN, SET_PASSWORD, INVITED = (f"/admin/{name}/" for name in ("password_reset", "set_password", "invitation"))
INVITE, USERS = "/admin/accounts/user/invite/", "/admin/accounts/user/"
NEW = "seven green bottles"


@pytest.fixture
def root(db: None) -> Staff:
    with every_tenant(reason="tests set up a super user, who has no account"):
        user = User(username="root-of-all", email="root@example.org", account=None, super=True)
        user.set_password(PASSWORD)
        user.save()
    return Staff(user)


def send(path: str, **given: str) -> Any:
    return Client().post(path, given)


def choose(token: str, password: str = NEW, path: str = SET_PASSWORD, **more: str) -> Any:
    return send(path, token=token, password=password, again=password, **more)


def problems(response: Any) -> str:
    assert response.status_code == 200
    return str(response.context["form"].errors) if "form" in response.context else ""


def can_sign_in(username: str, password: str = NEW) -> bool:
    return bool(Client().post("/admin/login/", {"username": username, "password": password}).status_code == 302)


def test_staff_and_super_users_come_back_by_mail(north: Party, root: Staff) -> None:
    assert 'href="/admin/password_reset/"' in Client().get("/admin/login/").content.decode()
    assert Client().get(FORGOTTEN).status_code == 200
    signed_in = Staff(north.users["manager"]).sign_in()
    for user in (north.users["manager"], root.user):
        assert "on its way" in send(FORGOTTEN, email=f" {user.email} ").content.decode()
        address, token = only_link()
        assert address == "http://testserver/admin/set_password/"
        page = Client().get(SET_PASSWORD)
        assert "no-store" in page.headers["Cache-Control"]
        assert "accounts/token.js" in page.content.decode()
        assert "too short" in problems(choose(token, "short"))
        assert "not the same" in problems(send(SET_PASSWORD, token=token, password=NEW, again="another"))
        assert "is saved" in choose(token).content.decode()
        assert "not good any more" in problems(choose(token, "eight green bottles"))
        assert can_sign_in(user.username)
    assert signed_in.client.get("/admin/").status_code == 302, "the sessions of before end"


def test_the_page_says_the_same_whoever_asks(north: Party) -> None:
    with tenant(north.account.pk):
        User.objects.filter(username="north-administrator").update(enable=False)
    said = [
        re.sub(r"csrf\S+", "", send(FORGOTTEN, email=email).content.decode())
        for email in ("nobody@example.org", "user@north.example.org", "administrator@north.example.org")
    ]
    assert "on its way" in said[0]
    assert AccessRequest.objects.count() == 3
    assert mails_sent() == []
    for bad in ("nobody", "", "a@b.org\nBcc: c@d.org"):
        assert problems(send(FORGOTTEN, email=bad))
    answers = [send(FORGOTTEN, email="nobody@example.org") for _ in range(6)]
    assert "Too many" in problems(answers[-1])


def test_a_colleague_is_invited_and_the_page_says_what_each_role_may_do(north: Party, south: Party) -> None:
    manager = Staff(north.users["manager"], frozenset({"South", south.fqdn})).sign_in()
    assert "Invite a colleague" in manager.get(USERS).content.decode()
    page = manager.get(INVITE).content.decode()
    assert "Comes into the admin" in page
    assert 'name="account"' not in page
    with nothing_changes():
        for bad in ({"email": "x"}, {"role": "super"}, {"name": "a\x07"}, {"email": "a@b.org\r\nBcc: c@d.org"}):
            given = {"email": "ada@example.org", "role": "manager", "name": "Ada"} | bad
            assert problems(manager.post(INVITE, given)), bad
    given = {"email": "ada@example.org", "role": "administrator", "name": "Ada", "account": str(south.account.pk)}
    assert manager.post(INVITE, given).status_code == 302
    address, token = only_link()
    assert address == "http://testserver/admin/invitation/"
    assert Client().get(INVITED).status_code == 200
    taken = choose(token, path=INVITED, username="south-manager")
    assert "taken" in problems(taken)
    assert "can sign in" in choose(token, path=INVITED, username="ada").content.decode()
    assert "not good any more" in problems(choose(token, path=INVITED, username="eve"))
    assert can_sign_in("ada")
    with tenant(north.account.pk):
        assert User.objects.get(username="ada").role.label == "administrator"
    # Who only uses the account's sites is led there.
    manager.post(INVITE, {"email": "grace@example.org", "role": "user"})
    assert only_link()[0] == "https://north.example.org/auth/invite"
    for role in ("user", "administrator"):
        person = Staff(north.users[role])
        if role == "administrator":
            person.sign_in()
        assert person.get(INVITE).status_code in (302, 403)
        assert person.post(INVITE, given).status_code in (302, 403)


def test_a_super_user_invites_into_an_account(north: Party, south: Party, root: Staff) -> None:
    root.sign_in()
    given = {"email": "ada@example.org", "role": "manager", "account": str(south.account.pk)}
    assert problems(root.post(INVITE, given | {"account": ""}))
    assert root.post(INVITE, given).status_code == 302
    choose(only_link()[1], path=INVITED)
    with tenant(south.account.pk):
        assert User.objects.get(email="ada@example.org").manager


def without_password(party: Party, role: str) -> User:
    with tenant(party.account.pk):
        user: User = User.objects.get(pk=party.users[role].pk)
        user.set_unusable_password()
        user.save()
    return user


def test_who_came_with_a_bundle_chooses_a_password(
    north: Party, south: Party, root: Staff, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the command, where nobody knows a request: staff need AETHER_PUBLIC_URL, others their front end."""
    settings.AETHER_PUBLIC_URL = "https://aether.example.org"
    staff, member = without_password(north, "administrator"), without_password(north, "user")
    without_password(south, "user")
    call_command("send_password_links", "--account", "north", "--dry-run")
    assert mails_sent() == []
    call_command("send_password_links", "--account", "north")
    assert capsys.readouterr().out.split() == ["north-administrator", "north-user"] * 2
    links = {mail.to[0]: links_in(mail) for mail in mails_sent()}
    assert {address: place for address, ((place, _),) in links.items()} == {
        "administrator@north.example.org": "https://aether.example.org/admin/set_password/",
        "user@north.example.org": "https://north.example.org/auth/reset",
    }
    assert "is saved" in choose(links[staff.email or ""][0][1]).content.decode()
    assert can_sign_in(staff.username)
    assert not member.has_usable_password()
    with pytest.raises(CommandError, match="no such user"):
        call_command("send_password_links", "--account", "north", "--username", "south-user")


def test_managers_mail_links_to_their_own_users_only(north: Party, south: Party, root: Staff) -> None:
    manager = Staff(north.users["manager"]).sign_in()
    ids = [str(without_password(party, "user").pk) for party in (north, south)]
    silent = north.users["administrator"]
    with tenant(north.account.pk):
        User.objects.filter(pk=silent.pk).update(email=None)
    chosen = [*ids, str(silent.pk), str(root.user.pk)]
    manager.post(USERS, {"action": "mail_password_links", "_selected_action": chosen})
    assert [mail.to for mail in mails_sent()] == [["user@north.example.org"]]
    with every_tenant(reason="tests count tokens"):
        assert OneTimeToken.objects.count() == 1


def test_managers_take_away_second_factors_of_their_own_users_only(north: Party, south: Party, root: Staff) -> None:
    users = [north.users["user"], south.users["user"], root.user]
    for user in users:
        SecondFactor.objects.create(user=user, secret="-", confirmed_on=user.created_on)
    manager = Staff(north.users["manager"]).sign_in()
    chosen = [str(user.pk) for user in users]
    manager.post(USERS, {"action": "take_away_second_factor", "_selected_action": chosen})
    assert {row.user_id for row in SecondFactor.objects.all()} == {users[1].pk, root.user.pk}


def test_no_link_leads_to_another_accounts_page(north: Party, south: Party, root: Staff) -> None:
    """A super user acts in all accounts at once; an account without a domain has no page but the admin's."""
    with tenant(north.account.pk):
        SiteDomain.objects.all().delete()
    root.sign_in()
    given = {"email": "ada@example.org", "role": "user", "account": str(north.account.pk)}
    root.post(INVITE, given)
    assert only_link()[0] == "http://testserver/admin/invitation/"
    user = without_password(north, "user")
    root.post(USERS, {"action": "mail_password_links", "_selected_action": [str(user.pk)]})
    assert only_link()[0] == "http://testserver/admin/set_password/"
