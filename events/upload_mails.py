"""Mails to presenters: the link by which they upload, and a word before the deadline where a file is still missing.

Staff have the links of an event sent; those who got theirs so are reminded three days and one day before the first
deadline that concerns them. What a mail says is looked up when it is sent, so it lapses where it no longer holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from events.missing_files import missing_files
from events.models import Event, EventPresenter, EventSession
from events.presenter_talks import talks_of
from events.upload_links import SHOWN, principal_of, rows_of, token_of
from kernel.transactions import in_transaction
from mail.kinds import Lapsed, MailKind, MailLink, register
from mail.outbox import Mail, put
from tenancy.context import every_tenant, tenant

REMINDED: Final = (timedelta(days=1), timedelta(days=3))
"""How long before the deadline; each once."""
QUIET: Final = timedelta(days=1)
"""After the mail with the link nobody is reminded for so long."""
SAMPLE: Final = "https://aether.example.org/upload/aeu_eyJhbGciOiJIUzI1NiJ9"
WORDS: Final = {
    "presenter": "Ada Lovelace",
    "event": "Annual meeting",
    "link": SAMPLE,
    "talks": "Valves, until 2026-05-01 17:00 (Europe/Berlin)",
}


def _open(message: Any) -> dict[str, Any]:
    """Of the link as it stands now: all talks that are still open. Raises Lapsed."""
    return _values(message, lambda talk: talk["is_open"], "The deadline has passed.")


def _missing(message: Any) -> dict[str, Any]:
    """Only the talks of which a file is missing. Raises Lapsed."""
    return _values(message, is_due, "Nothing is missing any more, or the deadline has passed.")


def _values(message: Any, is_told: Callable[[dict[str, Any]], bool], why_not: str) -> dict[str, Any]:
    row = EventPresenter.objects.filter(id_random=message.value("event_presenter")).first()
    contents = _told(row) if row is not None else None
    if row is None or contents is None:
        raise Lapsed("The link was revoked, or its presenter is gone.")
    talks = [talk for talk in contents["talks"] if is_told(talk)]
    if not talks:
        raise Lapsed(why_not)
    zone = contents["event"]["time_zone"]
    return {
        "presenter": contents["presenter"]["full_name"] or "presenter",
        "event": contents["event"]["name"],
        "talks": "; ".join(f"{talk['name']}{_until(talk['deadline'], zone)}" for talk in talks),
        "link": [MailLink(f"{message.value('origin')}/upload/{token_of(row)}")],
    }


def _told(row: EventPresenter) -> dict[str, Any] | None:
    """What the link of a row opens; None for one that opens nothing."""
    token = token_of(row)
    principal = principal_of(token) if token else None
    return talks_of(principal.presenter) if principal is not None and principal.presenter is not None else None


def is_due(talk: dict[str, Any]) -> bool:
    """Whether a talk (as `talks_of` tells it) is open, and an expected slot of it has no file but rejected ones."""
    slots = (slot["files"] for slot in talk["slots"] if slot["expected"])
    return talk["is_open"] and any(all(file["slot_state"] == "rejected" for file in files) for files in slots)


def _until(deadline: str | None, zone: str) -> str:
    if deadline is None:
        return ""
    return f", until {datetime.fromisoformat(deadline).astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


LINK: Final = register(
    MailKind(
        name="upload_link",
        title="Presenter's link to upload",
        subject="Your files for {{ event }}",
        text=(
            "Dear {{ presenter }},\n\nplease upload your files at {{ event }} here, without an account:\n\n"
            "{{ link }}\n\n{{ talks }}\n\nThe link is yours alone. Until the deadline you may replace what you sent."
        ),
        words=WORDS,
        values=_open,
        needed=("link",),
    )
)
REMINDER: Final = register(
    MailKind(
        name="upload_reminder",
        title="Reminder of a missing file",
        subject="Still missing: your files for {{ event }}",
        text=(
            "Dear {{ presenter }},\n\na file of yours is still missing at {{ event }}, or was not accepted:\n\n"
            "{{ talks }}\n\nPlease upload it here:\n\n{{ link }}"
        ),
        words=WORDS,
        values=_missing,
        needed=("link",),
    )
)


def send_links(event: Event, holders: list[EventPresenter], origin: str) -> None:
    """Put the link of each into the outbox, and note that on the row; who has no address gets none. The same link is
    mailed once a day at most. Inside a transaction."""
    now = timezone.now()
    mails = []
    for row in holders:
        if address := address_of(row):
            cause = f"upload_link {row.id_random} {row.upload_link_made_on} {now:%Y-%m-%d}"
            mails.append(
                Mail(address, cause, {"event_presenter": row.id_random, "origin": origin, "event": event.name})
            )
            row.upload_link_mailed_on, row.upload_link_origin = now, origin
            row.save()
    put(LINK, event.account, mails, is_bulk=True)


def address_of(row: EventPresenter) -> str | None:
    """Of the row, else of another one of the same person at the event."""
    others = rows_of(row).exclude(email=None).order_by("pk").values_list("email", flat=True)
    address: str | None = row.email or (others.first() if row.person_id else None)
    return address


# --- reminders


def events_with_deadlines() -> list[tuple[int, int]]:
    """(account, event) where links were mailed, and a deadline comes soon."""
    now = timezone.now()
    soon = (now, now + max(REMINDED))
    event = "event_presentation__event_session__event_id"
    deadline = Coalesce("upload_deadline", "start_datetime")
    with every_tenant(reason="find the deadlines that come soon, in whichever account"):
        sessions = EventSession.objects.annotate(deadline=deadline).filter(deadline__range=soon)
        mailed = EventPresenter.objects.filter(
            Q(upload_link_expires_on__range=soon) | Q(**{f"{event}__in": sessions.values("event_id")}),
            upload_link_mailed_on__isnull=False,
            upload_link_nonce__isnull=False,
            account__enable=True,
            **SHOWN,
        )
        return sorted(set(mailed.values_list("account_id", event)))


def remind(account_id: int, event_key: int) -> int:
    """Put the reminders that are due into the outbox. Answers how many."""
    with tenant(account_id):
        event = Event.objects.select_related("account").get(pk=event_key)
        mails = list(_reminders(event))
        return in_transaction(lambda: put(REMINDER, event.account, mails, is_bulk=True)) if mails else 0


def _reminders(event: Event) -> Iterator[Mail]:
    now = timezone.now()
    missing = {one["event_presenter_id"] for row in missing_files(event, with_email=False) for one in row["presenters"]}
    people = set(EventPresenter.objects.filter(id_random__in=missing).values_list("person_id", flat=True))
    holders = EventPresenter.objects.filter(
        Q(id_random__in=missing) | Q(person_id__in=people - {None}),
        event_presentation__event_session__event=event,
        upload_link_mailed_on__lte=now - QUIET,
        upload_link_nonce__isnull=False,
        **SHOWN,
    )
    for row in holders.select_related("event_presentation__event_session").order_by("pk"):
        address, deadline = address_of(row), _first_deadline(row)
        due = deadline and next((span for span in REMINDED if deadline - now <= span), None)
        if address and deadline and due:
            cause = f"upload_reminder {row.id_random} {due.days} {deadline.isoformat()}"
            values = {"event_presenter": row.id_random, "origin": row.upload_link_origin, "event": event.name}
            yield Mail(address, cause, values)


def _first_deadline(row: EventPresenter) -> datetime | None:
    """The next one of a talk that lacks a file."""
    contents = _told(row)
    deadlines = [talk["deadline"] for talk in contents["talks"] if is_due(talk)] if contents else []
    return min((datetime.fromisoformat(one) for one in deadlines if one), default=None)
