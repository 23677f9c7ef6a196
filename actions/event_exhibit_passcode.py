"""The passcodes of an exhibit's people: made and shown once, listed, revoked (contract section 8)."""

from __future__ import annotations

from typing import Any, Final

import orjson
from django.db import transaction
from django.http import HttpResponse

from actions.action import Action, Argument, Call, register
from crud import ApiResponse, registry, resolve
from crud.describe.openapi.parts import ID, object_schema
from events.badges.documents import Design, on_sheets
from events.badges.layout import FIELDS
from events.models import EventExhibit, EventExhibitPasscode
from kernel.errors import Invalid, NotFound, TooLarge
from kernel.wording import known_names, one_of
from tenancy.principal import Role

MAX_REPS: Final = 200
MAX_NAME: Final = 200
CARD: Final = (85.0, 54.0)
CARD_LAYOUT: Final = [
    {"type": "qr", "field": "external_id", "x": 4, "y": 7, "w": 40, "h": 40},
    {"type": "field", "field": "full_name", "x": 47, "y": 8, "w": 35, "h": 14, "size": 13, "bold": True},
    {"type": "field", "field": "event_name", "x": 47, "y": 24, "w": 35, "h": 12, "size": 10},
    {"type": "field", "field": "badge_type_code", "x": 47, "y": 40, "w": 35, "h": 6, "size": 10},
]
"""The passcode stands on a card as text, too: a camera may fail."""


def exhibit_of(call: Call) -> EventExhibit:
    key = resolve(registry["event_exhibit"], call.principal, call.path["id"])
    exhibit: EventExhibit = EventExhibit.objects.select_related("event").get(pk=key)
    return exhibit


def described(row: EventExhibitPasscode) -> dict[str, Any]:
    return {"id": row.id_random, "rep_name": row.rep_name, "created_on": row.created_on}


@register
class ListPasscodes(Action):
    path = "event_exhibit/{id}/passcodes"
    summary = "The people of an exhibit that have a passcode of their own"
    description = "Never the passcodes: they are shown once, when they are made."
    least_role = Role.ADMINISTRATOR
    example = [{"id": ID, "rep_name": "Grace Hopper", "created_on": "2026-05-01T09:30:00Z"}]

    def run(self, call: Call) -> list[dict[str, Any]]:
        rows = EventExhibitPasscode.objects.filter(event_exhibit=exhibit_of(call)).order_by("pk")
        return [described(row) for row in rows]


@register
class MakePasscodes(Action):
    path = "event_exhibit/{id}/passcodes"
    methods = ("POST",)
    summary = "Make a passcode for each of an exhibit's people"
    description = (
        "Each is shown this once: as JSON, or with `to_type=pdf` on cards whose QR code signs in to the lead scanner. "
        f"At most {MAX_REPS} names, and {MAX_REPS} passcodes an exhibit."
    )
    arguments = [Argument("to_type", "`pdf`: cards instead of JSON.", choices=("json", "pdf"), default="json")]
    least_role = Role.ADMINISTRATOR
    writes = True
    statuses = (201,)
    failures = (404, 413)
    body = {
        "required": True,
        "content": {
            "application/json": {
                "schema": object_schema(
                    {
                        "reps": {"type": "array", "items": {"type": "string", "minLength": 1, "maxLength": MAX_NAME}},
                        "to_type": {"enum": ["json", "pdf"]},
                    },
                    ["reps"],
                    closed=True,
                ),
                "example": {"reps": ["Grace Hopper"]},
            }
        },
    }
    example = [{"id": ID, "rep_name": "Grace Hopper", "passcode": "K7QX2MB9FRWD"}]

    def run(self, call: Call) -> HttpResponse:
        names, to_type = read_reps(call)
        exhibit = exhibit_of(call)
        with transaction.atomic():
            # One after the other, so that two requests don't pass the limit together.
            EventExhibit.objects.select_for_update().get(pk=exhibit.pk)
            if EventExhibitPasscode.objects.filter(event_exhibit=exhibit).count() + len(names) > MAX_REPS:
                raise TooLarge(f"An exhibit has at most {MAX_REPS} passcodes; revoke some.")
            passcodes = [EventExhibitPasscode.issue(exhibit, name, call.principal.label) for name in names]
        if to_type == "pdf":
            headers = {"Content-Disposition": 'inline; filename="passcodes.pdf"', "Cache-Control": "private, no-store"}
            return HttpResponse(cards(exhibit, passcodes), content_type="application/pdf", status=201, headers=headers)
        data = [{"id": row.id_random, "rep_name": row.rep_name, "passcode": passcode} for row, passcode in passcodes]
        return ApiResponse(data, status=201)


def read_reps(call: Call) -> tuple[list[str], str]:
    """The names, and the kind of answer. Raises Invalid, TooLarge."""
    body = call.request.data
    if not isinstance(body, dict) or not isinstance(body.get("reps"), list) or not body["reps"]:
        raise Invalid.field("reps", "Give a list of names.")
    for name in body:
        if name not in ("reps", "to_type"):
            raise Invalid.field(name, known_names(("reps", "to_type")))
    to_type = body.get("to_type") or call.arguments["to_type"]
    if to_type not in ("json", "pdf"):
        raise Invalid.field("to_type", one_of(("json", "pdf")))
    if len(body["reps"]) > MAX_REPS:
        raise TooLarge(f"At most {MAX_REPS} names.")
    names = [name.strip() if isinstance(name, str) else "" for name in body["reps"]]
    if any(not name or len(name) > MAX_NAME or not name.isprintable() for name in names):
        raise Invalid.field("reps", f"A name is a text of 1 to {MAX_NAME} characters.")
    return names, to_type


def cards(exhibit: EventExhibit, passcodes: list[tuple[EventExhibitPasscode, str]]) -> bytes:
    """A PDF of cards to cut out."""
    people = [
        {
            **dict.fromkeys(FIELDS, ""),
            "full_name": row.rep_name,
            "event_name": exhibit.name,
            "badge_type_code": passcode,
            "external_id": orjson.dumps({"v": 1, "exhibit_id": exhibit.id_random, "passcode": passcode}).decode(),
        }
        for row, passcode in passcodes
    ]
    return on_sheets(Design(*CARD, CARD_LAYOUT, {}), people, "a4").document


@register
class RevokePasscode(Action):
    path = "event_exhibit/{id}/passcodes/{passcode_id}"
    methods = ("DELETE",)
    summary = "Revoke the passcode of one of an exhibit's people"
    description = "What was signed in with it ends within 5 seconds."
    least_role = Role.ADMINISTRATOR
    writes = True
    places = {"id": r"[^/]+", "passcode_id": r"[^/]+"}
    example = {"id": ID}

    def run(self, call: Call) -> dict[str, Any]:
        rows = EventExhibitPasscode.objects.filter(event_exhibit=exhibit_of(call), id_random=call.path["passcode_id"])
        row = rows.first()
        if row is None:
            raise NotFound
        row.delete()
        return {"id": row.id_random}
