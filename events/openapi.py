"""The paths under /v3/device/, for /v3/schema/."""

from __future__ import annotations

from typing import Any, Final

from crud import ID_SCHEMA
from crud.describe.openapi import describe
from crud.describe.openapi.parts import (
    ID,
    TEXT,
    body_of,
    object_schema,
    operation,
    param,
    parameter,
    success,
)
from events.device_reports import MAX_HAVE
from events.models import EventDevice

Json = dict[str, Any]

SHA256: Final[Json] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
COUNT: Final[Json] = {"type": "integer"}
WHEN: Final[Json] = {"type": "string", "format": "date-time"}
HASH: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
MOMENT: Final = "2026-05-01T09:30:00Z"

ENROLLED: Final[Json] = {
    "device_token": TEXT,
    **dict.fromkeys(("event_device_id", "event_id", "event_location_id"), ID_SCHEMA),
    "profile": {"enum": EventDevice.Profile.values},
    "manifest_key": object_schema(dict.fromkeys(("key_id", "algorithm", "public_key"), TEXT)),
    "display_token": TEXT,
}
ENROLLED_EXAMPLE: Final[Json] = {
    "device_token": "aed_…",
    **dict.fromkeys(("event_device_id", "event_id", "event_location_id"), ID),
    "profile": "launcher",
}
ENROLMENT: Final[Json] = object_schema(
    dict.fromkeys(("token", "name", "platform", "version"), TEXT), ["token", "name"], closed=True
)


def _describe(path: str, method: str, operation: Json, *, by_device: bool = True) -> None:
    """Without the headers of keys and accounts: a device gives its own token, and nothing else."""
    operation["security"] = [{"device": []}] if by_device else []
    describe(f"/v3/device/{path}", {"parameters": [param("RequestId")], method: operation})


_describe(
    "enrol",
    "post",
    operation(
        "enrol_device",
        "Enrol a machine with a one-time code",
        "device",
        {"201": success(object_schema(ENROLLED), ENROLLED_EXAMPLE, status=201)},
        body=body_of(ENROLMENT, {"token": "aee_…", "name": "Left lectern", "platform": "Windows 11"}),
    ),
    by_device=False,
)
_describe(
    "rotate",
    "post",
    operation(
        "rotate_device_token",
        "The next token of the device that calls",
        "device",
        {"200": success(object_schema({"device_token": TEXT}), {"device_token": "aed_…"})},
        description="The former one works for 60 seconds more.",
    ),
)
REPORT: Final[Json] = object_schema(
    {
        "have": {"type": "array", "maxItems": MAX_HAVE, "items": SHA256},
        "playing": {"anyOf": [SHA256, {"type": "null"}]},
        "opened": {"anyOf": [SHA256, {"type": "null"}]},
        "disk_free": {"type": ["integer", "null"], "minimum": 0, "description": "Bytes."},
        "battery": {"type": ["number", "null"], "minimum": 0, "maximum": 100, "description": "Per cent."},
        "clock": {**WHEN, "description": "What the device's own clock says."},
        "version": TEXT,
    },
    closed=True,
)
REPORTED: Final[Json] = {
    "server_time": WHEN,
    "clock_error_seconds": {"type": ["number", "null"]},
    "work": {"type": ["object", "null"], "properties": {"files": COUNT, "messages": COUNT}},
}
COMMAND: Final[Json] = {"type": "command", "command_id": ID, "command": "message", "payload": {"text": "Five minutes"}}
WORK_EXAMPLE: Final[Json] = {"manifest": {"event_id": ID, "files": []}, "messages": [COMMAND], "prefetch": [HASH]}
_describe(
    "report",
    "post",
    operation(
        "device_report",
        "What the device has and does, every ten seconds",
        "device",
        {
            "200": success(
                object_schema(REPORTED),
                {"server_time": MOMENT, "clock_error_seconds": -0.4, "work": {"files": 2, "messages": 1}},
            )
        },
        description=(
            "`have` is the whole list; what is left out stays as it was. `work` is null where nothing is to be done, "
            "else how many files of the room it lacks, and how many messages wait. More than one a second: 429."
        ),
        body=body_of(REPORT, {"have": [HASH], "opened": HASH, "disk_free": 10**11, "battery": 80, "clock": MOMENT}),
    ),
)
_describe(
    "work",
    "get",
    operation(
        "device_work",
        "What a launcher is to do",
        "device",
        {"200": success({"type": "object"}, WORK_EXAMPLE)},
        parameters=[parameter("since", "The `cursor` of a former manifest.", TEXT, "c3RhcnQ")],
        description=(
            "`manifest` is the room's, as from file_manifest; `messages` are the commands that wait, as they come over "
            "the websocket; `prefetch` the hashes that it lacks, what is needed next first."
        ),
    ),
)
_describe(
    "ack",
    "post",
    operation(
        "device_ack",
        "What came of a command, where no websocket is open",
        "device",
        {
            "200": success(
                object_schema({"command_id": ID_SCHEMA, "status": TEXT}), {"command_id": ID, "status": "acknowledged"}
            )
        },
        body=body_of(
            object_schema(
                {"command_id": ID_SCHEMA, "ok": {"type": "boolean"}, "message": {"type": ["string", "null"]}},
                ["command_id", "ok"],
                closed=True,
            ),
            {"command_id": ID, "ok": True},
        ),
        failures=(404,),
    ),
)
