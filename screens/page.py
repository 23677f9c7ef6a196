"""What all screens have in common: a strict policy, nothing kept by anybody between, and whose room it is."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from events.devices import Kind, principal_of
from tenancy.context import tenant
from tenancy.principal import Principal, acting_as

POLICY: Final = (
    "default-src 'none'; script-src {site}{static}; style-src {site}{static}; img-src 'self' data:; "
    "connect-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HIDDEN: Final = {"Cache-Control": "private, no-store", "Referrer-Policy": "no-referrer"}
"""Of whatever has a token in its address."""


def guarded(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    for name, value in HIDDEN.items():
        response.headers[name] = value
    site = f"{request.scheme}://{request.get_host()}"
    response.headers["Content-Security-Policy"] = POLICY.format(site=site, static=settings.STATIC_URL)
    return response


def page(request: HttpRequest, template: str, values: dict[str, Any], status: int = 200) -> HttpResponseBase:
    """No script and no style stands in it."""
    return guarded(request, render(request, f"screens/{template}", values, status=status))


def told(request: HttpRequest, data: Any, status: int = 200) -> HttpResponseBase:
    """For the scripts of a page."""
    return guarded(request, JsonResponse(data, status=status, safe=False))


def gone(request: HttpRequest) -> HttpResponseBase:
    """The same for every token that opens nothing."""
    return page(request, "gone.html", {}, status=404)


def nothing() -> HttpResponse:
    return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})


def sign_behind(token: str) -> Principal | None:
    """The device whose display token this is."""
    return principal_of(token, Kind.DISPLAY)


def inside(principal: Principal) -> ExitStack:
    """The account of a device."""
    assert principal.account_id is not None
    doors = ExitStack()
    doors.enter_context(tenant(principal.account_id))
    doors.enter_context(acting_as(principal))
    return doors
