"""The view that every JSON route inherits: who is calling, in which account, and failures in the envelope."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from crud.envelope import failure_for
from crud.errors import MethodNotAllowed
from tenancy.context import every_tenant, tenant
from tenancy.principal import Principal, acting_as

VIA: Final = "aether.via"
"""In a request's META: by what it was made on the caller's behalf ("mcp"). No header can set it."""


def scope_of(principal: Principal) -> AbstractContextManager[None]:
    """The tenant scope that a principal acts in."""
    if principal.account_id is not None:
        return tenant(principal.account_id)
    return every_tenant(reason="a key or super token with bypass, or a guest, whom rows() holds to public rows")


class ApiView(APIView):
    """Authenticates before anything else is looked at, then acts as the principal in its account."""

    authentication_classes: Sequence[Any] = api_settings.DEFAULT_AUTHENTICATION_CLASSES
    permission_classes = ()
    throttle_classes = ()
    content_negotiation_class = BaseContentNegotiation

    principal: Principal

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        with ExitStack() as self.doors:
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.perform_authentication(request)
        principal = cast(Principal, request.auth)
        if VIA in request.META:
            principal = replace(principal, via=request.META[VIA])
        self.principal = request._request.principal = principal  # type: ignore[attr-defined]
        self.doors.enter_context(acting_as(principal))
        self.doors.enter_context(scope_of(principal))

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {}  # REST framework would name the allowed methods before the route is known

    def handle_exception(self, exc: Exception) -> Any:
        return failure_for(exc)

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        raise MethodNotAllowed(self.allowed_methods)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})


class OpenView(ApiView):
    """A view without the entry ticket: health, documents."""

    authentication_classes = ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Nobody is authenticated, and no account is entered."""
