"""`manage.py legacy_report`: who still calls V1 and V2, and what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db.models import Max, Min, Sum

from legacy.hits import counter, today
from legacy.models import LegacyHit
from tenancy.command import AetherCommand

COLUMNS = ("hits", "key_prefix", "key_name", "method", "route", "first_day", "last_day")


class Command(AetherCommand):
    help = "Lists the calls of V1 and V2 by key, method and route, the most frequent first. Days are days in UTC."
    example = "manage.py legacy_report --days 7"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=30, metavar="N", help="how far back; default: %(default)s")
        parser.add_argument("--json", action="store_true", dest="as_json", help="as a JSON list")

    def handle(self, *, days: int, as_json: bool, **options: Any) -> None:
        if not 1 <= days <= 36_500:
            raise CommandError("--days is a number from 1 to 36500.")
        counter.write_all()
        calls = list(calls_of(days))
        if as_json:
            self.stdout.write(json.dumps(calls, ensure_ascii=False, indent=2))
            return
        for line in table([COLUMNS, *([str(call[name] or "-") for name in COLUMNS] for call in calls)]):
            self.stdout.write(line)
        hits, keys = sum(call["hits"] for call in calls), len({call["key_prefix"] for call in calls} - {""})
        self.say(f"{hits} hit{'' if hits == 1 else 's'} by {keys} key{'' if keys == 1 else 's'} in {days} days.")


def calls_of(days: int) -> Iterator[dict[str, Any]]:
    rows = LegacyHit.objects.filter(day__gt=today() - timedelta(days=days))
    grouped = rows.values("key_prefix", "method", "route").annotate(
        total=Sum("hits"), name=Max("key_name"), first=Min("day"), last=Max("day")
    )
    for row in grouped.order_by("-total", "key_prefix", "route", "method"):
        yield {
            "hits": int(row["total"]),
            "key_prefix": row["key_prefix"],
            "key_name": row["name"],
            "method": row["method"],
            "route": row["route"],
            "first_day": row["first"].isoformat(),
            "last_day": row["last"].isoformat(),
        }


def table(rows: list[Any]) -> Iterator[str]:
    printable = [["".join(c if c.isprintable() else "?" for c in cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*printable, strict=True)]
    for row in printable:
        yield "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
