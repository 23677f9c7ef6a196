"""What can be done with a file of an event: upload and download."""

from __future__ import annotations

from functools import partial

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from actions.action import Action, Call, register
from actions.hosted_file import BYTES, EXAMPLE, INLINE, LINK_FIELDS, UPLOAD_FAILURES, content_of, form
from events.file_entry import demand_upload, enter_files
from events.models.event_file import PLACES
from events.slots import SLOTS
from files.hand_out import file_answer
from files.lookup import find_file_of
from files.upload import upload
from tenancy.principal import Role


@register
class UploadEventFile(Action):
    path = "event_file/upload"
    methods = ("POST",)
    summary = "Upload files into their place at an event"
    description = (
        "Makes the hosted_file, the event_file and its relations in one step: all or nothing. Answers the event_file "
        "with its hosted_file, or a list where several files are sent. Fields of event_file may be sent along. What "
        "was in the slot before stays as a former version; bytes that are there already are answered with 200."
    )
    writes = True
    presenters = True
    body = form(
        {
            "for_type": f"What it is for: one of {', '.join(PLACES)}.",
            "for_id": "The id of what it is for.",
            "slot": f"What of it: one of {', '.join(SLOTS)}. Without it, the content type decides.",
            **LINK_FIELDS,
        }
    )
    example = {"id": "p3Vn8sQe1Lk", "for_type": "event_session", "for_id": "b2Wc9xT5yHa", "hosted_file": EXAMPLE}
    statuses = (201, 200)
    failures = UPLOAD_FAILURES

    def run(self, call: Call) -> HttpResponse:
        if call.principal.presenter is None:
            demand_upload(call.principal)
        return upload(call.request, call.principal, "event_file", partial(enter_files, call.principal))


@register
class DownloadEventFile(Action):
    path = "event_file/{id}/download"
    summary = "The bytes of a file of an event"
    description = "Like the download of a hosted_file."
    arguments = [INLINE]
    least_role = Role.GUEST
    devices = ("launcher",)
    keyless_download = True
    answers = BYTES

    def run(self, call: Call) -> HttpResponseBase:
        row = find_file_of("event_file", call.principal, call.path["id"])
        return file_answer(call.request, content_of(row), inline=call.arguments["inline"])
