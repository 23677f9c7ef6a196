"""/v3/auth/methods: what a front end can offer to who wants to sign in at a site."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from accounts.access_requests import allows_magic_links
from accounts.models import Site
from accounts.recovery_views import site_asked_at
from accounts.views import AuthView
from crud import ApiRequest
from kernel.errors import Invalid, NotFound


class MethodsView(AuthView):
    http_method_names = ["get", "head", "options"]
    parameter_names = ("site_id",)

    def get(self, request: ApiRequest) -> HttpResponse:
        site_id = request.parameters.get("site_id")
        if not site_id:
            raise Invalid.field("site_id", "Give the id of a site.")
        site, _ = site_asked_at(site_id, "")
        if site is None or not self.allows(site.account_id):
            raise NotFound("There is no such site.")
        return self.answer(methods_of(site))


def methods_of(site: Site) -> dict[str, Any]:
    return {
        "password": True,
        "magic_link": allows_magic_links(site),
        "passcode": bool(site.passcodes),
        "mfa": True,
        "oidc": [],
    }
