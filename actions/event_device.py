"""What can be done with the machines of an event's rooms: let them in, and put them out again."""

from __future__ import annotations

from typing import Any, Final

import segno

from actions.action import Action, Call, register
from crud import ID_SCHEMA, ApiResponse, key_of, registry, resolve
from crud.describe.openapi.parts import ID, object_schema
from events.device_commands import queue
from events.devices import LEAST_SECONDS, PROVISION_SECONDS, Profile, provision, revoke
from events.models import EventDevice, EventDeviceCommand, EventLocation
from kernel.envelope import to_json
from kernel.errors import BadReference, Invalid, TooLarge
from kernel.transactions import in_transaction
from tenancy.principal import Role

MAX_PAYLOAD: Final = 16_384


def read_object(call: Call, *names: str) -> dict[str, Any]:
    """The body, an object with no other names. Raises Invalid."""
    body = call.request.data
    if not isinstance(body, dict):
        raise Invalid("The body must be an object.")
    for name in body:
        if name not in names:
            raise Invalid.field(name, f"Known: {', '.join(names)}.")
    return body


@register
class Provision(Action):
    path = "event_device/provision"
    methods = ("POST",)
    summary = "A one-time token for a machine that is to stand in a room"
    description = (
        "Good once, for 10 minutes or `expires_in` seconds. The machine gives it to `/v3/device/enrol`, which answers "
        "its own token; the QR code (an SVG data URL) holds `{v: 1, url, token}`."
    )
    least_role = Role.ADMINISTRATOR
    writes = True
    statuses = (201,)
    failures = (400,)
    body = {
        "required": True,
        "content": {
            "application/json": {
                "schema": object_schema(
                    {
                        "event_location_id": ID_SCHEMA,
                        "profile": {"enum": Profile.values},
                        "expires_in": {"type": "integer", "minimum": LEAST_SECONDS, "maximum": PROVISION_SECONDS},
                    },
                    ["event_location_id", "profile"],
                    closed=True,
                ),
                "example": {"event_location_id": ID, "profile": "launcher"},
            }
        },
    }
    example = {"token": "aee_…", "expires_on": "2026-05-01T09:40:00Z", "qr": "data:image/svg+xml;…"}

    def run(self, call: Call) -> ApiResponse:
        body = read_object(call, "event_location_id", "profile", "expires_in")
        profile, seconds = body.get("profile"), body.get("expires_in", PROVISION_SECONDS)
        if profile not in Profile.values:
            raise Invalid.field("profile", f"Give one of: {', '.join(Profile.values)}.")
        if type(seconds) is not int or not LEAST_SECONDS <= seconds <= PROVISION_SECONDS:
            raise Invalid.field("expires_in", f"Give a number of seconds from {LEAST_SECONDS} to {PROVISION_SECONDS}.")
        location_id = body.get("event_location_id")
        key = key_of(registry["event_location"], call.principal, location_id) if isinstance(location_id, str) else None
        if key is None:
            raise BadReference("event_location_id")
        row, token = provision(EventLocation.objects.get(pk=key), profile, seconds, call.principal.label)
        code = to_json({"v": 1, "url": call.request.build_absolute_uri("/").rstrip("/"), "token": token}).decode()
        qr = segno.make_qr(code, error="m").svg_data_uri(scale=4, border=4)
        data = {"token": token, "expires_on": row.expires_on, "qr": qr}
        return ApiResponse(data, status=201, headers={"Cache-Control": "private, no-store"})


@register
class GiveCommand(Action):
    path = "event_device/{id}/command"
    methods = ("POST",)
    summary = "Tell a device to do something"
    description = (
        "It is sent over the device's websocket at once, or comes with its work when it asks next; what came of it "
        "stands in the event_device_command. What nobody answers for 5 minutes is `expired`."
    )
    least_role = Role.ADMINISTRATOR
    writes = True
    statuses = (201,)
    failures = (404, 413)
    body = {
        "required": True,
        "content": {
            "application/json": {
                "schema": object_schema(
                    {"command": {"enum": EventDeviceCommand.Command.values}, "payload": {}}, ["command"], closed=True
                ),
                "example": {"command": "message", "payload": {"text": "Five minutes"}},
            }
        },
    }
    example = {"id": ID, "status": "queued"}

    def run(self, call: Call) -> ApiResponse:
        body = read_object(call, "command", "payload")
        if body.get("command") not in EventDeviceCommand.Command.values:
            raise Invalid.field("command", f"Give one of: {', '.join(EventDeviceCommand.Command.values)}.")
        if len(to_json(body.get("payload"))) > MAX_PAYLOAD:
            raise TooLarge(f"payload has at most {MAX_PAYLOAD:,} bytes.")
        key = resolve(registry["event_device"], call.principal, call.path["id"])
        row = in_transaction(lambda: queue(EventDevice.objects.get(pk=key), body["command"], body.get("payload")))
        return ApiResponse({"id": row.id_random, "status": row.status}, status=201)


@register
class Revoke(Action):
    path = "event_device/{id}/revoke"
    methods = ("POST",)
    summary = "Take a device's token away"
    description = (
        "It opens nothing within 5 seconds, on an open websocket too, and for good: the machine enrols anew. To hide, "
        "disable or delete the device, its room or its event shuts it out as well."
    )
    least_role = Role.ADMINISTRATOR
    writes = True
    example = {"id": ID, "revoked_on": "2026-05-01T09:40:00Z"}

    def run(self, call: Call) -> dict[str, Any]:
        device = revoke(resolve(registry["event_device"], call.principal, call.path["id"]))
        return {"id": device.id_random, "revoked_on": device.revoked_on}
