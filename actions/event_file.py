"""What can be done with a file of an event: upload and download."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from actions.action import Action, Call, register
from actions.hosted_file import BYTES, EXAMPLE, INLINE, LINK_FIELDS, UPLOAD_FAILURES, content_of, form
from crud import Parameters, Writer, registry
from events.models.event_file import PLACES
from files.hand_out import file_answer
from files.links import LinkTarget
from files.lookup import find_file_of
from files.upload import Arrived, host_upload, upload
from kernel.errors import Invalid
from tenancy.principal import Role

SHARED = ("title", "description")
"""Fields that the event_file and its hosted_file have both."""


@register
class UploadEventFile(Action):
    path = "event_file/upload"
    methods = ("POST",)
    summary = "Upload files into their place at an event"
    description = (
        "Makes the hosted_file, the event_file and its relations in one step: all or nothing. Answers the event_file "
        "with its hosted_file, or a list where several files are sent. Fields of event_file may be sent along."
    )
    writes = True
    body = form(
        {
            "for_type": f"What it is for: one of {', '.join(PLACES)}.",
            "for_id": "The id of what it is for.",
            **LINK_FIELDS,
        }
    )
    example = {"id": "p3Vn8sQe1Lk", "for_type": "event_session", "for_id": "b2Wc9xT5yHa", "hosted_file": EXAMPLE}
    statuses = (201,)
    failures = UPLOAD_FAILURES

    def run(self, call: Call) -> HttpResponse:
        writer = Writer(registry["event_file"], call.principal, Parameters(includes=("hosted_file",)))
        writer.demand("create")

        def make_rows(one: Arrived, values: dict[str, Any], target: LinkTarget | None) -> dict[str, Any]:
            if "hosted_file_id" in values:
                raise Invalid.field("hosted_file_id", "The upload makes it.")
            shared = {name: values[name] for name in SHARED if name in values}
            row = host_upload(call.principal, one, shared, target)
            names = {"filename": row.filename, "extension": row.extension}
            return writer.create(names | values | {"hosted_file_id": row.id_random}).data

        return upload(call.request, call.principal, "event_file", make_rows)


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
