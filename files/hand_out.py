"""A stored file as an HTTP answer: whole, in parts, or by nginx."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from files import store
from files.content_type import SHOWN_INLINE, UNKNOWN
from files.directory_storage import DirectoryStorage
from files.filename import content_disposition
from files.ranges import Span, Unsatisfiable, parse_range
from kernel.envelope import failure
from kernel.errors import NotFound, RangeNotSatisfiable, Stale
from kernel.etag import is_fresh

log = logging.getLogger("files.store")

IMMUTABLE = "private, max-age=31536000, immutable"
NOT_RUN = "sandbox; default-src 'none'"
CONDITIONS = ("HTTP_IF_RANGE", "HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE")


@dataclass(frozen=True, slots=True)
class Content:
    """What is handed out."""

    hash_sha256: str
    size: int
    filename: str
    content_type: str

    @property
    def etag(self) -> str:
        return f'"{self.hash_sha256}"'


def file_answer(
    request: HttpRequest, content: Content, *, inline: bool = False, cache: str = "private, no-cache"
) -> HttpResponseBase:
    """The answer to a GET or HEAD. Raises Stale; NotFound where the bytes are missing or damaged, which is logged."""
    if_match = request.META.get("HTTP_IF_MATCH", "*")
    if if_match.strip() != "*" and content.etag not in [tag.strip() for tag in if_match.split(",")]:
        raise Stale
    if_none_match = request.META.get("HTTP_IF_NONE_MATCH")
    if if_none_match and is_fresh(if_none_match, content.etag):
        return _with_headers(HttpResponse(status=304), content, inline, cache)
    if not store.is_whole(content.hash_sha256, content.size):
        log.error("the bytes of %s are missing or damaged", content.hash_sha256)
        raise NotFound("The file's bytes are not there.")
    try:
        spans = _asked_spans(request, content)
    except Unsatisfiable:
        return failure(RangeNotSatisfiable(content.size))
    response = _body(request, content, spans)
    return _with_headers(response, content, inline, cache)


def _asked_spans(request: HttpRequest, content: Content) -> list[Span] | None:
    header = request.META.get("HTTP_RANGE", "")
    if_range = request.META.get("HTTP_IF_RANGE", "")
    if not header or (if_range and if_range.strip() != content.etag):
        return None
    return parse_range(header, content.size)


def _body(request: HttpRequest, content: Content, spans: list[Span] | None) -> HttpResponseBase:
    on_disk = isinstance(store.storage(), DirectoryStorage)
    if settings.AETHER_X_ACCEL_PREFIX and on_disk and _nginx_agrees(request, spans):
        name = settings.AETHER_X_ACCEL_PREFIX + store.name_of(content.hash_sha256)
        return HttpResponse(headers={"X-Accel-Redirect": name})
    if spans is not None and len(spans) > 1:
        return _several(request, content, spans)
    start, length = spans[0] if spans else (0, content.size)
    response: HttpResponseBase
    if request.method == "HEAD":
        response = HttpResponse()
    elif spans is None and on_disk and "wsgi.file_wrapper" in request.META:
        response = FileResponse(store.path_of(content.hash_sha256).open("rb", buffering=0))  # the server's sendfile
    else:
        response = StreamingHttpResponse(store.read(content.hash_sha256, start, length))
    response.headers["Content-Length"] = str(length)
    if spans:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{content.size}"
    return response


def _nginx_agrees(request: HttpRequest, spans: list[Span] | None) -> bool:
    """Whether nginx sends the same as we would: it knows no ETag of ours, and reads lists of ranges in its own way."""
    if any(name in request.META for name in CONDITIONS):
        return False
    header = request.META.get("HTTP_RANGE", "")
    return not header or (spans is not None and "," not in header)


def _several(request: HttpRequest, content: Content, spans: list[Span]) -> HttpResponseBase:
    """multipart/byteranges."""
    boundary = secrets.token_hex(16)
    heads = [
        f"\r\n--{boundary}\r\nContent-Type: {_type_of(content)}\r\n"
        f"Content-Range: bytes {start}-{start + length - 1}/{content.size}\r\n\r\n".encode()
        for start, length in spans
    ]
    end = f"\r\n--{boundary}--\r\n".encode()

    def parts() -> Iterator[bytes]:
        for head, (start, length) in zip(heads, spans, strict=True):
            yield head
            yield from store.read(content.hash_sha256, start, length)
        yield end

    body = () if request.method == "HEAD" else parts()
    response = StreamingHttpResponse(body, status=206, content_type=f"multipart/byteranges; boundary={boundary}")
    total = sum(map(len, heads)) + sum(length for _, length in spans) + len(end)
    response.headers["Content-Length"] = str(total)
    return response


def _type_of(content: Content) -> str:
    """As a header: what a browser could run is not called by its name, nor guessed to be it (nosniff)."""
    if content.content_type in SHOWN_INLINE or content.content_type.startswith(("image/", "audio/", "video/")):
        return UNKNOWN if content.content_type == "image/svg+xml" else content.content_type
    if content.content_type in ("text/plain", "application/zip") or content.content_type.startswith(
        ("application/vnd.openxmlformats", "application/vnd.oasis")
    ):
        return content.content_type
    return UNKNOWN


def _with_headers(response: HttpResponseBase, content: Content, inline: bool, cache: str) -> HttpResponseBase:
    shown = inline and content.content_type in SHOWN_INLINE
    headers = response.headers
    if response.status_code != 206 or not headers.get("Content-Type", "").startswith("multipart/"):
        headers["Content-Type"] = _type_of(content)
    headers["ETag"] = content.etag
    if "X-Accel-Redirect" not in headers:  # nginx says it by itself
        headers["Accept-Ranges"] = "bytes"
    headers["Cache-Control"] = cache
    headers["Content-Disposition"] = content_disposition(content.filename, inline=shown)
    headers["X-Content-Type-Options"] = "nosniff"
    # A sandbox keeps browsers from showing a PDF at all; their viewers run nothing in our origin.
    headers["Content-Security-Policy"] = (
        "default-src 'none'" if shown and content.content_type == "application/pdf" else NOT_RUN
    )
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
