"""For bench.exports, in the environment of the service: `fill ROWS FILE` makes an exhibit with so many leads,
`bare csv|xlsx EXHIBIT FILE` writes the same rows by the shortest loop that there is, and prints its CPU seconds.
"""

from __future__ import annotations

import csv
import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django

QUESTIONS = ["interest", "when", "budget", "visit", "remarks"]
WORDS = "pumps valves gaskets sensors drives spares service training rental lease quote sample visit".split()
BATCH = 2_000
BEGIN = datetime(2026, 5, 1, 9, tzinfo=UTC)
SELECT = """
    SELECT t.id_random, b.full_name, b.given_name, b.family_name, b.professional_title, b.affiliations,
           b.email, b.phone, b.location, t.captured_on, t.captured_by, t.rating, t.exhibitor_notes, t.responses_json
    FROM event_exhibit_tracking t JOIN event_badge b ON b.id = t.event_badge_id
    WHERE t.event_exhibit_id = (SELECT id FROM event_exhibit WHERE id_random = %s) ORDER BY t.id
"""


def fill(rows: int, file: Path) -> None:
    # Here and below, as Django is set up first.
    from accounts.models import Account, ApiKey
    from events.models import Event, EventExhibit
    from tenancy.context import every_tenant, tenant

    with every_tenant(reason="the bench makes its account"):
        account = Account(code="bench", name="Bench")
        account.save()
    key = ApiKey.issue(name="bench", role="manager", accounts=[account])[1]
    samples = {"key": key, "account": account.id_random}
    with tenant(account.pk):
        event = Event(name="Fair")
        event.save()
        for name, count in (("warm_up", 10), ("exhibit", rows)):
            questions = [{"code": code, "label": f"About {code}?"} for code in QUESTIONS]
            exhibit = EventExhibit(event=event, name=name, leads_questions_json=questions)
            exhibit.save()
            samples[name] = exhibit.id_random
            leads(account, event, exhibit, count)
    file.write_text(json.dumps(samples))


def leads(account: Any, event: Any, exhibit: Any, count: int) -> None:
    from django.db import models

    from events.models import EventBadge, EventExhibitTracking

    dice = random.Random(20260501)
    common = {"account": account}
    # The plain query sets: no change log, which is not what is measured.
    badges, records = models.QuerySet(EventBadge), models.QuerySet(EventExhibitTracking)
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        badges.bulk_create(EventBadge(event=event, **common, **badge(n, dice)) for n in numbers)
        keys = badges.filter(event=event).order_by("-pk").values_list("pk", flat=True)[: len(numbers)]
        records.bulk_create(
            EventExhibitTracking(event_exhibit=exhibit, event_badge_id=key, **common, **record(n, dice))
            for n, key in zip(numbers, keys, strict=True)
        )


def text(dice: random.Random, words: int) -> str:
    return " ".join(dice.choices(WORDS, k=words))


def badge(n: int, dice: random.Random) -> dict[str, Any]:
    return {
        "given_name": f"Ada {n}",
        "family_name": f"Lovelace {n}",
        "full_name": f"Ada {n} Lovelace {n}",
        "professional_title": text(dice, 2),
        "affiliations": text(dice, 4),
        "email": f"ada{n}@example.org",
        "phone": f"+1 555 {n:07}",
        "location": text(dice, 2),
        "allow_tracking": n % 3 > 0,
    }


def record(n: int, dice: random.Random) -> dict[str, Any]:
    return {
        "captured_on": BEGIN + timedelta(seconds=n),
        "captured_by": f"Scanner {n % 5}",
        "rating": n % 6,
        "exhibitor_notes": f"<p>{text(dice, 6)} &amp; <b>{text(dice, 2)}</b></p>" if n % 2 else None,
        "responses_json": {code: text(dice, 3) if n % 4 else [text(dice, 1), text(dice, 1)] for code in QUESTIONS},
    }


def bare(file_type: str, exhibit: str, file: Path) -> float:
    """No page by page, no defusing, no consent, no HTML to text."""
    started = time.process_time()
    if file_type == "csv":
        with file.open("w", newline="") as stream:
            csv.writer(stream).writerows(rows_of(exhibit))
    else:
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet("leads")
        for row in rows_of(exhibit):
            sheet.append(row)
        book.save(file)
    return time.process_time() - started


def rows_of(exhibit: str) -> Iterator[list[Any]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(SELECT, [exhibit])
        while page := cursor.fetchmany(BATCH):
            for *cells, stored in page:
                answers = json.loads(stored)
                cells += ["; ".join(a) if isinstance(a := answers.get(code), list) else a for code in QUESTIONS]
                yield cells


if __name__ == "__main__":
    django.setup()
    if sys.argv[1] == "fill":
        fill(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        print(bare(sys.argv[2], sys.argv[3], Path(sys.argv[4])))
