"""The Content-Security-Policy of pages for people: the admin's scripts come from /static/, or name the page's nonce.

Nothing that stands in a row, a file's name or an address can become code, should a template ever write it out as it is:
no inline script without the nonce, no eval, no script out of an uploaded file.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

HEADER: Final = "Content-Security-Policy"
POLICY: Final = (
    "default-src 'self'; "
    "script-src 'nonce-{nonce}' {site}{static} {site}/admin/jsi18n/; "
    # 2026-12-01: Unfold (0.91) writes its colours into a style element and sizes into style attributes; htmx and
    # select2 do so by script. A style can't run code.
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; frame-src 'self' blob:; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


class ContentSecurityMiddleware:
    """Gives a page its policy, where its view has given it none, and templates the nonce: {{ request.csp_nonce }}."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        nonce = secrets.token_urlsafe(16)
        request.csp_nonce = nonce  # type: ignore[attr-defined]
        response = self.get_response(request)
        if HEADER not in response.headers and response.headers.get("Content-Type", "").startswith("text/html"):
            site = f"{request.scheme}://{request.get_host()}"
            response.headers[HEADER] = POLICY.format(nonce=nonce, site=site, static=settings.STATIC_URL)
        return response
