"""What can be done with an exhibit: its leads as a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse

from actions.action import Action, Argument, Call, register
from crud import WRITERS, as_now, file_response, registry, resolve
from events.leads import BADGE, CONSENTED, Leads, Row, leads_of
from events.models import EventBadge, EventExhibit
from kernel.envelope import to_json
from kernel.errors import Refused
from kernel.request_context import current_request_id
from tenancy.principal import Role


@register
class TrackingExport(Action):
    path = "event_exhibit/{id}/tracking_export"
    summary = "The leads of an exhibit, as CSV, XLSX or JSON"
    description = (
        "Every tracking record, hidden and disabled ones too. For exhibits with `leads_api_access`, and for managers. "
        "E-mail, phone and location are blank unless the attendee shares them. "
        "Custom questions follow, one column each. Cells that a spreadsheet would run are defused."
    )
    arguments = [
        Argument("file_type", "The kind of file.", choices=tuple(WRITERS), default="csv"),
        Argument("return_file", "false: the rows as JSON instead of a file.", kind="boolean", default=True),
    ]
    least_role = Role.EXHIBITOR
    example = [{"id": "x7Kq2mB9fRw", "full_name": "Ada Lovelace", "rating": 4, "Interested in?": "Pumps; Valves"}]

    def run(self, call: Call) -> StreamingHttpResponse:
        response = self._export(call)
        if call.request.method == "HEAD":
            response.streaming_content = ()  # some servers would make the whole body and throw it away
        return response

    def _export(self, call: Call) -> StreamingHttpResponse:
        key = resolve(registry["event_exhibit"], call.principal, call.path["id"])
        exhibit = EventExhibit.objects.get(pk=key)
        if not (exhibit.leads_api_access or call.principal.may(Role.MANAGER)):
            raise Refused("This exhibit's leads may not be exported.")
        leads = leads_of(exhibit, call.principal.masked)
        if call.arguments["return_file"]:
            return file_response(leads.table, leads.pages(), call.arguments["file_type"])
        pages = as_now(leads.pages())
        body = _json(leads, pages, current_request_id())
        headers = {"Content-Type": "application/json", "Cache-Control": "private, no-store"}
        return StreamingHttpResponse(body, headers=headers)


def shared_fields(badge: EventBadge, shared: bool, masked: tuple[str, ...]) -> list[str]:
    """Which of a badge's fields an exhibit gets that has scanned it: those that hold something."""
    blank = set() if shared else {*CONSENTED, *masked}
    return [name for name in (*BADGE, *CONSENTED) if name not in blank and getattr(badge, name)]


def _json(leads: Leads, pages: Iterator[list[Row]], request_id: str) -> Iterator[bytes]:
    """The envelope around rows that are written as they are read."""
    headings = leads.headings
    count = 0
    yield b'{"data":['
    for page in pages:
        rows: list[dict[str, Any]] = [dict(zip(headings, row, strict=True)) for row in page]
        text = to_json(rows)[1:-1]
        yield b"," + text if count and text else text
        count += len(rows)
    meta = {"success": True, "status_code": 200, "status_message": "OK", "request_id": request_id, "count": count}
    yield b'],"meta":' + to_json(meta) + b"}"
