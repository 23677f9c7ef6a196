"""What can be done with an event: its files for the machines in its rooms, and what clashes in its programme."""

from __future__ import annotations

from typing import Any

from actions.action import Action, Argument, Call, register
from crud import WRITERS, Table, file_response, key_of, registry, resolve
from events.clashes import clashes_of
from events.file_manifest import manifest
from events.manifest_signature import public_key
from events.missing_files import COLUMNS, missing_files
from events.models import Event, EventLocation
from events.readiness import readiness
from kernel.errors import BadReference, Refused
from kernel.fair_share import dear
from tenancy.principal import Device, Role


@register
class FileManifest(Action):
    path = "event/{id}/file_manifest"
    summary = "The files of an event, as a room machine keeps them"
    description = (
        "Ordered by when they are needed. With `since`, the `cursor` of a former answer, only what has changed; what "
        "was hidden, disabled, deleted, rejected, superseded, or has left the room, is there as `removed: true`. One "
        "entry a slot. Save it as `save_as`, which every system can; `filename` is the original name. The bytes come "
        "from `/v3/action/hosted_file/hash/{hash_sha256}/download`. `signature` is Ed25519 over the canonical JSON "
        "(RFC 8785) of `data` without it; refuse a `seq` below the last."
    )
    devices = ("launcher",)
    arguments = [
        Argument("since", "The `cursor` of a former answer.", most=8_192, example="c3RhcnQ"),
        Argument("event_location_id", "Only what is needed in this room.", kind="id", example="x7Kq2mB9fRw"),
    ]
    example = {
        "event_id": "x7Kq2mB9fRw",
        "event_location_id": None,
        "since": None,
        "seq": 1777627800123,
        "made_on": "2026-05-01T09:30:00.123Z",
        "cursor": "c3RhcnQ",
        "key_id": "8f2c6d1e0b9a4735",
        "signature": "3Jv…Cg==",
        "files": [
            {
                "event_file_id": "p3Vn8sQe1Lk",
                "hosted_file_id": "b2Wc9xT5yHa",
                "slot": "slides",
                "version": 1,
                "filename": "slides.pdf",
                "save_as": "slides.pdf",
                "hash_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "size": 48213,
                "content_type": "application/pdf",
                "event_session_id": "dKhFN_jwGbr",
                "event_presentation_id": None,
                "event_presenter_id": None,
                "event_location_id": "q8Zt4rYu2Nm",
                "start_datetime": "2026-05-01T09:30:00Z",
                "removed": False,
            }
        ],
    }

    def run(self, call: Call) -> dict[str, Any]:
        if device := call.principal.device:
            location_key = room_of_device(device, call.path["id"], call.arguments["event_location_id"])
            return manifest(device.event_id, call.arguments["since"], location_key, device.location_public_id)
        event_key = resolve(registry["event"], call.principal, call.path["id"])
        room_key: int | None = None
        if location_id := call.arguments["event_location_id"]:
            room_key = key_of(registry["event_location"], call.principal, location_id)
            if not EventLocation.objects.filter(pk=room_key, event_id=event_key).exists():
                raise BadReference("event_location_id")
        return manifest(event_key, call.arguments["since"], room_key, location_id)


@register
class ManifestKey(Action):
    path = "event/{id}/manifest_key"
    summary = "The key that verifies the manifests of an event"
    description = "One an account. A room machine gets it when it is enrolled, and trusts no other."
    example = {
        "key_id": "8f2c6d1e0b9a4735",
        "algorithm": "Ed25519",
        "public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    }

    def run(self, call: Call) -> dict[str, str]:
        key = resolve(registry["event"], call.principal, call.path["id"])
        account_id = Event.objects.values_list("account__id_random", flat=True).get(pk=key)
        return public_key(account_id)


@register
class MissingFiles(Action):
    path = "event/{id}/missing_files"
    summary = "The files that are expected of an event's presentations and are not there"
    description = (
        "Of every presentation that is shown: the slots that `event_session.expected_slots`, else "
        "`event.cfg_json.expected_slots` (slides, unless it says otherwise) names, and nothing is in, or what was "
        "rejected. E-mail addresses are for administrators. As a file with `return_file=true`."
    )
    arguments = [
        Argument("file_type", "The kind of file.", choices=tuple(WRITERS), default="csv"),
        Argument("return_file", "true: a file instead of JSON.", kind="boolean", default=False),
    ]
    example = [
        {
            "event_presentation_id": "p3Vn8sQe1Lk",
            "event_presentation_name": "Valves in practice",
            "event_session_id": "dKhFN_jwGbr",
            "event_session_name": "Opening",
            "start_datetime": "2026-05-01T09:30:00Z",
            "slot": "slides",
            "slot_state": "expected",
            "rejected_reason": None,
            "event_presenter_id": "q8Zt4rYu2Nm",
            "presenter": "Ada Lovelace",
            "email": "ada@example.org",
            "presenters": [
                {"event_presenter_id": "q8Zt4rYu2Nm", "full_name": "Ada Lovelace", "email": "ada@example.org"}
            ],
        }
    ]

    def run(self, call: Call) -> Any:
        key = resolve(registry["event"], call.principal, call.path["id"])
        event = Event.objects.get(pk=key)
        rows = missing_files(event, with_email=call.principal.may(Role.ADMINISTRATOR))
        if not call.arguments["return_file"]:
            return rows
        table = Table(f"missing files {event.code or event.name}", [(n, n.endswith("_id")) for n in COLUMNS])
        return file_response(table, iter([[[row[n] for n in COLUMNS] for row in rows]]), call.arguments["file_type"])


@register
class Readiness(Action):
    path = "event/{id}/readiness"
    summary = "Whether the machines in the rooms have what the sessions need"
    description = (
        "Of each session what holds first: `unknown` (no enrolled launcher in the room, or no report for 60 seconds), "
        "`missing` (an expected slot is empty), `late` (a machine lacks a file, and it begins within 15 minutes or has "
        "begun), `stale` (a machine lacks a file), `opened`, `ready`. A room has the worst of its sessions that are "
        "not over; of several launchers the worst counts. Live over the websocket: `subscribe {readiness: event id}`."
    )
    devices = ("signage",)
    example = {
        "event_id": "x7Kq2mB9fRw",
        "server_time": "2026-05-01T09:00:00Z",
        "rooms": [
            {
                "event_location_id": "q8Zt4rYu2Nm",
                "name": "Hall 1",
                "state": "stale",
                "last_report": "2026-05-01T08:59:55Z",
                "sessions": [
                    {
                        "event_session_id": "dKhFN_jwGbr",
                        "name": "Opening",
                        "start_datetime": "2026-05-01T09:30:00Z",
                        "end_datetime": "2026-05-01T10:30:00Z",
                        "minutes_to_start": 30,
                        "state": "stale",
                        "have": 3,
                        "total": 4,
                    }
                ],
            }
        ],
    }

    def run(self, call: Call) -> dict[str, Any]:
        return readiness(Event.objects.get(pk=event_key_of(call)))


def event_key_of(call: Call) -> int:
    """The event in the path; of a device its own. Raises Refused, NotFound."""
    device = call.principal.device
    if device is None:
        return resolve(registry["event"], call.principal, call.path["id"])
    if call.path["id"] != device.event_public_id:
        raise Refused("A device reads what its own room needs.")
    return device.event_id


def room_of_device(device: Device, event_id: str, location_id: str | None) -> int:
    """Its own room, which it may name. Raises Refused for another one, or another event."""
    if event_id != device.event_public_id or location_id not in (None, device.location_public_id):
        raise Refused("A device reads what its own room needs.")
    return device.location_id


@register
class Clashes(Action):
    path = "event/{id}/clashes"
    summary = "The sessions of an event that can't all take place as planned"
    description = (
        "`room`: two sessions in one room at once; `presenter`: somebody in two sessions at once, who is known by the "
        "person, else by the e-mail address; `outside_event`: a session outside the days of its event; `foreign_room`: "
        "a session in a room of another event. Hidden and disabled objects don't count, and what only touches does not "
        "clash. By when they begin, at most 5,000. Whoever creates or changes a session is told the same in "
        "`meta.warnings`."
    )
    example = [
        {
            "kind": "room",
            "sessions": ["dKhFN_jwGbr", "p3Vn8sQe1Lk"],
            "event_location_id": "q8Zt4rYu2Nm",
            "from": "2026-05-01T10:30:00Z",
            "to": "2026-05-01T11:00:00Z",
        }
    ]

    def run(self, call: Call) -> list[dict[str, Any]]:
        key = resolve(registry["event"], call.principal, call.path["id"])
        dear()
        return [clash.shown() for clash in clashes_of(Event.objects.select_related("account").get(pk=key))]
