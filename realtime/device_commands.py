"""Commands to the devices of one account whose sockets this process has: a queued row becomes a frame at once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.db import Error as DatabaseError

from events.device_commands import OPEN, acknowledge, take
from events.models import EventDeviceCommand
from kernel.envelope import to_json
from realtime.changes import ChangeEntry
from realtime.client import Client
from tenancy.context import tenant
from tenancy.principal import Principal, acting_as

log = logging.getLogger("realtime.device_commands")
RETRY_SECONDS = 1.0
QUEUED = (EventDeviceCommand.Status.QUEUED,)
COMMANDS = EventDeviceCommand._meta.db_table


class DeviceCommands:
    def __init__(self, account_id: int, in_thread: Callable[..., Awaitable[Any]]) -> None:
        self.account_id = account_id
        self.in_thread = in_thread
        self.clients: dict[int, set[Client]] = {}
        """By the key of the device."""
        self._due: dict[int, bool] = {}
        """Device → whether what was sent to it before, and never answered, is due too."""
        self._task: asyncio.Task[None] | None = None

    def begin(self, client: Client) -> None:
        """A device has come: it gets what waits for it."""
        key = _device_of(client)
        self.clients.setdefault(key, set()).add(client)
        self._want(key, again=True)

    def forget(self, client: Client) -> None:
        key = _device_of(client)
        self.clients.get(key, set()).discard(client)
        if not self.clients.get(key):
            self.clients.pop(key, None)

    def hear(self, entry: ChangeEntry) -> None:
        """A change of the account."""
        if entry.obj_type == COMMANDS and entry.action == "created":
            self._want(entry.state["event_device_id"], again=False)

    def lost(self) -> None:
        """Changes were missed."""
        for key in tuple(self.clients):
            self._want(key, again=False)

    def _want(self, key: int, *, again: bool) -> None:
        if key in self.clients:
            self._due[key] = self._due.get(key, False) or again
            if self._task is None or self._task.done():
                self._task = asyncio.create_task(self._deliver())

    async def _deliver(self) -> None:
        while self._due:
            due, self._due = self._due, {}
            try:
                for again, statuses in ((True, OPEN), (False, QUEUED)):
                    devices = [key for key, wants in due.items() if wants is again and key in self.clients]
                    for key, frame in await self.in_thread(_take, self.account_id, devices, statuses):
                        for client in self.clients.get(key, ()):
                            client.socket.offer(to_json(frame).decode())
            except DatabaseError as error:
                log.warning("Commands wait, as the database is away: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
                self._due = due | self._due
            except Exception:
                log.exception("Commands could not be sent")


def _device_of(client: Client) -> int:
    assert client.principal is not None
    assert client.principal.device is not None
    return client.principal.device.id


def _take(account_id: int, devices: list[int], statuses: tuple[str, ...]) -> list[tuple[int, dict[str, Any]]]:
    if not devices:
        return []
    with tenant(account_id):
        return take(devices, statuses)


def answer(principal: Principal, command_id: str, done: bool, message: str | None) -> str:
    """What a device says of a command. Raises what `acknowledge` does."""
    assert principal.account_id is not None
    assert principal.device is not None
    with tenant(principal.account_id), acting_as(principal):
        return acknowledge(principal.device.id, command_id, done, message)
