"""Files made of a hosted file: a page of a PDF as a picture, a clip of a video."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.http import HttpRequest

from actions.action import Action, Argument, Call, register
from actions.hosted_file import EXAMPLE
from crud import ApiRequest, ApiResponse
from files.clips import extension_of_clip, parse_time
from files.convert import KINDS
from files.derive import Order, check_source, found, make_later, make_now
from files.filename import clean_filename
from files.host import demand_account
from files.links import target_of
from files.lookup import find_file
from files.models import HostedFile
from files.tasks import derive
from files.upload import described
from kernel.errors import Invalid, NotFound
from kernel.json_body import read_json

NOT_IN_NAMES = re.compile(r'[%:<>|*?"\\/]|^-')


def shared_arguments(filename: str) -> list[Argument]:
    return [
        Argument("link_to_type", "The type of what the new file hangs on.", required=True, most=64, example="event"),
        Argument("link_to_id", "The id of what it hangs on.", kind="id", required=True, example="x7Kq2mB9fRw"),
        Argument("filename_no_ext", "Its name; the extension is added.", default=filename, least=1, most=200),
        Argument(
            "background", "Answer 202 at once, and make it then; read the file to see.", kind="boolean", default=False
        ),
    ]


class Derivation(Action):
    """What both have in common. The same order again finds the file that is there already."""

    methods = ("GET", "POST")
    writes = True
    statuses = (200, 202)
    failures = (404, 413, 507)
    example = EXAMPLE | {"filename": "automated_hosted_file_conversion.webp", "source_hosted_file_id": "b2Wc9xT5yHa"}
    kind: ClassVar[str]

    def parameters(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Those of the work, from the arguments. Raises Invalid."""
        raise NotImplementedError

    def extension(self, source: HostedFile, parameters: dict[str, Any]) -> str:
        raise NotImplementedError

    def read_arguments(self, request: ApiRequest) -> dict[str, Any]:
        if request.method == "POST" and request.META.get("CONTENT_LENGTH") not in (None, "", "0"):
            request.GET = _with_body(request)
        return super().read_arguments(request)

    def run(self, call: Call) -> ApiResponse:
        demand_account(call.principal)
        arguments = call.arguments
        name = arguments["filename_no_ext"]
        if clean_filename(name) != name or NOT_IN_NAMES.search(name):
            raise Invalid.field("filename_no_ext", "Give a name without a path, and without signs such as : or %.")
        parameters = self.parameters(arguments)
        source = find_file(call.principal, call.path["id"])
        target = target_of(call.principal, arguments["link_to_type"], arguments["link_to_id"])
        assert target is not None
        check_source(source, self.kind)
        order = Order(source, self.kind, parameters, f"{name}.{self.extension(source, parameters)}", target)
        data = self._made(call, order)
        waiting = data["status"] in (HostedFile.Status.QUEUED, HostedFile.Status.PROCESSING)
        lacks = data["status_message"] if data["status"] == HostedFile.Status.READY else None
        return ApiResponse(data, status=202 if waiting else 200, warnings=(lacks,) if lacks else ())

    def _made(self, call: Call, order: Order) -> dict[str, Any]:
        if call.request.method == "HEAD" or is_prefetch(call.request):
            row = found(order)
            if row is None:
                raise NotFound("There is no such file yet, and this request makes none.")
            return described(call.principal, row)
        if call.arguments["background"]:
            return self._queued(call, order)
        return described(call.principal, make_now(order))

    def _queued(self, call: Call, order: Order) -> dict[str, Any]:
        data: dict[str, Any] = {}

        def send(row: HostedFile) -> None:
            data.update(described(call.principal, row))  # as it is before a worker can have it
            derive.after_commit(call.principal.account_id, row.id_random)

        row = make_later(order, send)
        return data or described(call.principal, row)


def is_prefetch(request: HttpRequest) -> bool:
    names = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")
    return any("prefetch" in request.META.get(name, "").lower() for name in names)


def _with_body(request: HttpRequest) -> Any:
    """The query, and with it what a JSON body says."""
    body = read_json(request)
    if not isinstance(body, dict):
        raise Invalid("The body must be an object.")
    query = request.GET.copy()
    for name, value in body.items():
        if isinstance(value, dict | list) or value is None:
            raise Invalid.field(name, "Give a text, a number, or true or false.")
        query.appendlist(name, str(value).lower() if isinstance(value, bool) else str(value))
    return query


@register
class ConvertFile(Derivation):
    path = "hosted_file/{id}/convert_file"
    summary = "A page of a PDF as a picture"
    description = (
        "Answers the new hosted_file. Not a PDF, encrypted, broken, too large: 400, and nothing is left behind."
    )
    arguments = [
        *shared_arguments("automated_hosted_file_conversion"),
        Argument("to_type", "The kind of picture.", choices=KINDS, default="webp"),
        Argument("page", "Which page, from 1.", kind="integer", default=1, least=1, most=100_000),
        Argument("max_px", "The longer side, at most.", kind="integer", default=2_000, least=16, most=5_000),
    ]
    kind = "convert"

    def parameters(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {name: arguments[name] for name in ("to_type", "page", "max_px")}

    def extension(self, source: HostedFile, parameters: dict[str, Any]) -> str:
        return str(parameters["to_type"])


@register
class ClipVideo(Derivation):
    path = "hosted_file/{id}/clip_video"
    summary = "A part of a video"
    description = (
        "Answers the new hosted_file. The streams are copied, so that the clip begins at a key frame at or before "
        "`start_time`; `reencode` and `scale_down` cut exactly, as H.264. Sound that can be neither copied nor decoded "
        "is left out; that, and whatever is missing of the picture, stands in `status_message` and is a warning. With "
        "`background` the new file is `queued`, then `processing` with its `progress`, then `ready` or `failed` with "
        "`status_message`."
    )
    arguments = [
        *shared_arguments("automated_hosted_file_clip_video"),
        Argument("start_time", "HH:MM:SS, or with a fraction.", required=True, most=20, example="00:00:02"),
        Argument("end_time", "HH:MM:SS, or with a fraction.", required=True, most=20, example="00:00:05.5"),
        Argument("reencode", "Encode as H.264 and AAC.", kind="boolean", default=False),
        Argument("scale_down", "At most 1,280 pixels wide.", kind="boolean", default=False),
    ]
    kind = "clip"
    example = Derivation.example | {"filename": "automated_hosted_file_clip_video.mp4", "content_type": "video/mp4"}

    def parameters(self, arguments: dict[str, Any]) -> dict[str, Any]:
        times = {}
        for name, argument in (("start", "start_time"), ("end", "end_time")):
            seconds = parse_time(arguments[argument])
            if seconds is None:
                raise Invalid.field(argument, "Give a time as HH:MM:SS, or with a fraction.")
            times[name] = seconds
        if times["end"] <= times["start"]:
            raise Invalid.field("end_time", "It must be after start_time.")
        return times | {name: arguments[name] for name in ("reencode", "scale_down")}

    def extension(self, source: HostedFile, parameters: dict[str, Any]) -> str:
        return extension_of_clip(source.content_type or "", parameters)
