"""The API's document (/v3/schema/) and its page for people (/docs). Neither needs a key."""

from __future__ import annotations

import gzip
import hashlib
import secrets
from functools import lru_cache
from typing import Any, Final

from django.http import HttpResponse
from django.template.loader import render_to_string

from crud.describe.openapi import document_json
from crud.rest.requests import ApiRequest
from crud.rest.views import OpenView
from kernel.etag import is_fresh

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self'; "
    # 2026-12-01: Swagger UI 5 writes style attributes.
    "style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class SchemaView(OpenView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: ApiRequest) -> HttpResponse:
        """The document itself, without the envelope: OpenAPI's tools expect it so."""
        plain, packed, tag = _document()
        headers = {"ETag": f"W/{tag}", "Cache-Control": "public, no-cache", "Vary": "Accept-Encoding"}
        if is_fresh(request.META.get("HTTP_IF_NONE_MATCH", ""), tag):
            return HttpResponse(status=304, headers=headers)
        if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
            return _json(packed, headers | {"Content-Encoding": "gzip"})
        return _json(plain, headers)

    head = get


class DocsView(OpenView):
    http_method_names = ["get", "head", "options"]

    def get(self, request: ApiRequest) -> HttpResponse:
        nonce = secrets.token_urlsafe(16)
        page = HttpResponse(render_to_string("crud/docs.html", {"nonce": nonce}))
        page.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(nonce=nonce)
        page.headers["Referrer-Policy"] = "no-referrer"
        return page

    head = get


def _document() -> tuple[bytes, bytes, str]:
    return _packed(document_json())


@lru_cache(maxsize=1)
def _packed(plain: bytes) -> tuple[bytes, bytes, str]:
    return plain, gzip.compress(plain, mtime=0), f'"{hashlib.blake2b(plain, digest_size=12).hexdigest()}"'


def _json(content: bytes, headers: dict[str, Any]) -> HttpResponse:
    return HttpResponse(content, content_type="application/json", headers=headers)
