"""Putting mails into the outbox, in the transaction of what they tell. mail/delivery.py takes them out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.utils import timezone

from mail.kinds import MailKind
from mail.models import MailMessage
from mail.rendering import subject_of, words_of


@dataclass(frozen=True, slots=True)
class Mail:
    to: str
    cause: str
    """Names the one thing that it tells, within the account."""
    values: Mapping[str, Any] = field(default_factory=dict)


def put(kind: MailKind, account: Any, mails: Iterable[Mail], *, is_bulk: bool = False) -> int:
    """Those whose cause was told of before are left out. Answers how many were put. Inside a transaction.

    `account`: None for mails of the server itself.
    """
    from mail.tasks import deliver  # it imports what delivers, which imports this module's models

    wanted = {_digest(account, mail.cause): mail for mail in mails}
    known = set(MailMessage.objects.filter(cause_digest__in=wanted).values_list("cause_digest", flat=True))
    words, now = words_of(kind, account), timezone.now()
    rows = [
        MailMessage(
            account=account,
            kind=kind.name,
            to=mail.to,
            subject=subject_of(kind, words, account, mail.values),
            cause=mail.cause,
            cause_digest=digest,
            values_json=dict(mail.values),
            is_bulk=is_bulk,
            created_on=now,
            queued_on=now,
            due_on=now,
        )
        for digest, mail in wanted.items()
        if digest not in known
    ]
    MailMessage.objects.bulk_create(rows, batch_size=500)  # a rival with the same cause: the transaction runs again
    deliver.after_commit()
    return len(rows)


def _digest(account: Any, cause: str) -> str:
    return sha256(f"{account.pk if account is not None else 0}:{cause}".encode()).hexdigest()
