"""What every answer of an old route carries, and what the log and the count are told of it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, time
from typing import Final

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import http_date

from kernel.errors import NotFound, shorten
from legacy.hits import Hit, counter, today
from tenancy.principal import Principal

log = logging.getLogger("legacy.routes")
DEPRECATED: Final = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
"""Since V3 is the one to use."""
METHODS: Final = ("GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "PUT")


class RouteGone(NotFound):
    status = 410

    def __init__(self, successor: str) -> None:
        super().__init__(f"This version of the API is no longer served. Its successor: {successor}")
        self.extra = {"successor": successor}


def noted(
    request: HttpRequest, template: str, successor: str, principal: Principal | None, response: HttpResponseBase
) -> HttpResponseBase:
    """The response with its headers; the hit is logged and counted."""
    response.headers["Deprecation"] = f"@{DEPRECATED}"  # RFC 9745
    response.headers["Link"] = f'<{successor}>; rel="successor-version"'
    if settings.AETHER_LEGACY_SUNSET:
        moment = datetime.combine(settings.AETHER_LEGACY_SUNSET, time(), UTC)
        response.headers["Sunset"] = http_date(moment.timestamp())  # RFC 8594
    method = request.method if request.method in METHODS else "other"
    prefix, name = (principal.key_prefix, principal.key_name) if principal else ("", "")
    hit = Hit(today(), template, str(method), prefix, name)
    place = counter.add(hit)
    if place.has_line:
        left_out = f"; {place.left_out} lines before it were left out" if place.left_out else ""
        thinned = "; the others of this minute are counted, and not logged" if place.is_last else ""
        log.warning(
            "!!! DEPRECATED ROUTE ACCESSED: %s %s, key %s, %d today%s",
            method,
            template,
            shorten(name) or "-",
            place.number,
            left_out + thinned,
            extra={"key": shorten(name), "method": method, "route": template, "hits_today": place.number},
        )
    counter.write()
    return response
