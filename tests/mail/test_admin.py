"""Mail in the admin: managers see their own outbox, word their mails, and never a server's password."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from mail.delivery import deliver_due
from mail.models import MailMessage, MailSender, MailTemplate
from mail.outbox import Mail, put
from mail.trial import TRIAL
from tenancy.context import every_tenant, tenant
from tests.conftest import PASSWORD, Party
from tests.crud.staff.pages import Staff, errors

pytestmark = pytest.mark.django_db
OUTBOX, SENDERS, TEMPLATES = (f"/admin/mail/{name}/" for name in ("mailmessage", "mailsender", "mailtemplate"))
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
SECRET = "the-mail-servers-password"


@pytest.fixture
def root(db: None) -> Staff:
    with every_tenant(reason="tests set up a super user, who has no account"):
        user = User(username="root-of-all", email="root@example.org", account=None, super=True)
        user.set_password(PASSWORD)
        user.save()
    return Staff(user, frozenset({SECRET})).sign_in()


def manager_of(party: Party) -> Staff:
    return Staff(party.users["manager"], frozenset({SECRET})).sign_in()


def put_one(party: Party, to: str) -> MailMessage:
    with tenant(party.account.pk):
        put(TRIAL, party.account, [Mail(to, "one")])
        message: MailMessage = MailMessage.objects.get()
    return message


def test_managers_see_their_own_outbox_and_try_again(north: Party, south: Party, mailoutbox: list[Any]) -> None:
    own, foreign = put_one(north, "ada@example.org"), put_one(south, "grace@example.net")
    with every_tenant(reason="tests give a mail up"):
        MailMessage.objects.update(due_on=None, given_up_on=own.created_on, last_error="550 no such mailbox", tries=3)
    manager = manager_of(north)
    listed = manager.get(OUTBOX).content.decode()
    assert "ada@example.org" in listed
    assert "550 no such mailbox" in listed
    assert "grace@example.net" not in listed
    assert manager.get(f"{OUTBOX}{own.pk}/change/").status_code == 200
    assert manager.get(f"{OUTBOX}{foreign.pk}/change/").status_code == 302
    assert "0 mail messages" in " ".join(manager.get(f"{OUTBOX}?state=sent").content.decode().split())
    chosen = {"action": "send_now", "_selected_action": [str(own.pk), str(foreign.pk)]}
    manager.post(OUTBOX, chosen)
    assert deliver_due() == 1
    assert [mail.to for mail in mailoutbox] == [["ada@example.org"]]
    for page in (OUTBOX, SENDERS, TEMPLATES):
        assert Staff(north.users["administrator"], frozenset()).sign_in().get(page).status_code == 403


def test_managers_say_who_mails_are_from_and_super_users_by_which_server(north: Party, root: Staff) -> None:
    manager = manager_of(north)
    given: dict[str, Any] = {"name": "The Office", "reply_to": "office@north.example"}
    assert not manager.form(f"{SENDERS}add/").names & {"host", "port", "user", "password", "from_address", "account"}
    bad = SimpleUploadedFile("logo.svg", b"<svg onload=alert(1)>")
    assert "new_logo" in errors(manager.save(f"{SENDERS}add/", **given, new_logo=bad))
    assert "name" in errors(manager.save(f"{SENDERS}add/", **given | {"name": "a\x07b"}))
    logo = SimpleUploadedFile("logo.png", PNG)
    assert manager.save(f"{SENDERS}add/", **given, new_logo=logo, host="evil.example").status_code == 302
    with tenant(north.account.pk):
        row = MailSender.objects.get()
    assert (row.name, row.reply_to, bytes(row.logo), row.host) == ("The Office", "office@north.example", PNG, None)
    assert manager.get(f"{SENDERS}add/").status_code == 403
    page = f"{SENDERS}{row.pk}/change/"
    assert "data:image/png;base64," in manager.get(page).content.decode()
    assert "from_address" in errors(root.save(page, host="smtp.north.example"))
    server = {"host": "smtp.north.example", "from_address": "post@north.example", "user": "u", "password": SECRET}
    assert root.save(page, **server).status_code == 302
    assert root.save(page, name="").status_code == 302
    with tenant(north.account.pk):
        row = MailSender.objects.get()
    assert (row.name, row.host, row.password, bytes(row.logo)) == (None, "smtp.north.example", SECRET, PNG)
    for path in (SENDERS, page, f"{SENDERS}{row.pk}/history/"):
        assert root.get(path).status_code == 200


def test_an_account_words_its_mails_with_a_preview(
    north: Party, south: Party, root: Staff, mailoutbox: list[Any]
) -> None:
    manager = manager_of(north)
    words = {
        "kind": "trial",
        "subject": "Post from {{ account }}",
        "text": "Dear reader,\n\n{{ account }} <b>writes</b>.",
    }
    for name, bad in (
        ("subject", "Hello {{ password }}"),
        ("text", "{{ account.cfg_json }}"),
        ("text", "{{ link }}"),
        ("html", "<p>{{ settings }}</p>"),
        ("subject", "a\x00b"),
    ):
        assert name in errors(manager.save(f"{TEMPLATES}add/", **words | {name: bad})), (name, bad)
    shown = manager.post(f"{TEMPLATES}preview/", words).content.decode()
    assert "Subject: <strong>Post from North</strong>" in shown
    assert "North &lt;b&gt;writes&lt;/b&gt;." in shown
    assert (
        "There is no {{ password }}"
        in manager.post(f"{TEMPLATES}preview/", words | {"text": "{{ password }}"}).content.decode()
    )
    with tenant(north.account.pk):
        assert not MailTemplate.objects.exists()

    html = "<p>{{ account }} writes.</p><script>alert(1)</script>"
    assert manager.save(f"{TEMPLATES}add/", **words, html=html).status_code == 302
    with tenant(north.account.pk):
        row = MailTemplate.objects.get()
    assert row.html == "<p>{{ account }} writes.</p>"
    assert manager.get(f"{TEMPLATES}{row.pk}/change/").status_code == 200
    put_one(north, "ada@example.org")
    put_one(south, "grace@example.net")
    assert deliver_due() == 2
    texts = {mail.to[0]: (mail.subject, mail.body) for mail in mailoutbox}
    assert texts["ada@example.org"] == ("Post from North", "Dear reader,\n\nNorth <b>writes</b>.\n")
    assert texts["grace@example.net"][0] == "Mail from South works"
    southern = manager_of(south)
    assert southern.get(f"{TEMPLATES}{row.pk}/change/").status_code == 302
    foreign = southern.post(
        f"{TEMPLATES}preview/", words | {"preview_of": str(row.pk), "account": str(north.account.pk)}
    )
    assert "Post from South" in foreign.content.decode()
    assert root.get(f"{TEMPLATES}add/?kind=trial").status_code == 200
    assert "Choose the account" in root.post(f"{TEMPLATES}preview/", words).content.decode()
    assert root.get(f"{TEMPLATES}preview/").status_code == 403
