"""The requests of tus 1.0. Refusals come in the envelope, under the statuses that tus has for them."""

from __future__ import annotations

from email.utils import format_datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse

from actions.tus import headers
from actions.tus.entry import demand, make_rows, purpose_of
from crud import ApiRequest, ApiView
from files import resumable
from files.models import ResumableUpload
from kernel.errors import ApiError, Conflict, Gone, Invalid, MethodNotAllowed
from kernel.query_parameters import refuse_unknown, single_values

State = ResumableUpload.State


class TusView(ApiView):
    presenters = True

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        if request.method == "OPTIONS":  # asks what the server can, before there is a key
            self.format_kwarg = None
            request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
            return
        super().initial(request, *args, **kwargs)
        refuse_unknown(single_values(request._request.GET))
        if request.method != "GET":
            headers.demand_version(request._request.META)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Tus-Resumable"] = headers.VERSION
        response.headers["Cache-Control"] = "no-store"
        return response

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return HttpResponse(status=204, headers=headers.capabilities() | {"Allow": ", ".join(self.allowed_methods)})


class UploadsView(TusView):
    http_method_names = ["post", "options"]

    @property
    def allowed_methods(self) -> list[str]:
        return ["POST"]

    def post(self, request: ApiRequest) -> HttpResponse:
        meta = request._request.META
        if "HTTP_UPLOAD_DEFER_LENGTH" in meta:
            raise Invalid("Say how long the upload is: Upload-Length.")
        length = headers.number(meta, "Upload-Length")
        if str(meta.get("CONTENT_LENGTH") or "0") != "0":
            raise Invalid("The first bytes come with PATCH, and not with POST.")
        metadata = headers.metadata(meta)
        demand(request.principal, purpose_of(request.principal, metadata, length))
        upload = resumable.begin(request.principal, length, metadata)
        location = {"Location": f"/v3/files/tus/{upload.id_random}"}
        if length == 0:
            with resumable.locked(upload):
                complete(request, upload)
        return HttpResponse(status=201, headers=location | state_of(upload))


class UploadView(TusView):
    http_method_names = ["get", "head", "post", "patch", "delete", "options"]

    @property
    def allowed_methods(self) -> list[str]:
        return ["GET", "HEAD", "PATCH", "DELETE"]

    def head(self, request: ApiRequest, upload_id: str) -> HttpResponse:
        upload = looked_at(request, upload_id)
        if upload.state == State.FAILED:
            raise Gone("The upload was refused when it was complete; begin it anew.")
        length = {"Upload-Length": str(upload.length)}
        return HttpResponse(status=200, headers=length | state_of(upload))

    def get(self, request: ApiRequest, upload_id: str) -> Any:
        upload = looked_at(request, upload_id)
        return self.answer(
            {
                "offset": upload.offset,
                "length": upload.length,
                "state": upload.state,
                "expires_on": upload.expires_on,
                "hosted_file_id": upload.hosted_file_id_random,
                "event_file_id": upload.event_file_id_random,
            }
        )

    def post(self, request: ApiRequest, upload_id: str) -> HttpResponse:
        """For clients that can send neither PATCH nor DELETE."""
        meant = str(request._request.META.get("HTTP_X_HTTP_METHOD_OVERRIDE", "")).upper()
        if meant not in ("PATCH", "DELETE"):
            raise MethodNotAllowed(self.allowed_methods)
        return self.patch(request, upload_id) if meant == "PATCH" else self.delete(request, upload_id)

    def patch(self, request: ApiRequest, upload_id: str) -> HttpResponse:
        django_request: HttpRequest = request._request
        meta = django_request.META
        length, checksum = headers.body_length(meta), headers.checksum(meta)
        offset = headers.number(meta, "Upload-Offset")
        upload = resumable.found(request.principal, upload_id)
        with resumable.locked(upload):
            if upload.state == State.FAILED:
                raise Gone("The upload was refused when it was complete; begin it anew.")
            if offset != upload.offset:
                raise Conflict("Upload-Offset is not where the upload is.", headers=state_of(upload))
            if upload.state == State.UPLOADING:
                if length:
                    resumable.append(upload, django_request.read, length, checksum)
                complete(request, upload)
            elif length:
                raise Invalid("It is more than was announced with Upload-Length.")
        return HttpResponse(status=204, headers=state_of(upload))

    def delete(self, request: ApiRequest, upload_id: str) -> HttpResponse:
        upload = resumable.found(request.principal, upload_id)
        with resumable.locked(upload):
            resumable.end(upload)
        return HttpResponse(status=204)


def looked_at(request: ApiRequest, upload_id: str) -> ResumableUpload:
    """The upload; where its bytes are all there, and whoever sent the last ones has died since, it is completed now:
    a client that finds nothing missing sends nothing any more."""
    upload = resumable.found(request.principal, upload_id)
    if upload.state == State.UPLOADING and upload.offset == upload.length:
        with resumable.locked(upload):
            complete(request, upload)
    return upload


def complete(request: ApiRequest, upload: ResumableUpload) -> None:
    """Make the rows when the last byte is there. What is refused for good ends the upload."""
    if upload.state != State.UPLOADING or upload.offset < upload.length:
        return
    try:
        hash_sha256 = str(upload.metadata_json.get("hash_sha256", "")).strip().lower()
        resumable.finish(upload, hash_sha256, partial(make_rows, request.principal, upload))
    except ApiError as error:
        if error.http_status in (400, 413):  # a deadline may be extended, a frozen slot be opened
            resumable.fail(upload, error)
        raise


def state_of(upload: ResumableUpload) -> dict[str, str]:
    state = {"Upload-Offset": str(upload.offset)}
    if upload.state == State.UPLOADING:
        state["Upload-Expires"] = format_datetime(upload.expires_on, usegmt=True)
    if upload.hosted_file_id_random:
        state["Aether-Hosted-File-Id"] = upload.hosted_file_id_random
    if upload.event_file_id_random:
        state["Aether-Event-File-Id"] = upload.event_file_id_random
    return state
