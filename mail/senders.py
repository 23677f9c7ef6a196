"""By which server, and as whom, the mails of an account go out. The environment outranks what an account has stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.mail import get_connection

from mail.message import Logo
from mail.models import MailSender


@dataclass(frozen=True, slots=True)
class Sender:
    name: str
    from_address: str
    reply_to: str | None
    logo: Logo | None
    own: MailSender | None
    """Of an account with a mail server of its own, where the environment names none."""

    @property
    def server(self) -> int:
        """Mails with the same number share a connection."""
        return self.own.account_id if self.own else 0

    def connect(self) -> Any:
        if self.own is None:
            return get_connection()
        security = self.own.security
        return get_connection(
            "mail.smtp.InternationalSmtpBackend",
            host=self.own.host,
            port=self.own.port,
            username=self.own.user or "",
            password=self.own.password or "",
            use_tls=security == MailSender.Security.STARTTLS,
            use_ssl=security == MailSender.Security.TLS,
        )


def sender_of(account: Any) -> Sender:
    """`account`: None for mails of the server itself."""
    row = MailSender.objects.filter(account=account).first() if account is not None else None
    own = row if row is not None and row.host and not settings.AETHER_MAIL_BY_ENVIRONMENT else None
    return Sender(
        name=(row and row.name) or (account.name if account is not None else "Aether"),
        from_address=(own and own.from_address) or settings.DEFAULT_FROM_EMAIL,
        reply_to=row.reply_to if row else None,
        logo=Logo(bytes(row.logo), row.logo_type) if row and row.logo and row.logo_type else None,
        own=own,
    )
