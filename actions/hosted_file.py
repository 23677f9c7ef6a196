"""What can be done with a hosted file: upload, download, links."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from accounts.authentication import download_token
from actions.action import Action, Argument, Call, register
from crud import registry
from files.hand_out import IMMUTABLE, Content, file_answer
from files.host import remove_file, remove_link
from files.links import LinkTarget
from files.lookup import find_file, readable_file
from files.models import HostedFile
from files.upload import Arrived, EnteredFile, described, host_upload, upload
from kernel.errors import Invalid, NotFound, Refused
from tenancy.principal import Role

INLINE = Argument("inline", "Show it in the browser; for images, PDF, video and sound.", kind="boolean", default=False)
BYTES = {
    "200": {"description": "The bytes.", "content": {"application/octet-stream": {}}},
    "206": {"description": "The parts that `Range` asks for.", "content": {"application/octet-stream": {}}},
    "304": {"description": "Unchanged since the ETag in If-None-Match: the SHA-256 of the bytes."},
    "416": {"description": "The range lies outside of the file."},
}
EXAMPLE: dict[str, Any] = {
    "id": "x7Kq2mB9fRw",
    "filename": "slides.pdf",
    "hash_sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "content_type": "application/pdf",
    "size": 48213,
    "status": "ready",
}


def form(properties: dict[str, str], required: tuple[str, ...] = ()) -> dict[str, Any]:
    """OpenAPI's description of an upload: the files, and text fields with what they are."""
    described: dict[str, Any] = {
        "file": {"type": "string", "format": "binary", "description": "The file; may be there up to 10 times."}
    }
    described |= {name: {"type": "string", "description": text} for name, text in properties.items()}
    schema = {"type": "object", "properties": described, "required": ["file", *required]}
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


LINK_FIELDS = {
    "link_to_type": "The type of what it hangs on, such as `journal_entry`.",
    "link_to_id": "The id of what it hangs on.",
    "hash_sha256": "Compared with the file that came in, where one file is sent.",
    "size": "Likewise, in bytes.",
    "title": "Of the file.",
    "description": "HTML.",
}


UPLOAD_FAILURES = (408, 411, 413, 507)


@register
class UploadAction(Action):
    path = "hosted_file/upload"
    methods = ("POST",)
    summary = "Upload files"
    description = (
        "Answers the hosted_file, or a list of them where several files are sent. The type is found by looking at the "
        "bytes. Needs a Content-Length. Fields of hosted_file may be sent along. Takes an Idempotency-Key."
    )
    writes = True
    body = form(LINK_FIELDS)
    example = EXAMPLE
    statuses = (201,)
    failures = UPLOAD_FAILURES

    def run(self, call: Call) -> HttpResponse:
        principal = call.principal

        def make_rows(files: list[Arrived], values: dict[str, Any], target: LinkTarget | None) -> list[EnteredFile]:
            return [EnteredFile(described(principal, host_upload(principal, one, values, target))) for one in files]

        return upload(call.request, call.principal, "hosted_file", make_rows)


def content_of(row: HostedFile) -> Content:
    if row.status != HostedFile.Status.READY or row.hash_sha256 is None:
        raise NotFound(f"The file is not ready: {row.status}.")
    return Content(row.hash_sha256, row.size or 0, row.filename, row.content_type or "")


@register
class Download(Action):
    path = "hosted_file/{id}/download"
    summary = "The bytes of a file"
    description = (
        "The id is a hosted_file's, or that of something that holds one: an event_file, an archive_content. "
        "`Range`, `If-Range`, `If-None-Match` and HEAD are understood. A browser may come with `?jwt=` instead of "
        "headers."
    )
    arguments = [INLINE]
    least_role = Role.GUEST
    devices = ("launcher",)
    keyless_download = True
    answers = BYTES

    def run(self, call: Call) -> HttpResponseBase:
        row = find_file(call.principal, call.path["id"])
        return file_answer(call.request, content_of(row), inline=call.arguments["inline"])


@register
class DownloadById(Download):
    path = "hosted_file/download"
    summary = "The bytes of a file, its id as a parameter"
    arguments = [
        Argument("id", "Of a hosted_file, or of what holds one.", kind="id", required=True, example="x7Kq2mB9fRw"),
        INLINE,
    ]

    def run(self, call: Call) -> HttpResponseBase:
        call.path["id"] = call.arguments["id"]
        return super().run(call)


@register
class DownloadByHash(Action):
    path = "hosted_file/hash/{sha256}/download"
    summary = "The bytes of a file, by what they are"
    description = "Only if the account has a file with these bytes."
    arguments = [INLINE]
    least_role = Role.GUEST
    devices = ("launcher",)
    keyless_download = True
    examples = {"sha256": EXAMPLE["hash_sha256"]}
    answers = BYTES

    def run(self, call: Call) -> HttpResponseBase:
        digest = call.path["sha256"]
        if call.principal.account_id is None and not call.principal.bypass:
            raise NotFound
        if not re.fullmatch(r"[0-9a-f]{64}", digest):
            raise NotFound
        rows = registry["hosted_file"].rows(call.principal.access).filter(hash_sha256=digest, status="ready")
        if call.principal.only_file:
            rows = rows.filter(id_random=call.principal.only_file)
        row = rows.order_by("pk").first()
        if row is None:
            raise NotFound
        return file_answer(call.request, content_of(row), inline=call.arguments["inline"], cache=IMMUTABLE)


@register
class DownloadUrl(Action):
    path = "hosted_file/{id}/download_url"
    methods = ("POST",)
    summary = "A link to a file, for somebody without headers"
    description = "It opens this one file and nothing else, and ends early with the key or user that it is made for."
    arguments = [
        Argument("expires_in", "Seconds.", kind="integer", default=900, least=60, most=86_400),
        INLINE,
    ]
    least_role = Role.GUEST
    example = {
        "url": "https://api.example.org/v3/action/hosted_file/x7Kq2mB9fRw/download?jwt=…",
        "expires_on": "2026-05-01T09:45:00Z",
    }

    def run(self, call: Call) -> dict[str, Any]:
        row = find_file(call.principal, call.path["id"])
        lifetime = timedelta(seconds=call.arguments["expires_in"])
        token, expires_on = download_token(call.principal, row.account.id_random, row.id_random, lifetime)
        query = {"jwt": token} | ({"inline": "true"} if call.arguments["inline"] else {})
        path = f"/v3/action/hosted_file/{row.id_random}/download?{urlencode(query)}"
        return {"url": call.request.build_absolute_uri(path), "expires_on": expires_on}


@register
class Remove(Action):
    path = "hosted_file/{id}"
    methods = ("DELETE",)
    summary = "Remove a link of a file, or the file with all its links"
    description = (
        "With `link_to_type` and `link_to_id` that link alone, and any user may. Without them the file, for "
        "administrators; refused (1451) while something else refers to it. The bytes go when the last file that has "
        "them is gone, a day later."
    )
    arguments = [
        Argument("link_to_type", "The type of what it hangs on.", most=64, example="journal_entry"),
        Argument("link_to_id", "The id of what it hangs on.", kind="id", example="x7Kq2mB9fRw"),
    ]
    writes = True
    example = {"id": "x7Kq2mB9fRw", "deleted": False, "links_removed": 1}

    def run(self, call: Call) -> dict[str, Any]:
        type_name, public_id = call.arguments["link_to_type"], call.arguments["link_to_id"]
        if bool(type_name) != bool(public_id):
            raise Invalid.field("link_to_id", "link_to_type and link_to_id go together.")
        file = find_file(call.principal, call.path["id"])
        if file.id_random != call.path["id"]:
            raise NotFound("There is no such hosted_file.")
        row = readable_file(call.principal, file.pk)
        if type_name:
            return remove_link(row, type_name, public_id)
        if not call.principal.may(registry["hosted_file"].least_role("hard_delete")):
            raise Refused("You may not remove a file; you may hide it.")
        return remove_file(row)
