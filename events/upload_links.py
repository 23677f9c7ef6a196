"""Links by which presenters upload without an account: whose they are, how far they reach, and until when.

A link stands on a row of event_presenter, and is for all rows of one person at one event. Its token is made from the
row, a nonce in it and AETHER_KEY_PEPPER, so that it can be shown again and is stored nowhere; it ends with the nonce.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from accounts import standing, subjects
from accounts.short_memory import ShortMemory
from crud.declare.fields import Kind
from crud.declare.moments import day_alone, end_of
from crud.declare.values import parse
from events.models import Event, EventPresenter
from kernel.errors import BadReference, Invalid, Refused
from kernel.ids import is_id
from kernel.transactions import in_transaction
from tenancy.context import every_tenant, tenant
from tenancy.principal import Presenter, Principal, Role

PREFIX: Final = "aeu_"
MAC_LENGTH: Final = 32
MAX_TOKEN: Final = 64
SENT_ALONG: Final = frozenset({"for_type", "for_id", "slot", "title", "filename", "extension"})
"""What a presenter may say of a file."""
SHOWN: Final = {"enable": True, "hide": False}


def token_of(row: EventPresenter) -> str | None:
    """The token of the link that stands on this row."""
    if not row.upload_link_nonce:
        return None
    message = f"upload-link {row.id_random} {row.upload_link_nonce}".encode()
    mac = urlsafe_b64encode(hmac.digest(settings.AETHER_KEY_PEPPER.encode(), message, "sha256")).decode()
    return f"{PREFIX}{row.id_random}{mac[:MAC_LENGTH]}"


def rows_of(row: EventPresenter) -> Any:
    """All rows of the same presenter at the event."""
    event_id = row.event_presentation.event_session.event_id
    rows = EventPresenter.objects.filter(event_presentation__event_session__event_id=event_id)
    return rows.filter(person_id=row.person_id) if row.person_id else rows.filter(pk=row.pk)


def issue(row: EventPresenter, **changed: Any) -> EventPresenter:
    """The row with the presenter's link: the one that has it already, else this one. `changed`: `expires_on`, where
    it is another than before (None: as the sessions say). Call it in a transaction."""
    rows = list(rows_of(row).select_for_update().order_by("pk"))
    holder: EventPresenter = next((one for one in rows if one.upload_link_nonce), None) or row
    if not holder.upload_link_nonce:
        holder.upload_link_nonce = secrets.token_urlsafe(12)
        holder.upload_link_made_on = timezone.now()
        holder.upload_link_expires_on = holder.upload_link_mailed_on = holder.upload_link_origin = None
    if "expires_on" in changed:
        holder.upload_link_expires_on = changed["expires_on"]
    holder.save()
    return holder


def revoke(row: EventPresenter) -> bool:
    """Whether there was a link."""

    def work() -> bool:
        holders = [one for one in rows_of(row).select_for_update() if one.upload_link_nonce]
        for holder in holders:
            holder.upload_link_nonce = holder.upload_link_made_on = holder.upload_link_expires_on = None
            holder.upload_link_mailed_on = holder.upload_link_origin = None
            holder.save()
        return bool(holders)

    there = in_transaction(work)
    standing.forget()
    return there


def read_expiry(value: Any, event: Event) -> datetime | None:
    """A deadline as clients give it: without an offset it is the event's time, a day alone lasts to its end. Raises
    Invalid for one that has passed."""
    if value is None:
        return None
    zone = zone_of(event)
    day = day_alone(value)
    moment: datetime = end_of(day, zone) if day else parse(Kind.DATETIME, value, zone, "expires_on")
    if moment <= timezone.now():
        raise Invalid.field("expires_on", "It has passed. Give a time to come.")
    return moment


def zone_of(event: Event) -> str:
    return event.time_zone or event.account.time_zone or "UTC"


# --- whom a token stands for

_links: ShortMemory[Principal | None] = ShortMemory(name="upload_links")
standing.others.append(_links)


def principal_of(token: str) -> Principal | None:
    """None for a token that is unknown, altered or revoked; whose presenter, event or account is gone or disabled."""
    return _links.get(token, lambda: _load(token)) if len(token) <= MAX_TOKEN else None


def _load(token: str) -> Principal | None:
    public_id = token.removeprefix(PREFIX)[:-MAC_LENGTH]
    if not token.startswith(PREFIX) or not is_id(public_id):
        return None
    event = "event_presentation__event_session__event__"
    stands = SHOWN | {f"{event}{name}": value for name, value in SHOWN.items()}
    with every_tenant(reason="a presenter's link names its row, before an account is known"):
        rows = EventPresenter.objects.filter(id_random=public_id, account__enable=True, **stands)
        row = rows.select_related("event_presentation__event_session", "account").first()
        expected = token_of(row) if row is not None else None
        if row is None or expected is None or not hmac.compare_digest(expected.encode(), token.encode()):
            return None
    with tenant(row.account_id):
        talks = rows_of(row).filter(event_presentation__enable=True, event_presentation__hide=False, **SHOWN)
        keys = tuple(talks.order_by("pk").values_list("pk", flat=True))
    event_id = row.event_presentation.event_session.event_id
    presenter = Presenter(row.pk, row.id_random, event_id, keys, row.upload_link_expires_on)
    account = row.account
    return Principal(
        Role.PRESENTER, account.pk, account.id_random, subject=row.pk, presenter=presenter, time_zone=account.time_zone
    )


subjects.register_bearer(PREFIX, principal_of)


# --- how far it reaches


def deadline_of(expires_on: datetime | None, session: Any) -> datetime | None:
    """Until when files come into a session's slots by a link: the link's own date, else the session's."""
    return expires_on or session.upload_deadline or session.start_datetime


def past(deadline: datetime, zone: str) -> Refused:
    there = deadline.astimezone(ZoneInfo(zone))
    return Refused(
        f"The deadline was {there:%Y-%m-%d %H:%M} ({zone}). Ask the organisers to extend it.",
        extra={"deadline": deadline},
    )


def uploader(principal: Principal, values: dict[str, Any]) -> tuple[Principal, dict[str, Any]]:
    """Who makes the rows of an upload, and with which values. A presenter is held to the slots of own talks, and to
    their deadline; what comes by the link is entered with the rights of a user. Raises Refused, Invalid, BadReference.
    """
    presenter = principal.presenter
    if presenter is None:
        return principal, values
    for name in values:
        if name not in SENT_ALONG:
            raise Invalid.field(name, "It is not for presenters to say.")
    row = _own_row(presenter, values.get("for_type"), values.get("for_id"))
    session = row.event_presentation.event_session
    deadline = deadline_of(presenter.expires_on, session)
    if deadline is not None and deadline <= timezone.now():
        raise past(deadline, zone_of(session.event))
    place = {"for_type": "event_presenter", "for_id": row.id_random}
    return replace(principal, role=Role.USER), values | place


def _own_row(presenter: Presenter, for_type: Any, for_id: Any) -> EventPresenter:
    own = EventPresenter.objects.filter(pk__in=presenter.row_keys).select_related(
        "event_presentation__event_session__event__account"
    )
    named = {"event_presenter": "id_random", "event_presentation": "event_presentation__id_random"}
    if for_type not in named:
        raise Invalid.field("for_type", "Give event_presenter or event_presentation.")
    row: EventPresenter | None = own.filter(**{named[for_type]: for_id}).order_by("pk").first() if for_id else None
    if row is None:
        raise BadReference("for_id")
    return row
