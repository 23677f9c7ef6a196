"""The programme as calendars (RFC 5545): of an event, a room, a presenter; and links to them."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from actions.action import Action, Call, register
from crud import ApiResponse, registry, resolve
from events.calendars import TYPES, calendar_of
from events.icalendar import CONTENT_TYPE
from events.models import EventCalendarLink
from files.filename import content_disposition
from tenancy.principal import Role

BODY = {"200": {"description": "A calendar.", "content": {"text/calendar": {"schema": {"type": "string"}}}}}
URL = "https://api.example.org/calendar/aec_….ics"


def calendar_answer(calendar: tuple[str, bytes]) -> HttpResponse:
    name, content = calendar
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Disposition": content_disposition(f"{name}.ics", inline=False),
    }
    return HttpResponse(content, content_type=CONTENT_TYPE, headers=headers)


def make_actions(obj_type: str) -> None:
    """One type has a calendar as another does."""
    noun = obj_type.removeprefix("event_").replace("location", "room")

    class Calendar(Action):
        path = f"{obj_type}/{{id}}/calendar.ics"
        summary = f"The calendar of one {noun}"
        description = "With the time zone of the event; what is hidden, disabled or has no time is not in it."
        least_role = Role.GUEST
        answers = BODY

        def run(self, call: Call) -> HttpResponse:
            key = resolve(registry[obj_type], call.principal, call.path["id"])
            return calendar_answer(calendar_of(obj_type, key, call.principal.access))

    class MakeLink(Action):
        path = f"{obj_type}/{{id}}/calendar_url"
        methods = ("POST",)
        summary = f"An address at which calendar programs find the calendar of one {noun}"
        description = (
            "It opens this calendar alone, without a key, until it is revoked by DELETE, or the object is hidden, "
            "disabled or deleted. Shown this once."
        )
        writes = True
        statuses = (201,)
        example = {"url": URL}

        def run(self, call: Call) -> ApiResponse:
            resolve(registry[obj_type], call.principal, call.path["id"])
            _, token = EventCalendarLink.issue(obj_type, call.path["id"], call.principal.label)
            url = call.request.build_absolute_uri(f"/calendar/{token}.ics")
            return ApiResponse({"url": url}, status=201, headers={"Cache-Control": "private, no-store"})

    class RevokeLinks(Action):
        path = f"{obj_type}/{{id}}/calendar_url"
        methods = ("DELETE",)
        summary = f"Revoke every address of the calendar of one {noun}"
        least_role = Role.ADMINISTRATOR
        writes = True
        example = {"revoked": 2}

        def run(self, call: Call) -> dict[str, Any]:
            resolve(registry[obj_type], call.principal, call.path["id"])
            links = EventCalendarLink.objects.filter(obj_type=obj_type, obj_id=call.path["id"])
            return {"revoked": links.delete()[0]}

    for action in (Calendar, MakeLink, RevokeLinks):
        register(action)


for one in TYPES:
    make_actions(one)
