"""Who is told how ready the rooms of an event are, as it changes: by what was written, reported, or by the clock.

One reckoning an event and process, however many watch; each of them is told the differences.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import Error as DatabaseError

from crud import registry, resolve
from events.device_reports import REPORTED
from events.models import Event
from events.readiness import readiness
from kernel.errors import Refused
from realtime.changes import ChangeEntry
from realtime.protocol import frame
from realtime.topics import RoomWatch
from tenancy.context import tenant
from tenancy.principal import Principal, Role, acting_as

log = logging.getLogger("realtime.room_watches")
APART_SECONDS: Final = 0.3
"""So many changes at once cost one reckoning."""
CLOCK_SECONDS: Final = 10.0
"""How often the clock alone may change a state."""
DECISIVE: Final = frozenset(
    {
        *("event", "event_location", "event_session", "event_presentation", "event_file", "hosted_file"),
        *("event_device", REPORTED),
    }
)
States = dict[tuple[str, str], tuple[str, int, int]]
"""(room, session) → (state, have, total)."""


@dataclass(slots=True)
class _Watched:
    states: States
    watches: set[RoomWatch] = field(default_factory=set)
    is_due: bool = False


class RoomWatches:
    """Of one account, in this process."""

    def __init__(self, account_id: int, in_thread: Callable[..., Awaitable[Any]]) -> None:
        self.account_id = account_id
        self.in_thread = in_thread
        self.events: dict[int, _Watched] = {}
        self._due = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def add(self, watch: RoomWatch) -> None:
        """From now on it is told what differs from now. Raises DatabaseError."""
        if watch.event not in self.events:
            states = await self.in_thread(_states, self.account_id, watch.event)
            self.events.setdefault(watch.event, _Watched(states))
        self.events[watch.event].watches.add(watch)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow(), name=f"realtime-rooms-{self.account_id}")

    def remove(self, watch: RoomWatch) -> None:
        watched = self.events.get(watch.event)
        if watched is not None:
            watched.watches.discard(watch)
            if not watched.watches:
                del self.events[watch.event]
        if not self.events and self._task is not None:
            self._task.cancel()
            self._task = None

    def hear(self, entry: ChangeEntry) -> None:
        if entry.obj_type not in DECISIVE:
            return
        named = entry.state.get("event_id")
        for event, watched in self.events.items():
            if named in (None, event) or entry.former.get("event_id") == event:
                watched.is_due = True
                self._due.set()

    def lost(self) -> None:
        for watched in self.events.values():
            watched.is_due = True
        self._due.set()

    async def _follow(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._due.wait(), CLOCK_SECONDS)
            except TimeoutError:
                self.lost()
            self._due.clear()
            for event, watched in tuple(self.events.items()):
                if watched.is_due:
                    await self._reckon(event, watched)
            await asyncio.sleep(APART_SECONDS)

    async def _reckon(self, event: int, watched: _Watched) -> None:
        watched.is_due = False
        try:
            states = await self.in_thread(_states, self.account_id, event)
        except DatabaseError as error:
            log.warning("Rooms wait, as the database is away: %s", type(error).__name__)
            watched.is_due = True
            return
        except Exception:
            log.exception("How ready rooms are could not be told")
            return
        before, watched.states = watched.states, states
        for place in sorted(before.keys() | states.keys()):
            if before.get(place) != states.get(place):
                self._tell(watched, place, states.get(place))

    @staticmethod
    def _tell(watched: _Watched, place: tuple[str, str], now: tuple[str, int, int] | None) -> None:
        """A session that is no longer there has no state."""
        state, have, total = now or (None, 0, 0)
        room, session = place
        for watch in watched.watches:
            values = {"event_location_id": room, "event_session_id": session, "state": state}
            text = frame("readiness", subscription=watch.number, **values, have=have, total=total)
            watch.socket.offer(text)


def _states(account_id: int, event: int) -> States:
    with tenant(account_id):
        row = Event.objects.filter(pk=event).first()
        rooms = readiness(row)["rooms"] if row is not None else []
    return {
        (room["event_location_id"], session["event_session_id"]): (session["state"], session["have"], session["total"])
        for room in rooms
        for session in room["sessions"]
    }


def event_to_watch(principal: Principal, public_id: str) -> int:
    """The key of an event whose rooms this principal may watch. Raises what reading it would."""
    assert principal.account_id is not None
    if principal.device is not None:
        if principal.device.profile != "signage" or principal.device.event_public_id != public_id:
            raise Refused("A sign watches the rooms of its own event.")
        return principal.device.event_id
    if not principal.may(Role.USER):
        raise Refused("Guests watch no rooms.")
    with tenant(principal.account_id), acting_as(principal):
        return resolve(registry["event"], principal, public_id)
