"""A mail as bytes (RFC 5322): Django's message, put together by the email package's own, which knows international
addresses."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from email.message import EmailMessage as Message
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from mail.addresses import header_address, is_international, wire_address

LONGEST_LINE = 900
"""Of a text that is sent as it stands; SMTP takes 998."""
LOGO = "logo@aether"


@dataclass(frozen=True, slots=True)
class Logo:
    content: bytes
    subtype: str
    """png, jpeg or gif"""

    @property
    def data_url(self) -> str:
        return f"data:image/{self.subtype};base64,{base64.b64encode(self.content).decode()}"


class OutgoingMail(EmailMultiAlternatives):
    """Text and HTML, the account's logo within the mail. One recipient."""

    def __init__(
        self,
        *,
        subject: str,
        text: str,
        html: str,
        to: str,
        from_name: str,
        from_address: str,
        reply_to: str | None,
        message_id: str,
        logo: Logo | None = None,
        connection: Any = None,
    ) -> None:
        super().__init__(subject, text, from_address, [to], connection=connection)
        self.html, self.logo, self.from_name, self.answers_go_to = html, logo, from_name, reply_to
        self.message_id = message_id

    @property
    def international(self) -> bool:
        """Whether the server must know SMTPUTF8."""
        addresses = filter(None, [*self.to, self.from_email, self.answers_go_to])
        return any(is_international(address) for address in addresses)

    @property
    def envelope(self) -> tuple[str, list[str]]:
        return wire_address(self.from_email), [wire_address(address) for address in self.to]

    def message(self, *, policy: Any = None) -> Any:
        """Raises ValueError for a header of more than one line."""
        mime_message = Message(policy=SMTPUTF8 if self.international else SMTP)
        mime_message["Subject"] = self.subject
        mime_message["From"] = header_address(self.from_email, self.from_name)
        mime_message["To"] = header_address(self.to[0])
        if self.answers_go_to:
            mime_message["Reply-To"] = header_address(self.answers_go_to)
        mime_message["Date"] = format_datetime(timezone.now())
        mime_message["Message-ID"] = self.message_id
        mime_message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office notes back
        text = str(self.body)
        mime_message.set_content(text, cte=_encoding(text))
        if self.html:
            mime_message.add_alternative(self.html, subtype="html", cte="quoted-printable")
            if self.logo:
                parts: Any = mime_message.get_payload()
                parts[1].add_related(
                    self.logo.content, "image", self.logo.subtype, cid=f"<{LOGO}>", disposition="inline"
                )
        return mime_message


def _encoding(text: str) -> str:
    """As it stands where that can be: whoever reads the file finds its links whole."""
    short = all(len(line) < LONGEST_LINE for line in text.splitlines())
    return "7bit" if short and text.isascii() else "quoted-printable"
