"""The view that every JSON route inherits: who is calling, in which account, and failures in the envelope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from kernel.envelope import failure_for
from kernel.errors import MethodNotAllowed
from tenancy.context import Entered, every_tenant, tenant
from tenancy.principal import Principal, acting_as

VIA: Final = "aether.via"
"""In a request's META: by what it was made on the caller's behalf ("mcp"). No header can set it."""


def scope_of(principal: Principal) -> Entered:
    """The tenant scope that a principal acts in."""
    if principal.account_id is not None:
        return tenant(principal.account_id)
    return every_tenant(reason="a key or super token with bypass, or a guest, whom rows() holds to public rows")


class ApiView(APIView):
    """Authenticates before anything else is looked at, then acts as the principal in its account.

    Its handlers get Django's own request. REST framework's dispatch would wrap it, negotiate a renderer and a version,
    and take a third of a small answer's time for what no view here uses.
    """

    authentication_classes: Sequence[Any] = api_settings.DEFAULT_AUTHENTICATION_CLASSES

    principal: Principal
    keyless_download: bool = False
    """Whether a download token may stand in for the key."""
    answers_bytes: bool = False
    """Whether the answer is a file's bytes: there tokens for one file are good, too."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            principal = self.authenticated(request)
        except Exception as error:  # noqa: BLE001  (whatever it is, the caller gets the envelope)
            return failure_for(error)
        self.principal = request.principal = principal  # type: ignore[attr-defined]
        with acting_as(principal), scope_of(principal):
            return self.respond(request, *args, **kwargs)

    def authenticated(self, request: HttpRequest) -> Principal:
        request.api_view = self  # type: ignore[attr-defined]
        (scheme,) = self.authentication_classes
        principal: Principal = scheme().authenticate(request)[1]
        return replace(principal, via=request.META[VIA]) if VIA in request.META else principal

    def respond(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.prepare(request, *args, **kwargs)
            method = str(request.method).lower()
            if method not in self.http_method_names or (handler := getattr(self, method, None)) is None:
                raise MethodNotAllowed(self.allowed_methods)
            response: HttpResponseBase = handler(request, *args, **kwargs)
            return response
        except Exception as error:  # noqa: BLE001
            return failure_for(error)

    def prepare(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """What has to be known or refused before the method's handler is called."""

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})


class OpenView(ApiView):
    """A view without the entry ticket: health, documents. Nobody is authenticated, and no account is entered."""

    authentication_classes = ()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self.respond(request, *args, **kwargs)
