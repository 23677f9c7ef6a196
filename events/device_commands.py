"""What staff tell a device to do: queued as a row, sent over its websocket or with its work, answered by it.

A command reaches a device at least once: it is sent again to a socket that comes while it is not answered, so a device
does each `command_id` once. What nobody answered for five minutes is expired.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from django.utils import timezone

from events.models import EventDevice, EventDeviceCommand
from kernel.errors import Invalid, NotFound
from kernel.ids import is_id
from kernel.transactions import in_transaction
from tenancy.context import every_tenant

Status = EventDeviceCommand.Status
LIFETIME: Final = timedelta(minutes=5)
OPEN: Final = (Status.QUEUED, Status.SENT)
MAX_MESSAGE: Final = 1_000


def queue(device: EventDevice, command: str, payload: Any) -> EventDeviceCommand:
    """Raises Invalid for a device that has no token."""
    if device.profile is None or device.revoked_on is not None:
        raise Invalid("This device is not enrolled, so nobody would hear the command.")
    row = EventDeviceCommand(event_device=device, command=command, payload_json=payload)
    row.save()
    return row


def waiting(devices: Iterable[int], statuses: Iterable[str] = OPEN) -> Any:
    """The rows of commands for these devices (keys) that may still be done, the oldest first."""
    since = timezone.now() - LIFETIME
    rows = EventDeviceCommand.objects.filter(event_device_id__in=devices, status__in=statuses, created_on__gt=since)
    return rows.order_by("pk")


def take(devices: Iterable[int], statuses: Iterable[str] = OPEN) -> list[tuple[int, dict[str, Any]]]:
    """Commands on their way: (key of the device, frame). They are `sent` from now on."""

    def work() -> list[tuple[int, dict[str, Any]]]:
        rows = list(waiting(devices, statuses).select_for_update())
        for row in rows:
            if row.status == Status.QUEUED:
                row.status, row.sent_on = Status.SENT, timezone.now()
                row.save()
        return [(row.event_device_id, frame_of(row)) for row in rows]

    frames: list[tuple[int, dict[str, Any]]] = in_transaction(work)
    return frames


def frame_of(row: EventDeviceCommand) -> dict[str, Any]:
    return {"type": "command", "command_id": row.id_random, "command": row.command, "payload": row.payload_json}


def acknowledge(device: int, command_id: str, done: bool, message: str | None) -> str:
    """The device's answer; the first one counts. Answers the command's status. Raises NotFound for a command that is
    not this device's, Invalid for one that has expired."""

    def work() -> str:
        own = EventDeviceCommand.objects.select_for_update().filter(event_device_id=device, id_random=command_id)
        row = own.first() if is_id(command_id) else None
        if row is None:
            raise NotFound("There is no such command for this device.")
        if row.status in OPEN and row.created_on > timezone.now() - LIFETIME:
            row.status = Status.ACKNOWLEDGED if done else Status.FAILED
            row.answered_on, row.message = timezone.now(), message
            row.save()
        elif row.status in (*OPEN, Status.EXPIRED):
            raise Invalid("The command has expired; it is not to be done any more.")
        return str(row.status)

    status: str = in_transaction(work)
    return status


def accounts_with_late() -> list[int]:
    with every_tenant(reason="find commands that nobody answered, in whichever account"):
        return list(_late().order_by().values_list("account_id", flat=True).distinct())


def _late() -> Any:
    return EventDeviceCommand.objects.filter(status__in=OPEN, created_on__lte=timezone.now() - LIFETIME)


def expire() -> int:
    """Whatever nobody answered in time, in the active scope. Answers how many."""
    count = 0
    for key in list(_late().values_list("pk", flat=True)[:1_000]):
        count += in_transaction(partial(_expire_one, key))
    return count


def _expire_one(key: int) -> int:
    row = EventDeviceCommand.objects.select_for_update().filter(pk=key, status__in=OPEN).first()
    if row is None:
        return 0
    row.status = Status.EXPIRED
    row.save()
    return 1
