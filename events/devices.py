"""Machines in rooms: how they enrol, whom their tokens stand for, and how that ends (shared terms: docs/rooms.md).

A device is a principal of its own. No account's key is ever on it, and what it may read is said by the types (`scopes`)
and by the routes that name its profile; everything else is closed to it.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils import timezone

from accounts import standing, subjects
from accounts.models.api_key import key_digest
from accounts.short_memory import ShortMemory
from events.models import EventDevice, EventDeviceProvision, EventDeviceToken, EventLocation
from events.models.event_device_token import PREFIXES
from kernel.errors import Refused
from kernel.transactions import in_transaction
from tenancy.context import every_tenant, tenant
from tenancy.principal import Device, Principal, Role, acting_as

log = logging.getLogger("events.devices")
Profile = EventDevice.Profile
Kind = EventDeviceToken.Kind
PROVISION_SECONDS: Final = 600
LEAST_SECONDS: Final = 10
ROTATION_OVERLAP: Final = timedelta(seconds=60)
MAX_TOKEN: Final = 256
SHOWS_PAGES: Final = (Profile.SIGNAGE,)
"""Profiles that get a display token."""


@dataclass(frozen=True, slots=True)
class Enrolled:
    device: EventDevice
    device_token: str
    display_token: str | None


def provision(location: EventLocation, profile: str, seconds: int, by: str) -> tuple[EventDeviceProvision, str]:
    """A one-time token for a machine that is to stand in this room. Answers its row and the token."""
    expires_on = timezone.now() + timedelta(seconds=seconds)
    made: tuple[EventDeviceProvision, str] = EventDeviceProvision.issue(location, profile, expires_on, by)
    return made


def enrol(token: str, name: str, platform: str, version: str) -> Enrolled:
    """Raises Refused, always in the same words, for a token that is unknown, altered, used or expired."""
    with every_tenant(reason="a one-time token names its room, before an account is known"):
        rows = EventDeviceProvision.objects.select_related("account", "event_location__event__account")
        found = rows.filter(digest=key_digest(token[:MAX_TOKEN])).first()
    if found is None or not _room_stands(found.event_location, found.account):
        raise Refused(ENROLMENT_REFUSED)

    def work() -> Enrolled:
        now = timezone.now()
        mine = EventDeviceProvision.objects.filter(pk=found.pk, used_on=None, expires_on__gt=now)
        if not mine.update(used_on=now):
            raise Refused(ENROLMENT_REFUSED)
        device = EventDevice(
            event=found.event_location.event,
            event_location=found.event_location,
            name=name,
            profile=found.profile,
            platform=platform or None,
            version=version or None,
            provisioned_by=found.created_by,
            enrolled_on=now,
        )
        device.save()
        device_token = EventDeviceToken.issue(device, Kind.DEVICE)[1]
        shown = EventDeviceToken.issue(device, Kind.DISPLAY)[1] if found.profile in SHOWS_PAGES else None
        return Enrolled(device, device_token, shown)

    account = found.account
    as_enroller = Principal(Role.ADMINISTRATOR, account.pk, account.id_random, key_name="enrolment", via="enrolment")
    with tenant(account.pk), acting_as(as_enroller):
        enrolled: Enrolled = in_transaction(work)
    log.info("device %s enrolled as %s", enrolled.device.id_random, enrolled.device.profile)
    return enrolled


ENROLMENT_REFUSED: Final = "This code opens nothing: it is unknown, was used, or is too old. Ask for a new one."


def _room_stands(location: EventLocation, account: Any) -> bool:
    event = location.event
    return account.enable and event.enable and not event.hide and location.enable and not location.hide


def rotate(principal: Principal, token: str) -> str:
    """The device's next token. The one that it came with works for a minute more."""
    assert principal.device is not None

    def work() -> str:
        now = timezone.now()
        device = EventDevice.objects.select_for_update().get(pk=principal.device.id)  # type: ignore[union-attr]
        mine = EventDeviceToken.objects.filter(event_device=device, kind=Kind.DEVICE)
        if not mine.filter(digest=key_digest(token), expires_on=None).exists():
            raise Refused("This token was followed by another already; come with that one.")
        mine.filter(expires_on__lt=now).delete()
        mine.filter(expires_on=None).update(expires_on=now + ROTATION_OVERLAP)
        return EventDeviceToken.issue(device, Kind.DEVICE)[1]

    following: str = in_transaction(work)
    standing.forget()
    return following


def revoke(key: int) -> EventDevice:
    """Take every token from a device, for good. It enrols anew, or not at all."""

    def work() -> EventDevice:
        device: EventDevice = EventDevice.objects.select_for_update().get(pk=key)
        if device.revoked_on is None:
            device.revoked_on = timezone.now()
            device.save()
        EventDeviceToken.objects.filter(event_device=device).delete()
        return device

    device: EventDevice = in_transaction(work)
    standing.forget()
    return device


# --- whom a token stands for

_tokens: ShortMemory[tuple[Principal, datetime | None] | None] = ShortMemory(name="devices")
standing.others.append(_tokens)


def principal_of(token: str, kind: str = Kind.DEVICE) -> Principal | None:
    """None for a token that opens nothing (any more): of a device, room, event or account that is gone, hidden or
    disabled, too. Remembered for seconds, as keys are."""
    if not token.startswith(PREFIXES[kind]) or len(token) > MAX_TOKEN:
        return None
    digest = key_digest(token)
    found = _tokens.get((kind, digest), lambda: _load(kind, digest))
    if found is None or (found[1] is not None and found[1] <= timezone.now()):
        return None
    return found[0]


def _load(kind: str, digest: str) -> tuple[Principal, datetime | None] | None:
    shown = {
        f"event_device__{prefix}{flag}": flag == "enable"
        for prefix in ("", "event__", "event_location__")
        for flag in ("enable", "hide")
    }
    with every_tenant(reason="a device's token names its account, before one is entered"):
        row = (
            EventDeviceToken.objects.filter(Q(**shown), digest=digest, kind=kind, account__enable=True)
            .filter(event_device__revoked_on=None)
            .values_list(*COLUMNS)
            .first()
        )
    if row is None or row[2] is None:
        return None
    key, device_id, profile, event_key, event_id, place_key, place_id, account_key, account_id, *zones, until = row
    device = Device(key, device_id, profile, event_key, event_id, place_key, place_id)
    principal = Principal(
        Role.DEVICE,
        account_key,
        account_id,
        subject=place_key if profile == Profile.LAUNCHER else 0,
        device=device,
        time_zone=next(filter(None, zones), "UTC"),
    )
    return principal, until


COLUMNS: Final = (
    *("event_device_id", "event_device__id_random", "event_device__profile"),
    *("event_device__event_id", "event_device__event__id_random"),
    *("event_device__event_location_id", "event_device__event_location__id_random"),
    *("account_id", "account__id_random", "event_device__event__time_zone", "account__time_zone", "expires_on"),
)

subjects.register_bearer(PREFIXES[Kind.DEVICE], principal_of)
