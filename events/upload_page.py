"""/upload/<token>: the page that a presenter's link opens. It shows nothing by itself; its script asks the API with the
token, and sends files by tus."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import View

from events.presenter_talks import talks_of
from events.upload_links import principal_of
from tenancy.context import tenant
from tenancy.principal import acting_as

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


class UploadPage(View):
    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """404 for a link that opens nothing, 403 when the last deadline has passed; the page says which."""
        principal = principal_of(token)
        if principal is None or principal.presenter is None or principal.account_id is None:
            return self.page("unknown", 404)
        with tenant(principal.account_id), acting_as(principal):
            is_open = talks_of(principal.presenter)["is_open"]
        return self.page("open" if is_open else "closed", 200 if is_open else 403)

    def page(self, state: str, status: int) -> HttpResponse:
        return HttpResponse(render_to_string("events/upload.html", {"state": state}), status=status, headers=HEADERS)
