"""What staff decide of a file in its slot: which version is current, whether it is approved, whether it is frozen."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone

from actions.action import Action, Call, register
from crud import missing, read_one, registry, resolve
from crud.describe.openapi.parts import ID, object_schema
from events.models import EventFile
from events.models.event_manifest import EventManifest
from kernel.errors import Invalid
from kernel.transactions import in_transaction
from tenancy.principal import Principal, Role

MAX_REASON = 1_000


def who(principal: Principal) -> str:
    """For people to read: who has approved."""
    return principal.user_public_id or principal.key_name or principal.label


class Decision(Action):
    """One decision about one file. It locks the event's files, so that of two at once the second sees the first."""

    methods: ClassVar[tuple[str, ...]] = ("POST",)
    least_role = Role.ADMINISTRATOR
    writes = True
    example: ClassVar[Any] = {
        "id": ID,
        "slot": "slides",
        "version": 2,
        "is_current": True,
        "slot_state": "approved",
    }

    def run(self, call: Call) -> dict[str, Any]:
        reason = self.read_body(call)
        object_type = registry["event_file"]
        key = resolve(object_type, call.principal, call.path["id"])

        def work() -> None:
            event_id = EventFile.objects.filter(pk=key).values_list("event_id", flat=True).first()
            if event_id is not None:
                EventManifest.advance(event_id)
            row = EventFile.objects.select_for_update().filter(pk=key).first()
            if row is None:
                raise missing(object_type, call.principal, call.path["id"])
            self.decide(row, call.principal, reason)

        in_transaction(work)
        event_file = read_one(object_type, call.principal, call.path["id"])
        if event_file is None:
            raise missing(object_type, call.principal, call.path["id"])
        return event_file.data

    def read_body(self, call: Call) -> str:
        if call.has_body and call.request.data != {}:
            raise Invalid("The body is empty, or {}.")
        return ""

    def decide(self, row: EventFile, principal: Principal, reason: str) -> None:
        raise NotImplementedError


@register
class MakeCurrent(Decision):
    path = "event_file/{id}/make_current"
    summary = "Make a former version of a file the current one"
    description = "What was current stays as a version. Refused for a file that is hidden or disabled."

    def decide(self, row: EventFile, principal: Principal, reason: str) -> None:
        if row.hide or not row.enable:
            raise Invalid("The file is hidden or disabled; show it before it is made the current one.")
        row.demand_changeable(principal)
        row.retire_others()
        row.is_current = True
        row.save()


@register
class Approve(Decision):
    path = "event_file/{id}/approve"
    summary = "Approve a file"
    description = "Takes back a rejection. Who has approved it and when is in `approved_by` and `approved_on`."

    def decide(self, row: EventFile, principal: Principal, reason: str) -> None:
        if not row.approved or row.rejected_reason:
            row.approved, row.approved_on, row.approved_by = True, timezone.now(), who(principal)
            row.rejected_reason = None
            row.save()


@register
class Reject(Decision):
    path = "event_file/{id}/reject"
    summary = "Reject a file, and say why"
    description = "It leaves the manifest, and its slot counts as missing; the presenter reads the reason."
    body: ClassVar[dict[str, Any]] = {
        "required": True,
        "content": {
            "application/json": {
                "schema": object_schema(
                    {"reason": {"type": "string", "minLength": 1, "maxLength": MAX_REASON}}, ["reason"], closed=True
                ),
                "example": {"reason": "The film on page 7 does not play."},
            }
        },
    }

    def read_body(self, call: Call) -> str:
        body = call.request.data
        if not isinstance(body, dict):
            raise Invalid("The body must be an object with a reason.")
        for name in body:
            if name != "reason":
                raise Invalid.field(name, "Known: reason.")
        reason = body.get("reason")
        if not isinstance(reason, str) or not reason.strip() or len(reason) > MAX_REASON:
            raise Invalid.field("reason", f"Say why, in 1 to {MAX_REASON} characters.")
        return reason.strip()

    def decide(self, row: EventFile, principal: Principal, reason: str) -> None:
        row.approved, row.approved_on, row.approved_by = False, None, None
        row.rejected_reason = reason
        row.save()


@register
class Freeze(Decision):
    path = "event_file/{id}/freeze"
    summary = "Freeze a slot: from now on staff alone replace its file"
    description = "By itself it freezes `freeze_minutes` before the talk, else the session, begins."

    def decide(self, row: EventFile, principal: Principal, reason: str) -> None:
        set_freeze(row, frozen=True)


@register
class Unfreeze(Decision):
    path = "event_file/{id}/unfreeze"
    summary = "Let presenters replace the file of a slot again"

    def decide(self, row: EventFile, principal: Principal, reason: str) -> None:
        set_freeze(row, frozen=False)


def set_freeze(row: EventFile, *, frozen: bool) -> None:
    """Of the whole slot: its newest version hands it on to the next."""
    versions = list(row.versions().select_for_update()) if row.slot_key else [row]
    for version in versions:
        if frozen:
            version.frozen_on = version.frozen_on or timezone.now()
            version.freeze_lifted = False
        else:
            version.frozen_on, version.freeze_lifted = None, False
            version.freeze_lifted = version.frozen_since() is not None
        version.save()
