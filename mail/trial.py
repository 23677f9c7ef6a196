"""The mail that says that mail works."""

from __future__ import annotations

from typing import Final

from mail.kinds import MailKind, register

TRIAL: Final = register(
    MailKind(
        name="trial",
        title="Test mail",
        subject="Mail from {{ account }} works",
        text="This is a test of the mails of {{ account }}.\n\nNothing needs to be done.",
        words={},
        values=lambda message: {},
    )
)
