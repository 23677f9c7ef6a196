"""What can be done with a presenter at the event."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from actions.action import Action, Call, register
from crud import registry, resolve
from crud.describe.openapi.parts import ID, object_schema
from events.models import EventPresenter
from kernel.errors import Invalid
from kernel.transactions import in_transaction


@register
class PresenterArrived(Action):
    path = "event_presenter/{id}/arrived"
    methods = ("POST",)
    summary = "A presenter has come, or has not after all"
    description = "Sets `arrived_on`, which clocks and signs of the room show. Said again, the first moment stays."
    writes = True
    body = {
        "required": True,
        "content": {
            "application/json": {
                "schema": object_schema({"arrived": {"type": "boolean"}}, ["arrived"], closed=True),
                "example": {"arrived": True},
            }
        },
    }
    example = {"id": ID, "arrived_on": "2026-05-01T09:10:00Z"}

    def run(self, call: Call) -> dict[str, Any]:
        body = call.request.data
        if not isinstance(body, dict) or set(body) != {"arrived"} or not isinstance(body["arrived"], bool):
            raise Invalid.field("arrived", "Give true or false.")
        key = resolve(registry["event_presenter"], call.principal, call.path["id"])

        def work() -> EventPresenter:
            row: EventPresenter = EventPresenter.objects.select_for_update().get(pk=key)
            row.arrived_on = (row.arrived_on or timezone.now()) if body["arrived"] else None
            row.save()
            return row

        row = in_transaction(work)
        return {"id": row.id_random, "arrived_on": row.arrived_on}
