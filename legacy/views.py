"""The old routes. V3's own view answers them: one authorisation, one reader, one writer for all versions."""

from __future__ import annotations

from functools import partial
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from crud import ObjectView, OpenView
from kernel.envelope import answer, failure
from kernel.errors import MethodNotAllowed, NotFound
from legacy.notice import Gone, noted
from legacy.routes import V1, V2, OldRoute, old_route
from legacy.translation import new_request, translate_answer, translate_request


class TranslatedView(ObjectView):
    """V3's view, for a request that learns to speak V3 as soon as it is known who is calling."""

    old: OldRoute | None = None
    method: str | None = ""
    """The caller's; V3 searches by POST only."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = super().dispatch(request, *args, **kwargs)
        route = getattr(self, "route", None)
        if route is None or route.object_type is None:
            return response
        return cast(HttpResponseBase, translate_answer(response, self.asked, route.object_type))

    @property
    def asked(self) -> OldRoute:
        assert self.old is not None
        return self.old

    @property
    def allowed_methods(self) -> list[str]:
        return list(self.asked.methods)

    def prepare(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        if not self.asked.kind:
            raise NotFound("There is no such path.")
        if self.method not in (*self.asked.methods, "OPTIONS"):
            raise MethodNotAllowed(self.allowed_methods)
        super().prepare(request, *args, **kwargs)
        if self.route.kind != self.asked.kind:  # an id that is a word of V3's paths
            raise NotFound
        translate_request(request, self.asked, self.object_type)


def crud(request: HttpRequest, path: str | None = None, *, prefix: str) -> HttpResponseBase:
    route = old_route(prefix, path or "", searches=_searches(request))
    if not settings.AETHER_LEGACY:
        return noted(request, route.template, route.successor, None, failure(Gone(route.successor)))
    inner = new_request(request, route)
    response = TranslatedView.as_view(old=route, method=request.method)(inner, path=route.path)
    principal = request.principal = getattr(inner, "principal", None)  # type: ignore[attr-defined]
    return noted(request, route.template, route.successor, principal, response)


crud_v1 = partial(crud, prefix=V1)
crud_v2 = partial(crud, prefix=V2)


def _searches(request: HttpRequest) -> bool:
    try:
        return "jp" in request.GET
    except SuspiciousOperation:  # too many parameters: V3 says so
        return False


class RootView(OpenView):
    """`GET /` of V1: the service and its version, for whoever asks whether it is up."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest) -> HttpResponse:
        return answer({"service": "Aether", "version": settings.AETHER_VERSION})

    head = get


service = RootView.as_view()
ROOT_SUCCESSOR = "/v3/schema/"


def root(request: HttpRequest) -> HttpResponseBase:
    """A person who comes with a browser wants to read, and called no old route."""
    response: HttpResponseBase
    if not settings.AETHER_LEGACY:
        response = failure(Gone(ROOT_SUCCESSOR))
    elif request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        response = HttpResponseRedirect("/docs")
        patch_vary_headers(response, ["Accept"])
        return response
    else:
        response = service(request)
    patch_vary_headers(response, ["Accept"])
    return noted(request, "/", ROOT_SUCCESSOR, None, response)
