"""Time zones by name, remembered: opening one reads a file."""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo


@cache
def zone_names() -> frozenset[str]:
    """Every zone and link of the tz database that is installed with us; a server's own may be older or odder."""
    return frozenset((files("tzdata") / "zones").read_text(encoding="utf-8").split())


@lru_cache(maxsize=1_024)
def zone_named(name: str) -> ZoneInfo | None:
    return ZoneInfo(name) if name in zone_names() else None


@lru_cache(maxsize=2_048)
def offset_at(zone: ZoneInfo | None, minute: datetime) -> dict[str, Any]:
    """Its offset from UTC, as text and in minutes. Asked for whole minutes, so that the answers can be kept."""
    offset = minute.astimezone(zone).utcoffset() if zone is not None else None
    if offset is None:
        return {"utc_offset": None, "utc_offset_minutes": None}
    minutes = round(offset.total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return {"utc_offset": f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}", "utc_offset_minutes": minutes}
