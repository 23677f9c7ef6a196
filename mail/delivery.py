"""Working off the outbox: each mail once, again after a failure that may pass, given up after two days.

A mail that is being sent is due again in two minutes, should the worker die. If the server had taken it by then, it
comes a second time with the same Message-ID, by which mailboxes know it; otherwise nobody gets one twice.
"""

from __future__ import annotations

import logging
import smtplib
import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone

from mail.kinds import Lapsed
from mail.message import OutgoingMail
from mail.models import MailMessage
from mail.models.mail_message import LONGEST_ERROR
from mail.rendering import render
from mail.senders import Sender, sender_of
from tenancy.context import every_tenant, tenant

log = logging.getLogger("mail")
STEPS = (1, 2, 5, 10, 30)
"""How long after a failure it is tried again, in units of AETHER_MAIL_RETRY_SECONDS; after those, always LAST_STEP."""
LAST_STEP = 60
GIVEN_UP_AFTER = timedelta(hours=48)
CLAIMED = timedelta(minutes=2)
"""Longer than one attempt takes."""
PER_TURN = 10
"""Mails of one account, before those of the next have their turn."""
ON_CONNECTING = (smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError)


class Away(Exception):
    """The server can't be reached, or lets nobody in: no reason to try another mail on it now."""


def due(now: datetime | None = None) -> Any:
    """The mails whose time has come."""
    return MailMessage.objects.filter(due_on__lte=now or timezone.now())


def is_any_due() -> bool:
    with every_tenant(reason="is there a mail to send, of whichever account"):
        return bool(due().exists())


def deliver_due(seconds: float = 240) -> int:
    """Send what is due, the accounts in turn, for at most so long. Answers how many were sent."""
    ends, count = time.monotonic() + seconds, 0
    connections = Connections()
    try:
        while time.monotonic() < ends and (owners := _owners(connections)):
            count += sum(_turn(account_id, connections) for account_id in owners)
    finally:
        connections.close()
    return count


class Connections:
    """The open connections of one run, and the servers that are away."""

    def __init__(self) -> None:
        self.open: dict[int, Any] = {}
        self.away: set[int] = set()
        self.waiting: set[int | None] = set()
        """Accounts whose server is away."""

    def to(self, sender: Sender) -> Any:
        """Raises Away."""
        if sender.server in self.open and not _is_alive(self.open[sender.server]):
            self.drop(sender)  # servers end what is idle
        if sender.server not in self.open:
            connection = sender.connect()
            try:
                connection.open()
            except (smtplib.SMTPException, OSError, ValueError) as error:
                self.away.add(sender.server)
                raise Away(said(error)) from error
            self.open[sender.server] = connection
        return self.open[sender.server]

    def drop(self, sender: Sender) -> None:
        """After a failure nobody knows in which state it is."""
        connection = self.open.pop(sender.server, None)
        if connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                connection.close()

    def close(self) -> None:
        for connection in self.open.values():
            with suppress(smtplib.SMTPException, OSError):
                connection.close()


def _is_alive(connection: Any) -> bool:
    session = getattr(connection, "connection", None)
    if not isinstance(session, smtplib.SMTP):
        return True
    try:
        return session.noop()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _owners(connections: Connections) -> list[int | None]:
    with every_tenant(reason="find whose mails are due"):
        owners = list(due().order_by().values_list("account_id", flat=True).distinct())
    return [owner for owner in owners if owner not in connections.waiting]


def _turn(account_id: int | None, connections: Connections) -> int:
    with tenant(account_id) if account_id else every_tenant(reason="a mail of the server itself has no account"):
        turn = due().filter(account_id=account_id).order_by("is_bulk", "due_on", "pk")
        messages = list(turn.select_related("account")[:PER_TURN])
        sender = sender_of(messages[0].account) if messages else None
        count = 0
        for message in messages:
            if sender is None or sender.server in connections.away:
                connections.waiting.add(account_id)
                break
            count += _claim(message) and _deliver(message, sender, connections)
    return count


def _claim(message: MailMessage) -> bool:
    """False where another worker was first."""
    now = timezone.now()
    mine = due(now).filter(pk=message.pk).update(due_on=now + CLAIMED, tries=F("tries") + 1)
    message.tries += 1
    return bool(mine)


def _deliver(message: MailMessage, sender: Sender, connections: Connections) -> bool:
    try:
        _send(message, sender, connections)
    except Lapsed as error:
        _give_up(message, str(error))
    except Away as error:
        _put_off(message, str(error))
    except (smtplib.SMTPException, OSError) as error:
        connections.drop(sender)
        (_give_up if is_final(error) else _put_off)(message, said(error))
    except (ValueError, KeyError, ValidationError) as error:
        log.exception("mail %s can't be put together", message.id_random)
        _give_up(message, f"It can't be put together: {said(error)}")
    else:
        _note(message, due_on=None, sent_on=timezone.now(), last_error=None)
        log.info("mail %s (%s) sent", message.id_random, message.kind)
        return True
    return False


def _send(message: MailMessage, sender: Sender, connections: Connections) -> None:
    connection = connections.to(sender)  # first: what a link opens begins when the mail leaves
    rendered = render(message, sender.logo)
    MailMessage.objects.filter(pk=message.pk).update(subject=rendered.subject)
    domain = sender.from_address.rpartition("@")[2]
    OutgoingMail(
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        to=message.to,
        from_name=sender.name,
        from_address=sender.from_address,
        reply_to=sender.reply_to,
        message_id=f"<{message.id_random}@{domain if domain.isascii() else 'aether'}>",
        logo=sender.logo,
        connection=connection,
    ).send()


def _put_off(message: MailMessage, error: str) -> None:
    now = timezone.now()
    unit = settings.AETHER_MAIL_RETRY_SECONDS
    step = STEPS[message.tries - 1] if message.tries <= len(STEPS) else LAST_STEP
    again = now + timedelta(seconds=unit * step)
    if again > message.queued_on + GIVEN_UP_AFTER:
        _give_up(message, f"Given up after {message.tries} tries: {error}")
        return
    _note(message, due_on=again, last_error=error)
    log.warning("mail %s (%s) put off after try %s: %s", message.id_random, message.kind, message.tries, error)


def _give_up(message: MailMessage, error: str) -> None:
    _note(message, due_on=None, given_up_on=timezone.now(), last_error=error)
    log.error("mail %s (%s) given up: %s", message.id_random, message.kind, error)


def _note(message: MailMessage, **values: Any) -> None:
    if values.get("last_error"):
        values["last_error"] = values["last_error"][:LONGEST_ERROR]
    MailMessage.objects.filter(pk=message.pk).update(**values)


def is_final(error: Exception) -> bool:
    """Whether the server refused the mail for good (5xx), and not for now (4xx) or while letting us in."""
    if isinstance(error, ON_CONNECTING):
        return False
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code >= 500
    return isinstance(error, smtplib.SMTPNotSupportedError)


def said(error: Exception) -> str:
    """In the server's words where it had some, on one line."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = [f"{code} {_text(words)}" for code, words in error.recipients.values()]
        return " ".join(answers)
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, ValidationError):
        words = " ".join(error.messages)
    elif isinstance(error, OSError) and error.strerror:
        words = f"The mail server can't be reached: {error.strerror}"
    else:
        words = str(error)
    return _text(words) or type(error).__name__


def _text(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
