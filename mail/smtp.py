"""Django's SMTP backend, for messages of ours: international addresses are sent as they are (RFC 6531)."""

from __future__ import annotations

import smtplib
from typing import Any

from django.core.mail.backends.smtp import EmailBackend


class InternationalSmtpBackend(EmailBackend):
    def _send(self, email_message: Any) -> bool:
        if not hasattr(email_message, "envelope"):  # one of Django's own
            return bool(super()._send(email_message))  # type: ignore[misc]  # its types leave it out
        sender, recipients = email_message.envelope
        options: list[str] = []
        assert self.connection is not None
        if email_message.international:
            self.connection.ehlo_or_helo_if_needed()
            if not self.connection.has_extn("smtputf8"):
                raise smtplib.SMTPNotSupportedError("The mail server takes no addresses with letters beyond ASCII.")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        self.connection.sendmail(sender, recipients, email_message.message().as_bytes(), mail_options=options)
        return True
