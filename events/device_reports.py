"""What a device says of itself every ten seconds, and what it is told there is to do.

200 devices do this: a report costs a few statements, whatever it says, writes what changed and no entry of the change
log. Who watches rooms is told by a change that is in no log (`REPORTED`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, Q
from django.utils import timezone

from crud import Change, objects_changed
from crud.declare.values import parse_datetime
from events.device_commands import waiting
from events.models import EventDevice, EventDeviceReport
from events.room_files import hashes_needed
from kernel.errors import Invalid, Throttled, TooLarge
from tenancy.principal import Device, Principal

MAX_HAVE: Final = 5_000
HASH: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
APART: Final = timedelta(seconds=1)
REPORTED: Final = "event_device_report"
"""The type of the change that tells watchers of a report that says something new."""
MOST_BYTES: Final = 2**63 - 1
KNOWN: Final = ("have", "playing", "opened", "disk_free", "battery", "clock", "version")


@dataclass(slots=True)
class Report:
    """A report that fits. `values`: what it says, by column of event_device_report."""

    values: dict[str, Any] = field(default_factory=dict)
    clock_error: float | None = None
    """Seconds by which the device's clock is ahead of ours."""
    version: str | None = None

    @classmethod
    def read(cls, body: Any) -> Report:
        """Raises Invalid, TooLarge."""
        if not isinstance(body, dict):
            raise Invalid("The body must be an object.")
        for name in body:
            if name not in KNOWN:
                raise Invalid.field(name, f"Known: {', '.join(KNOWN)}.")
        report = cls()
        if body.get("have") is not None:
            report.values["have"] = " ".join(sorted(_hashes(body["have"])))
        for name in ("playing", "opened"):
            if name in body:
                report.values[name] = _hash(name, body[name])
        if "disk_free" in body:
            report.values["disk_free"] = _number("disk_free", body["disk_free"], MOST_BYTES, int)
        if "battery" in body:
            report.values["battery"] = _number("battery", body["battery"], 100, (int, float))
        if body.get("clock") is not None:
            report.clock_error = _clock_error(body["clock"])
        if body.get("version") is not None:
            report.version = _version(body["version"])
        return report


def _hashes(given: Any) -> set[str]:
    if not isinstance(given, list):
        raise Invalid.field("have", "Give a list of hashes.")
    if len(given) > MAX_HAVE:
        raise TooLarge(f"At most {MAX_HAVE:,} hashes.")
    return {_hash("have", one, nullable=False) or "" for one in given}


def _hash(name: str, given: Any, *, nullable: bool = True) -> str | None:
    if given is None and nullable:
        return None
    if not isinstance(given, str) or not HASH.fullmatch(given):
        raise Invalid.field(name, "Give a SHA-256 as 64 hexadecimal digits in small letters.")
    return given


def _number(name: str, given: Any, most: int, kinds: Any) -> Any:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, kinds) or not 0 <= given <= most:
        raise Invalid.field(name, f"Give a number from 0 to {most}.")
    return given


def _clock_error(given: Any) -> float:
    try:
        told: datetime = parse_datetime(given)
    except (ValidationError, TypeError):
        raise Invalid.field("clock", "Give the device's date and time, such as 2026-05-01T09:30:00.250Z.") from None
    if told.tzinfo is None:
        told = told.replace(tzinfo=UTC)
    return round((told - timezone.now()).total_seconds(), 1)


def _version(given: Any) -> str:
    if not isinstance(given, str) or not 0 < len(given) <= 100 or not given.isprintable():
        raise Invalid.field("version", "Give a text of 1 to 100 characters.")
    return given


def take_report(principal: Principal, report: Report) -> dict[str, Any]:
    """Keep it, and say what there is to do. Raises Throttled for the second one within a second."""
    device = principal.device
    assert device is not None
    now = timezone.now()
    seen: dict[str, Any] = {"last_report_on": now, "last_seen_on": now}
    if report.clock_error is not None:
        seen["clock_error_seconds"] = report.clock_error
    if report.version is not None:
        seen["version"] = report.version
    in_time = Q(last_report_on=None) | Q(last_report_on__lte=now - APART) | Q(last_report_on__gt=now + APART)
    if not EventDevice.objects.filter(in_time, pk=device.id).update(**seen):
        raise Throttled(1, "At most one report a second.")
    have, messages = _keep(device, principal, report.values)
    missing = 0
    if device.profile == EventDevice.Profile.LAUNCHER:
        missing = len(hashes_needed(device.event_id, device.location_id) - set(have.split()))
    work = {"files": missing, "messages": messages} if missing or messages else None
    return {"server_time": timezone.now(), "clock_error_seconds": report.clock_error, "work": work}


def _keep(device: Device, principal: Principal, values: dict[str, Any]) -> tuple[str, int]:
    """Writes what is new. Answers what the device has, and how many messages wait for it."""
    rows = EventDeviceReport.objects.filter(event_device_id=device.id)
    kept = rows.annotate(waits=Exists(waiting([device.id]))).values().first()
    if kept is None:
        try:
            with transaction.atomic():
                EventDeviceReport(event_device_id=device.id, **values).save()
        except IntegrityError:  # two first reports at once
            return _keep(device, principal, values)
        _tell(device, principal)
        return values.get("have", ""), waiting([device.id]).count()
    changed = {name: value for name, value in values.items() if kept[name] != value}
    if changed:
        rows.update(**changed)
    if changed.keys() & {"have", "opened"}:
        _tell(device, principal)
    have: str = {**kept, **changed}["have"]
    return have, waiting([device.id]).count() if kept["waits"] else 0


def files_of(device: Device) -> set[str]:
    """The hashes that it reported last."""
    kept = EventDeviceReport.objects.filter(event_device_id=device.id).values_list("have", flat=True).first()
    return set((kept or "").split())


def _tell(device: Device, principal: Principal) -> None:
    """Whoever watches the rooms of the event, once this is committed."""
    where = {"event_id": device.event_id, "event_location_id": device.location_id}
    change = Change(REPORTED, device.public_id, device.id, principal.account_id, "updated", {}, where)
    send = partial(objects_changed.send_robust, sender=Change, changes=[change])
    transaction.on_commit(send, robust=True)
