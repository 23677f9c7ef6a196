"""How many leads an exhibit has: in all, by hour of the event's zone, by rep, by rating (contract section 8)."""

from __future__ import annotations

from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from events.models import EventExhibit, EventExhibitTracking


def leads_summary(exhibit: EventExhibit, time_zone: str) -> dict[str, Any]:
    """Hidden and disabled leads aside. `time_zone`: of the account, where the event has none."""
    zone_name = getattr(exhibit.event, "time_zone", None) or time_zone
    zone = ZoneInfo(zone_name)
    hours: Counter[str] = Counter()
    reps: Counter[str | None] = Counter()
    ratings: Counter[int | None] = Counter()
    rows = EventExhibitTracking.objects.filter(event_exhibit=exhibit, enable=True, hide=False).order_by()
    total = 0
    for captured_on, rep, rating in rows.values_list("captured_on", "captured_by", "rating").iterator(2_000):
        total += 1
        reps[rep or None] += 1
        ratings[rating] += 1
        if captured_on is not None:
            hour = captured_on.astimezone(zone).replace(minute=0, second=0, microsecond=0)
            hours[hour.isoformat()] += 1
    return {
        "total": total,
        "time_zone": zone_name,
        "by_hour": [{"hour": hour, "count": count} for hour, count in sorted(hours.items())],
        "by_rep": [{"rep": rep, "count": n} for rep, n in sorted(reps.items(), key=lambda kv: (-kv[1], kv[0] or ""))],
        "by_rating": [
            {"rating": rating, "count": count}
            for rating, count in sorted(ratings.items(), key=lambda kv: (kv[0] is None, kv[0] or 0))
        ],
    }
