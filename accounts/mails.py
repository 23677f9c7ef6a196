"""What people are told by mail: a new password, a link to sign in, an invitation."""

from __future__ import annotations

from typing import Any, Final

from accounts.mailed_links import link_to
from accounts.models import OneTimeToken, User
from mail.kinds import Lapsed, MailKind, MailLink, register
from tenancy.context import every_tenant

SAMPLE: Final = "https://www.example.org/auth/page#token=eyJhbGciOiJIUzI1NiJ9"
LINK: Final = ("link",)


def _links(message: Any) -> list[MailLink]:
    """One for each user whom the mail is for. Raises Lapsed where none is left."""
    rows = OneTimeToken.objects.filter(id_random__in=message.value("tokens"), used_on=None).order_by("pk")
    found = []
    for row in rows:
        user = User.objects.filter(pk=row.user_id, enable=True, hide=False).first()
        if user is not None:
            found.append((row, user.username))
    if not found:
        raise Lapsed("The link was used, or its user is gone.")
    return [link_to(row, username if len(found) > 1 else "") for row, username in found]


def _for_users(message: Any) -> dict[str, Any]:
    return {"link": _links(message)}


def _for_invited(message: Any) -> dict[str, Any]:
    """Somebody who has a user already gets no link, and is told why; whoever invited is not told of it."""
    row = OneTimeToken.objects.filter(id_random=message.value("invitation"), used_on=None).first()
    if row is None:
        raise Lapsed("The invitation was used or withdrawn.")
    said = {"role": message.value("role"), "inviter": message.value("inviter") or "Somebody"}
    with every_tenant(reason="does somebody have a user already, in whichever account"):
        is_known = User.objects.filter(email=row.email).exists()
    if is_known:
        return {**said, "link": [], "how": KNOWN}
    return {**said, "link": [link_to(row)], "how": HOW}


HOW: Final = "Choose your password here; the link is good for seven days, once:"
KNOWN: Final = (
    "There is a user with this address already, so no new one can be made for it: sign in as you are used to, or ask "
    "for a new password where you sign in."
)
PASSWORD_RESET: Final = register(
    MailKind(
        name="password_reset",
        title="New password",
        subject="A new password for {{ account }}",
        text=(
            "Somebody, probably you, asked for a new password at {{ account }}. Choose one here within 30 minutes:\n\n"
            "{{ link }}\n\n"
            "If it was not you, there is nothing to do: the password stays as it is."
        ),
        words={"link": SAMPLE},
        values=_for_users,
        needed=LINK,
    )
)
FIRST_PASSWORD: Final = register(
    MailKind(
        name="first_password",
        title="First password",
        subject="Choose your password for {{ account }}",
        text=(
            "You have a user at {{ account }}. Choose your password here within seven days:\n\n"
            "{{ link }}\n\n"
            "After that, ask for a new password where you sign in."
        ),
        words={"link": SAMPLE},
        values=_for_users,
        needed=LINK,
    )
)
MAGIC_LINK: Final = register(
    MailKind(
        name="magic_link",
        title="Link to sign in",
        subject="Sign in to {{ account }}",
        text=(
            "This link signs you in to {{ account }}, once, within 15 minutes:\n\n"
            "{{ link }}\n\n"
            "If you did not ask for it, there is nothing to do."
        ),
        words={"link": SAMPLE},
        values=_for_users,
        needed=LINK,
    )
)
INVITATION: Final = register(
    MailKind(
        name="invitation",
        title="Invitation",
        subject="You are invited to {{ account }}",
        text=("{{ inviter }} invites you to {{ account }}, as {{ role }}.\n\n{{ how }}\n\n{{ link }}"),
        words={"link": SAMPLE, "role": "administrator", "inviter": "Ada", "how": HOW},
        values=_for_invited,
        needed=("how", "link"),
    )
)
