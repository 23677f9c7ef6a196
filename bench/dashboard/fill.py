"""`python -m bench.dashboard.fill`, in the environment of the service: two accounts, the second a quarter of the first.

A few thousand rows are made as the service makes them; the database doubles them until there are enough.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django
from django.db import connection
from django.db.models import Max
from django.utils import timezone

SEED = 3_125
DOUBLINGS = 6
"""3,125 · 2⁶ = 200,000."""
DAYS = 30
AT_ONCE = 10_000
"""Rows of one statement: the service gives none more than a few seconds."""
SESSIONS, TALKS, EXHIBITS, BADGES = 2_000, 2_500, 2, 1_600


def double(model: Any, account: int, step: int, **shifted: int) -> None:
    """Copies every row of the account. `shifted`: columns that the copies have so much larger."""
    name = connection.ops.quote_name
    names = [field.column for field in model._meta.concrete_fields if not field.primary_key]
    values = []
    for column in names:
        if column == "id_random":
            values.append(f"'{step}-' || id" if connection.vendor == "sqlite" else f"CONCAT('{step}-', id)")
        else:
            values.append(f"{name(column)} + {shifted[column]}" if column in shifted else name(column))
    table = name(model._meta.db_table)
    statement = (
        f"INSERT INTO {table} ({', '.join(map(name, names))}) SELECT {', '.join(values)} FROM {table} "
        "WHERE account_id = %s AND id > %s AND id <= %s"
    )
    last = model.objects.aggregate(last=Max("pk"))["last"]
    with connection.cursor() as cursor:
        for low in range(0, last, AT_ONCE):
            cursor.execute(statement, [account, low, min(low + AT_ONCE, last)])


def seed_programme(account: int, now: Any) -> tuple[list[Any], list[Any]]:
    from events.models import Event, EventBadge, EventExhibit, EventLocation, EventPresentation, EventSession

    event = Event(name="Congress")
    event.save()
    rooms = EventLocation.objects.bulk_create(EventLocation(event=event, name=f"Hall {n}") for n in range(40))
    sessions = EventSession.objects.bulk_create(
        EventSession(
            event=event,
            event_location=rooms[n % 40],
            name=f"Session {n}",
            start_datetime=now + timedelta(minutes=n * 2 * DAYS * 1440 // SESSIONS - DAYS * 1440),
        )
        for n in range(SESSIONS)
    )
    EventPresentation.objects.bulk_create(
        EventPresentation(event_session=sessions[n % SESSIONS], name=f"Talk {n}") for n in range(TALKS)
    )
    for step in range(3):
        double(EventPresentation, account, step)
    exhibits = EventExhibit.objects.bulk_create(
        EventExhibit(event=event, name=f"Booth {n}") for n in range(EXHIBITS << DOUBLINGS)
    )
    badges = EventBadge.objects.bulk_create(EventBadge(event=event) for _ in range(BADGES))
    return exhibits, badges


def seed(account: int, doublings: int) -> None:
    from crud.models import ChangeLog
    from events.models import EventExhibitTracking, EventFile, EventPresentation
    from files.models import HostedFile

    now = timezone.now()
    exhibits, badges = seed_programme(account, now)
    gap = timedelta(days=DAYS) / SEED
    EventExhibitTracking.objects.bulk_create(
        EventExhibitTracking(event_exhibit=exhibit, event_badge=badge, captured_on=now - gap * number)
        for exhibit in exhibits[:EXHIBITS]
        for number, badge in enumerate(badges)
    )
    files = HostedFile.objects.bulk_create(
        HostedFile(filename=f"{n}.pdf", hash_sha256=f"{n:064x}", size=1_000 + n) for n in range(SEED)
    )
    talks = EventPresentation.objects.select_related("event_session").order_by("pk")[:SEED]
    EventFile.objects.bulk_create(
        EventFile(
            event_id=talk.event_session.event_id,
            event_session=talk.event_session,
            event_presentation=talk,
            hosted_file=file,
            for_type="event_presentation",
            for_id=talk.id_random,
        )
        for talk, file in zip(talks, files, strict=True)
    )
    said = {"action": "updated", "obj_type": "journal", "principal": "key:bench", "changes_json": {}}
    ChangeLog.objects.bulk_create(ChangeLog(account_id=account, obj_id=f"r{n}", **said) for n in range(SEED))
    for model in (HostedFile, EventFile, ChangeLog):
        for number, key in enumerate(model.objects.order_by("pk").values_list("pk", flat=True)):
            if number % 25 == 0:  # made at other moments
                model.objects.filter(pk__gte=key, pk__lt=key + 25).update(created_on=now - gap * number)
    for step in range(doublings):
        double(EventExhibitTracking, account, step, event_exhibit_id=EXHIBITS << step)
        for model in (HostedFile, EventFile, ChangeLog):
            double(model, account, step)


def main() -> None:
    django.setup()
    from accounts.models import Account
    from tenancy.context import every_tenant, tenant

    for code, doublings in (("large", DOUBLINGS), ("small", DOUBLINGS - 2)):
        with every_tenant(reason="the bench makes its account"):
            account = Account(code=code, name=code.capitalize())
            account.save()
        with tenant(account.pk):
            seed(account.pk, doublings)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("ANALYZE")
        else:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"ANALYZE TABLE {connection.ops.quote_name(table)}")


if __name__ == "__main__":
    main()
