"""Links by which presenters upload without an account: made, listed and revoked by staff; what they open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from accounts.mailed_links import admin_of
from actions.action import Action, Argument, Call, register
from crud import ApiResponse, Table, file_response, registry, resolve
from crud.describe.openapi.parts import ID, object_schema
from events.models import Event, EventPresenter
from events.presenter_talks import talks_of
from events.upload_links import SHOWN, issue, read_expiry, revoke, rows_of, token_of
from events.upload_mails import send_links
from kernel.errors import Invalid, Refused
from kernel.transactions import in_transaction
from kernel.wording import TRUE_OR_FALSE
from tenancy.principal import Role

EXAMPLE = {
    "url": "https://api.example.org/upload/aeu_…",
    "token": "aeu_…",
    "expires_on": "2026-05-01T16:00:00Z",
}
COLUMNS = ("event_presenter_id", "full_name", "email", "url", "expires_on", "mailed_on")


def body_of(properties: dict[str, Any]) -> dict[str, Any]:
    schema = object_schema(properties, [], closed=True)
    example = {"expires_on": None}
    return {"required": False, "content": {"application/json": {"schema": schema, "example": example}}}


EXPIRES: dict[str, Any] = {
    "type": ["string", "null"],
    "description": "Without an offset it is the event's time; a day alone lasts to its end. Null: as the sessions say.",
}


def read_body(call: Call, *known: str) -> dict[str, Any]:
    body = call.request.data if call.has_body else {}
    if not isinstance(body, dict):
        raise Invalid("The body must be an object.")
    for name in body:
        if name not in known:
            raise Invalid.field(name, f"Known: {', '.join(known)}.")
    return body


def presenter_of(call: Call) -> EventPresenter:
    key = resolve(registry["event_presenter"], call.principal, call.path["id"])
    rows = EventPresenter.objects.select_related("event_presentation__event_session__event__account")
    presenter: EventPresenter = rows.get(pk=key)
    return presenter


def shown(call: Call, row: EventPresenter) -> dict[str, Any]:
    token = token_of(row)
    url = call.request.build_absolute_uri(f"/upload/{token}")
    return {"url": url, "token": token, "expires_on": row.upload_link_expires_on}


@register
class MakeUploadLink(Action):
    path = "event_presenter/{id}/upload_link"
    methods = ("POST",)
    summary = "A link by which a presenter uploads without an account"
    description = (
        "For all talks of the same person at the event, until `expires_on`, else the session's `upload_deadline`, else "
        "its start. Asked again, it is the same link, with the new date if one is given."
    )
    least_role = Role.ADMINISTRATOR
    writes = True
    body: ClassVar[dict[str, Any]] = body_of({"expires_on": EXPIRES})
    example = EXAMPLE

    def run(self, call: Call) -> ApiResponse:
        body = read_body(call, "expires_on")
        row = presenter_of(call)
        event = row.event_presentation.event_session.event
        changed = {name: read_expiry(value, event) for name, value in body.items()}
        holder = in_transaction(lambda: issue(EventPresenter.objects.get(pk=row.pk), **changed))
        return ApiResponse(shown(call, holder), headers={"Cache-Control": "private, no-store"})


@register
class RevokeUploadLink(Action):
    path = "event_presenter/{id}/upload_link"
    methods = ("DELETE",)
    summary = "Revoke a presenter's link"
    description = "It opens nothing within 5 seconds. What came by it stays. `revoked` is false where there was none."
    least_role = Role.ADMINISTRATOR
    writes = True
    example: ClassVar[Any] = {"id": ID, "revoked": True}

    def run(self, call: Call) -> dict[str, Any]:
        row = presenter_of(call)
        return {"id": row.id_random, "revoked": revoke(row)}


@register
class MakeUploadLinks(Action):
    path = "event/{id}/upload_links"
    methods = ("POST",)
    summary = "Links for all presenters of an event"
    description = (
        "One a person; those that are there stay, with the new date if one is given. `send` mails each its link, once "
        "a day at most, and reminds those who miss a file three days and one day before the deadline; `mailed_on` is "
        "null for who has no address. `file_type=csv`: a file."
    )
    arguments: ClassVar[list[Argument]] = [
        Argument("file_type", "`csv`: a file instead of JSON.", choices=("json", "csv"), default="json")
    ]
    least_role = Role.ADMINISTRATOR
    writes = True
    body: ClassVar[dict[str, Any]] = body_of({"expires_on": EXPIRES, "send": {"type": "boolean"}})
    example: ClassVar[Any] = [
        {
            "event_presenter_id": ID,
            "full_name": "Ada Lovelace",
            "email": "ada@example.org",
            **EXAMPLE,
            "mailed_on": "2026-04-20T10:00:00Z",
        }
    ]

    def run(self, call: Call) -> Any:
        body = read_body(call, "expires_on", "send")
        if not isinstance(body.get("send", False), bool):
            raise Invalid.field("send", TRUE_OR_FALSE)
        key = resolve(registry["event"], call.principal, call.path["id"])
        event = Event.objects.select_related("account").get(pk=key)
        changed = {name: read_expiry(value, event) for name, value in body.items() if name == "expires_on"}

        def work() -> list[EventPresenter]:
            holders = list(self._issue(event, changed))
            if body.get("send"):
                send_links(event, holders, admin_of(call.request._request))
            return holders

        rows = [
            {
                "event_presenter_id": row.id_random,
                "full_name": row.full_name,
                "email": row.email,
                **shown(call, row),
                "mailed_on": row.upload_link_mailed_on,
            }
            for row in in_transaction(work)
        ]
        if call.arguments["file_type"] == "json":
            return ApiResponse(rows, headers={"Cache-Control": "private, no-store"})
        table = Table(f"upload links {event.code or event.name}", [(name, name.endswith("_id")) for name in COLUMNS])
        return file_response(table, iter([[[row[name] for name in COLUMNS] for row in rows]]), "csv")

    def _issue(self, event: Event, changed: dict[str, Any]) -> Iterator[EventPresenter]:
        rows = EventPresenter.objects.filter(
            event_presentation__event_session__event=event, event_presentation__enable=True, **SHOWN
        )
        linked: set[int] = set()
        for row in rows.select_related("event_presentation__event_session").order_by("pk"):
            if row.pk in linked:
                continue
            linked |= set(rows_of(row).values_list("pk", flat=True))
            yield issue(row, **changed)


@register
class UploadTalks(Action):
    path = "upload_link/talks"
    summary = "What a presenter's link opens: own talks, their slots, and what is in them"
    description = (
        "With the token of the link as `Authorization: Bearer`, and no key. Times in UTC; the zone is the event's."
    )
    presenters = True
    example: ClassVar[Any] = {
        "event": {"name": "Annual meeting", "time_zone": "Europe/Berlin"},
        "presenter": {"full_name": "Ada Lovelace"},
        "server_time": "2026-04-30T10:00:00Z",
        "deadline": "2026-05-01T09:30:00Z",
        "is_open": True,
        "talks": [],
    }

    def run(self, call: Call) -> ApiResponse:
        if call.principal.presenter is None:
            raise Refused("This is for presenters, with the token of their link.")
        return ApiResponse(talks_of(call.principal.presenter), headers={"Cache-Control": "private, no-store"})
