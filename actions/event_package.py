"""The files of an event as one zip."""

from __future__ import annotations

from typing import Any, ClassVar

from actions.action import Action, Call, register
from actions.hosted_file import EXAMPLE
from crud import ApiResponse, registry, resolve
from crud.describe.openapi.parts import object_schema
from events.models import Event
from events.packages import BY, order_of
from files.derive import make_later
from files.host import demand_account
from files.models import HostedFile
from files.tasks import derive
from files.upload import described
from kernel.errors import Invalid

MAX_CURSOR = 8_192


@register
class Package(Action):
    path = "event/{id}/package"
    methods = ("POST",)
    summary = "The files of an event as one zip, for rooms without a launcher"
    description = (
        "Answers a hosted_file that is `queued`; read it, or watch it over the websocket, until it is `ready`, and "
        "download it, in ranges if need be. A folder a room, day or session; in it the current files, numbered by when "
        "they are needed. `manifest.json` in it is signed as a file_manifest is, with a `path` for each file. With "
        "`since`, the `cursor` in a former package's manifest, only what has changed, and what is gone in `removed`. "
        "Asked again before anything changes, it is the same file."
    )
    writes = True
    statuses = (202, 200)
    body: ClassVar[dict[str, Any]] = {
        "required": True,
        "content": {
            "application/json": {
                "schema": object_schema(
                    {"by": {"enum": [*BY]}, "since": {"type": ["string", "null"], "maxLength": MAX_CURSOR}},
                    ["by"],
                    closed=True,
                ),
                "example": {"by": "room"},
            }
        },
    }
    example = EXAMPLE | {"filename": "m26 by room.zip", "status": "queued", "content_type": None}

    def run(self, call: Call) -> ApiResponse:
        by, since = read_body(call)
        demand_account(call.principal)
        key = resolve(registry["event"], call.principal, call.path["id"])
        order = order_of(Event.objects.select_related("account").get(pk=key), by, since)
        data: dict[str, Any] = {}

        def send(row: HostedFile) -> None:
            data.update(described(call.principal, row))  # as it is before a worker can have it
            derive.after_commit(call.principal.account_id, row.id_random)

        row = make_later(order, send)
        package = data or described(call.principal, row)
        waiting = package["status"] in (HostedFile.Status.QUEUED, HostedFile.Status.PROCESSING)
        return ApiResponse(package, status=202 if waiting else 200)


def read_body(call: Call) -> tuple[str, str | None]:
    """`by` and `since`. Raises Invalid."""
    body = call.request.data if call.has_body else {}
    if not isinstance(body, dict):
        raise Invalid("The body must be an object.")
    for name in body:
        if name not in ("by", "since"):
            raise Invalid.field(name, "Known: by, since.")
    by, since = body.get("by"), body.get("since")
    if by not in BY:
        raise Invalid.field("by", f"Give one of: {', '.join(BY)}.")
    if since is not None and (not isinstance(since, str) or len(since) > MAX_CURSOR):
        raise Invalid.field("since", "Give the cursor in the manifest of a former package.")
    return by, since
