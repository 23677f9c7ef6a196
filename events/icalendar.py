"""Calendars as RFC 5545 has them: lines of at most 75 bytes, texts escaped, moments in a zone that is described."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

CONTENT_TYPE: Final = "text/calendar; charset=utf-8"
WIDTH: Final = 75
REFRESH: Final = "PT15M"


@dataclass(frozen=True, slots=True)
class CalendarEntry:
    """One VEVENT. `uid` stays the same as long as it means the same thing."""

    uid: str
    changed: datetime
    start: datetime
    end: datetime | None
    summary: str
    description: str = ""
    location: str = ""


def calendar(name: str, zone_name: str, entries: Iterable[CalendarEntry]) -> bytes:
    """A whole VCALENDAR, with the zone as it is in the years of the entries."""
    listed = list(entries)
    zone = ZoneInfo(zone_name)
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Aether//Programme//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"),
        *(f"X-WR-CALNAME:{_text(name)}", f"NAME:{_text(name)}", f"X-WR-TIMEZONE:{zone_name}"),
        *(f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}", f"X-PUBLISHED-TTL:{REFRESH}"),
    ]
    if listed and zone_name != "UTC":
        lines += _zone(zone, zone_name, [entry.start for entry in listed])
    for entry in listed:
        lines += _event(entry, zone, zone_name)
    lines.append("END:VCALENDAR")
    return b"".join(_folded(line) for line in lines)


def _event(entry: CalendarEntry, zone: ZoneInfo, zone_name: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{_text(entry.uid)}"
    yield f"DTSTAMP:{_utc(entry.changed)}"
    yield f"LAST-MODIFIED:{_utc(entry.changed)}"
    yield _moment("DTSTART", entry.start, zone, zone_name)
    if entry.end is not None and entry.end > entry.start:
        yield _moment("DTEND", entry.end, zone, zone_name)
    yield f"SUMMARY:{_text(entry.summary)}"
    if entry.description:
        yield f"DESCRIPTION:{_text(entry.description)}"
    if entry.location:
        yield f"LOCATION:{_text(entry.location)}"
    yield "STATUS:CONFIRMED"
    yield "END:VEVENT"


def _moment(name: str, moment: datetime, zone: ZoneInfo, zone_name: str) -> str:
    if zone_name == "UTC":
        return f"{name}:{_utc(moment)}"
    return f"{name};TZID={zone_name}:{moment.astimezone(zone):%Y%m%dT%H%M%S}"


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """Section 3.3.11. Control characters have no place in it."""
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in lines if sign in "\n\t" or (ord(sign) >= 32 and ord(sign) != 127))
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def _folded(line: str) -> bytes:
    """Section 3.1: continued after 75 bytes, never within a character."""
    parts, part = [], b""
    for sign in line:
        byte = sign.encode("utf-8", "replace")
        if len(part) + len(byte) > WIDTH:
            parts.append(part)
            part = b" "
        part += byte
    return b"\r\n".join([*parts, part]) + b"\r\n"


def _zone(zone: ZoneInfo, name: str, moments: list[datetime]) -> Iterator[str]:
    """Section 3.6.5: each change of the clocks from the year before the first moment to the year after the last."""
    first, last = min(moments).year - 1, max(moments).year + 1
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{name}"
    begin = datetime(max(first, 1970), 1, 1, tzinfo=UTC)
    yield from _observance(zone, begin, begin)
    for change in _changes(zone, begin, datetime(min(last, 9998) + 1, 1, 1, tzinfo=UTC)):
        yield from _observance(zone, change, change - timedelta(seconds=1))
    yield "END:VTIMEZONE"


def _observance(zone: ZoneInfo, onset: datetime, before: datetime) -> Iterator[str]:
    now, earlier = onset.astimezone(zone), before.astimezone(zone)
    kind = "DAYLIGHT" if now.dst() else "STANDARD"
    came_from = earlier.utcoffset() or timedelta()
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{(onset + came_from).replace(tzinfo=None):%Y%m%dT%H%M%S}"
    yield f"TZOFFSETFROM:{_offset(came_from)}"
    yield f"TZOFFSETTO:{_offset(now.utcoffset() or timedelta())}"
    yield f"TZNAME:{_text(now.tzname() or '')}"
    yield f"END:{kind}"


def _offset(offset: timedelta) -> str:
    seconds = int(offset.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("+", seconds)
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    return f"{sign}{hours:02}{minutes:02}" + (f"{rest:02}" if rest else "")


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The moments at which the zone's offset changes, to the second. No zone changes twice within a day."""
    step = timedelta(days=1)
    at = begin
    while at < end:
        low, high = at, at + step
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            while high - low > timedelta(seconds=1):
                middle = (low + (high - low) / 2).replace(microsecond=0)
                if middle.astimezone(zone).utcoffset() == at.astimezone(zone).utcoffset():
                    low = middle
                else:
                    high = middle
            yield high
        at += step
