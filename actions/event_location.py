"""What can be asked of a room: what is on, and what comes next."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from actions.action import Action, Argument, Call, register
from crud import registry, resolve
from crud.declare.values import parse_datetime
from crud.describe.openapi.parts import ID
from events.models import EventLocation
from events.room_programme import room_now
from kernel.errors import Invalid, Refused
from tenancy.principal import Role

TURN = {
    "event_session_id": ID,
    "event_presentation_id": ID,
    "session_name": "Opening",
    "name": "Welcome",
    "start_datetime": "2026-05-01T09:30:00Z",
    "end_datetime": "2026-05-01T10:00:00Z",
    "presenters": [],
}


@register
class RoomNow(Action):
    path = "event_location/{id}/now"
    summary = "What is on in a room now, and what comes next"
    description = (
        "By talk where talks have times, else by session; hidden and disabled ones aside. A talk goes on beyond its "
        "end until the next one begins, at most half an hour: `over_run_seconds`. `presenters` are those of `now`, "
        "else of `next`. `at` looks at another moment, for administrators."
    )
    devices = ("launcher", "signage")
    arguments = [Argument("at", "A moment to look at.", most=64, example="2026-05-01T09:30:00Z")]
    example = {
        "event_location_id": ID,
        "name": "Hall 1",
        "server_time": "2026-05-01T09:40:00Z",
        "time_zone": "Europe/Berlin",
        "now": TURN,
        "next": None,
        "seconds_left": 1200,
        "over_run_seconds": 0,
        "presenters": [{"event_presenter_id": ID, "full_name": "Ada Lovelace", "arrived_on": "2026-05-01T09:10:00Z"}],
    }

    def run(self, call: Call) -> dict[str, Any]:
        moment, text = timezone.now(), call.arguments["at"]
        if text:
            if not call.principal.may(Role.ADMINISTRATOR):
                raise Refused("Administrators look at other moments.")
            try:
                moment = parse_datetime(text).astimezone(UTC)
            except (ValidationError, OverflowError):
                raise Invalid.field("at", "Give a date and time, such as 2026-05-01T09:30:00Z.") from None
        locations = EventLocation.objects.select_related("event", "account")
        return room_now(locations.get(pk=location_key_of(call)), moment)


def location_key_of(call: Call) -> int:
    """The room in the path; of a device its own. Raises Refused, NotFound."""
    device = call.principal.device
    if device is None:
        return resolve(registry["event_location"], call.principal, call.path["id"])
    if call.path["id"] != device.location_public_id:
        raise Refused("A device reads what its own room needs.")
    return device.location_id
