"""Which entries the calendar of an event, a room or a presenter has, and the links to one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts import standing
from accounts.models.api_key import key_digest
from crud import key_of, registry
from events.icalendar import CalendarEntry, calendar
from events.models import EventCalendarLink, EventPresenter
from kernel.html import html_to_text
from tenancy.context import every_tenant, tenant
from tenancy.principal import Access, Principal, Role, acting_as

TYPES: Final = ("event", "event_location", "event_presenter")
SHOWN: Final = {"enable": True, "hide": False}
MAX_TOKEN: Final = 64
MOST: Final = 5_000
"""Entries; the next ones first."""


def calendar_of(obj_type: str, key: int, access: Access) -> tuple[str, bytes]:
    """(name, the calendar) of an object that the principal may read; in it, what it may read. Hidden and disabled
    sessions are in none."""
    row = registry[obj_type].model.objects.select_related("account").get(pk=key)
    if obj_type == "event_presenter":
        event, name = row.event_presentation.event_session.event, row.full_name or "Talks"
        entries = list(_talks(row, access))
    else:
        event, name = (row, row.name) if obj_type == "event" else (row.event, f"{row.name}, {row.event.name}")
        entries = list(_sessions(Q(**{obj_type: row}), access))
    zone = event.time_zone or row.account.time_zone or "UTC"
    return name, calendar(name, zone, entries)


def _sessions(which: Q, access: Access) -> Iterator[CalendarEntry]:
    rows = registry["event_session"].rows(access).filter(which, start_datetime__isnull=False, **SHOWN)
    columns = ("id_random", "updated_on", "start_datetime", "end_datetime", "name", "description")
    for row in rows.order_by("-start_datetime", "pk").values(*columns, room=F("event_location__name"))[:MOST]:
        yield _entry(row, "event_session", row["start_datetime"], row["end_datetime"])


def _talks(presenter: EventPresenter, access: Access) -> Iterator[CalendarEntry]:
    """Of all rows of one event that are the same person."""
    own = EventPresenter.objects.filter(**SHOWN)
    if presenter.person_id is None:
        own = own.filter(pk=presenter.pk)
    else:
        event = presenter.event_presentation.event_session.event_id
        own = own.filter(person_id=presenter.person_id, event_presentation__event_session__event_id=event)
    talks = registry["event_presentation"].rows(access).filter(pk__in=own.values("event_presentation_id"), **SHOWN)
    talks = talks.filter(event_session__enable=True, event_session__hide=False).annotate(
        start=Coalesce("start_datetime", "event_session__start_datetime"),
        end=Coalesce("end_datetime", "event_session__end_datetime"),
        room=F("event_session__event_location__name"),
    )
    columns = ("id_random", "updated_on", "start", "end", "name", "description", "room")
    for row in talks.filter(start__isnull=False).order_by("-start", "pk").values(*columns)[:MOST]:
        yield _entry(row, "event_presentation", row["start"], row["end"])


def _entry(row: dict[str, Any], obj_type: str, start: datetime, end: datetime | None) -> CalendarEntry:
    description = html_to_text(row["description"]) if row["description"] else ""
    uid = f"{row['id_random']}.{obj_type}@aether"
    return CalendarEntry(uid, row["updated_on"], start, end, row["name"], description, row["room"] or "")


def calendar_behind(token: str) -> tuple[str, bytes] | None:
    """The calendar that a link leads to, as a user of its account reads it; None for one that opens nothing."""
    with every_tenant(reason="a calendar's link names its account, before one is entered"):
        rows = EventCalendarLink.objects.select_related("account").filter(digest=key_digest(token[:MAX_TOKEN]))
        link = rows.first()
    account = standing.account_standing_by_key(link.account_id) if link is not None else None
    if link is None or account is None:
        return None
    reader = Principal(Role.USER, account.id, account.public_id, time_zone=account.time_zone)
    with tenant(account.id), acting_as(reader):
        object_type = registry[link.obj_type]
        key = key_of(object_type, reader, link.obj_id)
        if key is None or not object_type.model.objects.filter(pk=key, **SHOWN).exists():
            return None
        return calendar_of(link.obj_type, key, reader.access)
