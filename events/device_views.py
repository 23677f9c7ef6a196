"""/v3/device/…: a machine enrols, and then says what it has and asks what there is to do (docs/rooms.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from accounts.views import read_fields
from crud import ApiRequest, ApiResponse, ApiView, OpenView
from events.device_commands import MAX_MESSAGE, acknowledge, take
from events.device_reports import Report, files_of, take_report
from events.devices import Profile, enrol, rotate
from events.file_manifest import manifest
from events.manifest_signature import public_key
from events.room_files import in_order_of_need
from kernel.errors import Invalid, Refused
from kernel.query_parameters import refuse_unknown
from kernel.wording import REQUIRED, TRUE_OR_FALSE, characters

LIMITS = {"token": 256, "name": 255, "platform": 200, "version": 100}


class TokenAnswer(ApiView):
    """Of answers that hold a token: nobody keeps them (RFC 6749, section 5.1)."""

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        return response


class EnrolView(TokenAnswer, OpenView):
    http_method_names = ["post", "options"]

    def post(self, request: ApiRequest) -> ApiResponse:
        refuse_unknown(request.parameters)
        fields = read_fields(request, *LIMITS)
        for name, most in LIMITS.items():
            if len(fields[name]) > most:
                raise Invalid.field(name, characters(None, most))
        for name in ("token", "name"):
            if not fields[name].strip():
                raise Invalid.field(name, REQUIRED)
        made = enrol(fields["token"], fields["name"].strip(), fields["platform"], fields["version"])
        device = made.device
        told = {
            "device_token": made.device_token,
            "event_device_id": device.id_random,
            "event_id": device.event.id_random,
            "event_location_id": device.event_location.id_random,
            "profile": device.profile,
            "manifest_key": public_key(device.event.account.id_random),
        }
        if made.display_token:
            told["display_token"] = made.display_token
        return self.answer(told, status=201)


class DeviceView(ApiView):
    """For devices alone: their token says which machine it is."""

    http_method_names = ["post", "options"]
    devices: Sequence[str] = tuple(Profile.values)

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.principal.device is None:
            raise Refused("This is for devices, by their own token.")


class RotateView(TokenAnswer, DeviceView):
    def post(self, request: ApiRequest) -> ApiResponse:
        refuse_unknown(request.parameters)
        read_fields(request) if request._request.body else None
        token = request._request.META["HTTP_AUTHORIZATION"].partition(" ")[2].strip()
        return self.answer({"device_token": rotate(request.principal, token)})


class ReportView(DeviceView):
    devices = (Profile.LAUNCHER, Profile.SCANNER, Profile.KIOSK)

    def post(self, request: ApiRequest) -> ApiResponse:
        refuse_unknown(request.parameters)
        return self.answer(take_report(request.principal, Report.read(request.data)))


class WorkView(DeviceView):
    http_method_names = ["get", "head", "options"]
    devices = (Profile.LAUNCHER,)

    def get(self, request: ApiRequest) -> ApiResponse:
        refuse_unknown(request.parameters, "since")
        since = request.parameters.get("since")
        device = request.principal.device
        assert device is not None
        room = (device.event_id, device.location_id)
        listed = manifest(device.event_id, since, device.location_id, device.location_public_id)
        has = files_of(device)
        prefetch = [digest for digest in in_order_of_need(*room, timezone.now()) if digest not in has]
        messages = [] if request.method == "HEAD" else [frame for _, frame in take([device.id])]
        return self.answer({"manifest": listed, "messages": messages, "prefetch": prefetch})

    head = get


class AckView(DeviceView):
    """For a device that has no websocket open."""

    def post(self, request: ApiRequest) -> ApiResponse:
        refuse_unknown(request.parameters)
        body = request.data
        if not isinstance(body, dict) or set(body) - {"command_id", "ok", "message"}:
            raise Invalid("Give an object with command_id, ok and, if there is one, message.")
        command_id, done, message = body.get("command_id"), body.get("ok"), body.get("message")
        if not isinstance(command_id, str):
            raise Invalid.field("command_id", "Give the id of a command.")
        if not isinstance(done, bool):
            raise Invalid.field("ok", TRUE_OR_FALSE)
        if message is not None and (not isinstance(message, str) or not 0 < len(message) <= MAX_MESSAGE):
            raise Invalid.field("message", f"Give a text of 1 to {MAX_MESSAGE} characters.")
        assert request.principal.device is not None
        status = acknowledge(request.principal.device.id, command_id, done, message)
        return self.answer({"command_id": command_id, "status": status})
