"""Reading the mails that let somebody in, as they would be sent."""

from __future__ import annotations

import re
from typing import Any

from django.core import mail

from accounts import access_requests
from mail.delivery import deliver_due

TOKEN = re.compile(r"^(https?://\S+)#token=([A-Za-z0-9._~-]+)$", re.MULTILINE)


def mails_sent() -> list[Any]:
    """What the workers send now."""
    already = len(mail.outbox)
    access_requests.answer_all()
    deliver_due()
    return mail.outbox[already:]


def links_in(message: Any) -> list[tuple[str, str]]:
    """(address, token), each from a line of its own."""
    return TOKEN.findall(str(message.body))


def only_link() -> tuple[str, str]:
    (message,) = mails_sent()
    (link,) = links_in(message)
    return link
