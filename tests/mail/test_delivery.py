"""From the outbox to a mail server: once, again after what may pass, and told where it may not."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from mail import delivery
from mail.delivery import deliver_due
from mail.models import MailMessage, MailSender
from mail.outbox import Mail, put
from mail.trial import TRIAL
from tenancy.context import every_tenant, tenant
from tests.conftest import Party
from tests.mail.smtp_server import PASSWORD, USER, Postbox, certificate, smtp_server

pytestmark = pytest.mark.django_db
NOON = "2026-05-01T12:00:00Z"


def put_one(party: Party, to: str = "ada@example.org", cause: str = "one", **more: Any) -> int:
    with tenant(party.account.pk):
        return put(TRIAL, party.account, [Mail(to, cause)], **more)


def stored(cause: str = "one") -> MailMessage:
    with every_tenant(reason="tests read the outbox"):
        found: MailMessage = MailMessage.objects.select_related("account").get(cause=cause)
    return found


def test_a_mail_is_sent_once_in_the_name_of_its_account(north: Party, server: int, postbox: Postbox) -> None:
    with tenant(north.account.pk):
        MailSender(account=north.account, reply_to="office@north.example").save()
    put_one(north)
    assert put_one(north) == 0
    assert (deliver_due(), deliver_due()) == (1, 0)
    (mail,) = postbox.mails
    assert (mail["From"], mail["To"], mail["Reply-To"]) == (
        "North <post@example.org>",
        "ada@example.org",
        "office@north.example",
    )
    assert mail["Subject"] == "Mail from North works"
    message = stored()
    assert mail["Message-ID"] == f"<{message.id_random}@example.org>"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "This is a test of the mails of North." in text.get_content()
    assert "<p>Nothing needs to be done.</p>" in html.get_content()
    assert (message.state, message.tries, message.last_error, message.due_on) == ("sent", 1, None, None)


def test_what_may_pass_is_tried_again_with_growing_patience_and_given_up_after_two_days(
    north: Party, server: int, postbox: Postbox
) -> None:
    postbox.say = lambda address: "451 come back later"
    put_one(north)
    with time_machine.travel(NOON, tick=False) as clock:
        with every_tenant(reason="tests set the clock of the outbox"):
            MailMessage.objects.update(due_on=timezone.now(), queued_on=timezone.now())
        waits = []
        while (message := stored()).state == "waiting":
            deliver_due()
            again = stored()
            if again.due_on is not None:
                waits.append((again.due_on - timezone.now()) // timedelta(minutes=1))
                assert again.last_error == "451 come back later"
                assert deliver_due() == 0
                assert stored().tries == again.tries
                clock.move_to(again.due_on)
    assert waits[:8] == [1, 2, 5, 10, 30, 60, 60, 60]
    assert sum(waits) <= 48 * 60 < sum(waits) + 60
    assert message.state == "given up"
    assert message.last_error == f"Given up after {message.tries} tries: 451 come back later"
    assert postbox.mails == []


def test_what_is_final_is_told_at_once_and_others_go_on(north: Party, server: int, postbox: Postbox) -> None:
    postbox.say = lambda address: "550 no such\tmailbox" if address == "nobody@example.org" else ""
    put_one(north, "nobody@example.org")
    put_one(north, "ada@example.org", "two")
    assert deliver_due() == 1
    refused = stored()
    assert (refused.state, refused.tries, refused.last_error) == ("given up", 1, "550 no such mailbox")
    assert postbox.recipients == ["ada@example.org"]


def test_nothing_is_lost_while_the_server_is_away_for_an_hour(
    north: Party, postbox: Postbox, by_smtp: Callable[[int], None]
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        by_smtp(probe.getsockname()[1])  # bound and not listening: refused
        causes = [f"m{number}" for number in range(15)]
        with time_machine.travel(NOON, tick=False) as clock:
            with tenant(north.account.pk):
                put(TRIAL, north.account, [Mail("ada@example.org", cause) for cause in causes])
            for _ in range(60):
                deliver_due()
                clock.shift(timedelta(minutes=1))
            with every_tenant(reason="tests read the outbox"):
                errors = set(MailMessage.objects.exclude(tries=0).values_list("last_error", flat=True))
            assert errors
            assert all("refused" in str(error) for error in errors)
            with smtp_server(postbox) as port:
                by_smtp(port)
                for _ in range(70):
                    deliver_due()
                    clock.shift(timedelta(minutes=1))
    assert len(postbox.mails) == len({mail["Message-ID"] for mail in postbox.mails}) == len(causes)


def test_a_lost_answer_means_twice_with_the_same_message_id(north: Party, server: int, postbox: Postbox) -> None:
    postbox.after_data = "451 too tired to say yes"
    put_one(north)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        deliver_due()
        postbox.after_data = ""
        clock.shift(timedelta(minutes=1, seconds=1))
        assert deliver_due() == 1
    first, second = postbox.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_a_worker_that_dies_leaves_its_mail_to_the_next(
    north: Party, server: int, postbox: Postbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: Any) -> None:
        raise Killed

    put_one(north)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        with monkeypatch.context() as patch:
            patch.setattr(delivery, "_send", die)
            with pytest.raises(Killed):
                deliver_due()
        assert deliver_due() == 0, "somebody may be sending it"
        clock.shift(delivery.CLAIMED)
        assert deliver_due() == 1
    assert len(postbox.mails) == 1


def test_two_workers_share_the_outbox_and_none_sends_twice(north: Party, server: int, postbox: Postbox) -> None:
    put_one(north)
    first, second = stored(), stored()
    with tenant(north.account.pk):
        assert delivery._claim(first)
        assert not delivery._claim(second)


def test_ten_thousand_of_one_account_hold_up_nobody(
    north: Party, south: Party, monkeypatch: pytest.MonkeyPatch, mailoutbox: list[Any]
) -> None:
    with tenant(north.account.pk):
        many = [Mail(f"guest{number}@example.org", f"bulk{number}") for number in range(10_000)]
        assert put(TRIAL, north.account, many, is_bulk=True) == 10_000
    put_one(south, "ada@example.org", "hers")
    put_one(north, "grace@example.org", "urgent")
    turns = iter([["first"], []])
    owners = delivery._owners
    monkeypatch.setattr(delivery, "_owners", lambda connections: owners(connections) if next(turns) else [])
    assert deliver_due() == delivery.PER_TURN + 1, "one turn of each"
    sent = [mail.to[0] for mail in mailoutbox]
    assert {"ada@example.org", "grace@example.org"} <= set(sent)


# The account's own server


def own_server(party: Party, port: int, **more: Any) -> None:
    values = {"host": "localhost", "port": port, "from_address": "post@north.example", "security": "none"} | more
    with tenant(party.account.pk):
        MailSender(account=party.account, **values).save()


def test_starttls_and_a_login_with_the_account_s_own_server(
    north: Party, postbox: Postbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, file = certificate(tmp_path)
    options = {"tls_context": context, "require_starttls": True, "authenticator": postbox.authenticate}
    with smtp_server(postbox, **options, auth_required=True) as port:
        own_server(north, port, security="starttls", user=USER, password=PASSWORD)
        put_one(north)
        assert deliver_due() == 0
        assert "certificate" in (stored().last_error or "")
        assert postbox.logins == []
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        with time_machine.travel(timezone.now() + timedelta(minutes=2)):
            assert deliver_due() == 1
    assert postbox.logins == [(USER.encode(), PASSWORD.encode())]
    assert postbox.mails[0]["From"] == "North <post@north.example>"


def test_a_wrong_password_of_the_mail_server_can_be_put_right(north: Party, postbox: Postbox, tmp_path: Path) -> None:
    options = {"authenticator": postbox.authenticate, "auth_require_tls": False}
    with smtp_server(postbox, **options) as port:
        own_server(north, port, user=USER, password="wrong")
        put_one(north)
        assert deliver_due() == 0
        message = stored()
        assert message.state == "waiting"
        assert (message.last_error or "").startswith("535")
        with tenant(north.account.pk):
            MailSender.objects.update(password=PASSWORD)
            MailMessage.objects.update(due_on=timezone.now())
        assert deliver_due() == 1


def test_the_environment_outranks_what_the_account_has(
    north: Party, south: Party, server: int, postbox: Postbox
) -> None:
    own_server(north, 9)
    put_one(north)
    assert deliver_due() == 1
    assert postbox.mails[0]["From"] == "North <post@example.org>"


def test_one_account_s_server_that_is_away_holds_up_no_other(
    north: Party, south: Party, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.AETHER_MAIL_BY_ENVIRONMENT = False
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        own_server(north, probe.getsockname()[1])
        put_one(north)
        put_one(south, cause="two")
        assert deliver_due() == 1
    assert [mail.to for mail in mailoutbox] == [["ada@example.org"]]
    assert stored("two").state == "sent"


# Addresses and headers


def test_addresses_in_any_script_are_taken_as_they_are(north: Party, server: int, postbox: Postbox) -> None:
    put_one(north, "jürg@bücher.example", "a")
    put_one(north, "ada@bücher.example", "b")
    assert deliver_due() == 2
    assert postbox.recipients == ["jürg@xn--bcher-kva.example", "ada@xn--bcher-kva.example"]
    assert [mail["To"] for mail in postbox.mails] == postbox.recipients
    assert "SMTPUTF8" in postbox.envelopes[0].mail_options
    assert "SMTPUTF8" not in postbox.envelopes[1].mail_options


def test_a_server_that_knows_no_such_addresses_is_told_of(
    north: Party, postbox: Postbox, by_smtp: Callable[[int], None]
) -> None:
    with smtp_server(postbox, enable_SMTPUTF8=False) as port:
        by_smtp(port)
        put_one(north, "jürg@example.org")
        assert deliver_due() == 0
    message = stored()
    assert (message.state, message.last_error) == (
        "given up",
        "The mail server takes no addresses with letters beyond ASCII.",
    )


def test_no_value_becomes_a_header(north: Party, server: int, postbox: Postbox) -> None:
    with every_tenant(reason="tests give the account a name that a form would refuse"):
        type(north.account).objects.filter(pk=north.account.pk).update(name="North\r\nBcc: all@example.org")
        north.account.refresh_from_db()
    put_one(north)
    put_one(north, "ada@example.org\r\nBcc: all@example.org", "two")
    assert deliver_due() == 1
    (mail,) = postbox.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Mail from North Bcc: all@example.org works"
    assert postbox.recipients == ["ada@example.org"]
    assert stored("two").state == "given up"


def test_links_stand_whole_on_a_line_of_the_file(
    north: Party, settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "mail.files.FileBackend", str(tmp_path / "mail")
    call_command("send_test_mail", account="north", to="ada@example.org")
    (file,) = (tmp_path / "mail").iterdir()
    assert file.suffix == ".eml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"\r\nThis is a test of the mails of North.\r\n" in file.read_bytes()
    for bad in ("ada", "ada@example.org\nBcc: x@example.org", ""):
        with pytest.raises(CommandError):
            call_command("send_test_mail", account="north", to=bad)
    assert len(list((tmp_path / "mail").iterdir())) == 1


def test_answers_of_servers_are_told_apart() -> None:
    final = [smtplib.SMTPDataError(554, b"spam"), smtplib.SMTPRecipientsRefused({"a@b.org": (550, b"no")})]
    passing = [
        smtplib.SMTPConnectError(554, b"closed today"),
        smtplib.SMTPAuthenticationError(535, b"wrong"),
        smtplib.SMTPServerDisconnected("gone"),
        smtplib.SMTPDataError(421, b"later"),
        TimeoutError(),
    ]
    assert [delivery.is_final(error) for error in final + passing] == [True] * 2 + [False] * 5
