"""Whether the machines in the rooms have what the next sessions need: one state a room and session.

Six queries, however large the event. A state is what holds first: `unknown` (no machine has told for a minute),
`missing` (an expected slot is empty), `late` (a machine lacks a file a quarter of an hour before the start, or later),
`stale` (it lacks one), `opened`, `ready`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from events.models import Event, EventDevice, EventDeviceReport, EventLocation, EventPresentation, EventSession
from events.room_files import LATEST, current_files
from events.slots import expected_slots

STATES: Final = ("unknown", "missing", "late", "stale", "opened", "ready")
"""The worst first."""
RANK: Final = {state: rank for rank, state in enumerate(STATES)}
WELL: Final = ("ready", "opened")
ALERTS: Final = (15, 60)
"""Minutes before the start at which a session that is not ready is an alert."""
SILENCE: Final = timedelta(seconds=60)
SHORTLY: Final = timedelta(minutes=15)
SHOWN: Final = {"enable": True, "hide": False}
SESSION: Final = ("pk", "id_random", "name", "start_datetime", "end_datetime", "event_location_id", "expected_slots")


@dataclass(slots=True)
class Machine:
    """A launcher that is enrolled in a room."""

    last_report: datetime | None
    have: frozenset[str]
    opened: str | None

    def is_silent(self, now: datetime) -> bool:
        return self.last_report is None or now - self.last_report > SILENCE


@dataclass(slots=True)
class SessionFiles:
    id: str
    name: str
    start: datetime | None
    end: datetime | None
    files: list[str] = field(default_factory=list)
    """Hashes of what the room needs for it."""
    is_incomplete: bool = False
    """Whether a slot is empty that is expected to be filled."""

    def is_over(self, now: datetime) -> bool:
        return self.end is not None and self.end < now

    def on(self, machine: Machine | None, now: datetime) -> tuple[str, int]:
        """Its state on one machine, and how many of its files that has."""
        have = sum(digest in machine.have for digest in self.files) if machine is not None else 0
        lacks = have < len(self.files)
        if machine is None or machine.is_silent(now):
            return "unknown", have
        if self.is_incomplete:
            return "missing", have
        if lacks and self.start is not None and self.start - now <= SHORTLY and not self.is_over(now):
            return "late", have
        if lacks:
            return "stale", have
        return ("opened" if machine.opened in self.files else "ready"), have

    def shown(self, machines: list[Machine], now: datetime) -> dict[str, Any]:
        """As the worst of the machines has it."""
        watched: list[Machine | None] = [*machines] or [None]
        states = (self.on(machine, now) for machine in watched)
        state, have = min(states, key=lambda pair: (RANK[pair[0]], pair[1]))
        minutes = int((self.start - now).total_seconds() // 60) if self.start is not None else None
        return {
            "event_session_id": self.id,
            "name": self.name,
            "start_datetime": self.start,
            "end_datetime": self.end,
            "minutes_to_start": minutes,
            "state": state,
            "have": have,
            "total": len(self.files),
        }


def readiness(event: Event, now: datetime | None = None) -> dict[str, Any]:
    """Of every room of the event and of its sessions, by when they begin."""
    now = now or timezone.now()
    sessions = _sessions(event)
    machines = _machines(event)
    rooms = EventLocation.objects.filter(event=event, **SHOWN).order_by("sort", "code", "name", "pk")
    listing = []
    for key, public_id, name in rooms.values_list("pk", "id_random", "name"):
        own = machines.get(key, [])
        listing.append({"event_location_id": public_id, "name": name, **_room(sessions.get(key, []), own, now)})
    return {"event_id": event.id_random, "server_time": now, "rooms": listing}


def alert_of(session: dict[str, Any]) -> int | None:
    """15 or 60, for a session (as it is told) that begins within so many minutes, or has begun, and is not ready."""
    minutes = session["minutes_to_start"]
    if minutes is None or session["state"] in WELL:
        return None
    return next((level for level in ALERTS if minutes < level), None)


def _room(sessions: list[SessionFiles], machines: list[Machine], now: datetime) -> dict[str, Any]:
    shown = [session.shown(machines, now) for session in sessions]
    ahead = [row["state"] for row, session in zip(shown, sessions, strict=True) if not session.is_over(now)]
    nothing = "ready" if machines and not any(machine.is_silent(now) for machine in machines) else "unknown"
    reports = [machine.last_report for machine in machines]
    known = [moment for moment in reports if moment is not None]
    return {
        "state": min(ahead or [nothing], key=RANK.__getitem__),
        "last_report": None if len(known) < len(reports) else min(known, default=None),
        "sessions": shown,
    }


def _sessions(event: Event) -> dict[int, list[SessionFiles]]:
    """By the key of the room; in it, by when they begin."""
    rows = EventSession.objects.filter(event=event, event_location__isnull=False, **SHOWN)
    expected: dict[int, list[str]] = {}
    by_key: dict[int, SessionFiles] = {}
    rooms: dict[int, list[SessionFiles]] = defaultdict(list)
    ordered = sorted(rows.values_list(*SESSION), key=lambda row: (row[3] or LATEST, row[0]))
    for key, public_id, name, start, end, room, slots in ordered:
        by_key[key] = session = SessionFiles(public_id, name, start, end)
        expected[key] = expected_slots(event.cfg_json, slots)
        rooms[room].append(session)
    room_of = {row[0]: row[5] for row in ordered}
    filled = set()
    for session_key, talk, slot, room, digest in current_files(event.pk, event.cfg_json or {}).values_list(
        "event_session_id", "event_presentation_id", "slot", "room", "hosted_file__hash_sha256"
    ):
        filled.add((talk, slot))
        if session_key in by_key and room == room_of[session_key]:
            by_key[session_key].files.append(digest)
    for talk, session_key in _talks(event):
        if session_key in by_key and any((talk, slot) not in filled for slot in expected[session_key]):
            by_key[session_key].is_incomplete = True
    return rooms


def _talks(event: Event) -> Iterable[tuple[int, int]]:
    rows = EventPresentation.objects.filter(event_session__event=event, **SHOWN)
    talks: Iterable[tuple[int, int]] = rows.order_by().values_list("pk", "event_session_id")
    return talks


def _machines(event: Event) -> dict[int, list[Machine]]:
    """Enrolled launchers, by the key of their room."""
    devices = EventDevice.objects.filter(
        event=event, profile=EventDevice.Profile.LAUNCHER, revoked_on=None, event_location__isnull=False, **SHOWN
    )
    reports = {
        device: (have, opened)
        for device, have, opened in EventDeviceReport.objects.filter(
            event_device__event=event, event_device__profile=EventDevice.Profile.LAUNCHER
        ).values_list("event_device_id", "have", "opened")
    }
    rooms: dict[int, list[Machine]] = defaultdict(list)
    for key, room, last_report in devices.values_list("pk", "event_location_id", "last_report_on"):
        have, opened = reports.get(key, ("", None))
        rooms[room].append(Machine(last_report, frozenset(have.split()), opened))
    return rooms
