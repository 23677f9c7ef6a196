"""The old routes. V3's own views answer them: one authorisation, one reader, one writer for all versions."""

from __future__ import annotations

from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from crud import ApiRequest, ApiResponse, ApiView, FoundRoute, OpenView, leads_to_bytes, route
from kernel.envelope import failure
from kernel.errors import ApiError, MethodNotAllowed, NotFound
from legacy.notice import RouteGone, noted
from legacy.routes import V1, V2, OldRoute, old_route
from legacy.translation import new_request, translate_answer, translated_request


class OldCrudView(ApiView):
    """Asks V3 on its caller's behalf, as soon as it is known who is calling."""

    prefix: ClassVar[str] = V2

    @cached_property
    def old(self) -> OldRoute:
        return old_route(self.prefix, self.kwargs.get("path", ""), searches=_searches(self.request))

    @cached_property
    def new(self) -> FoundRoute:
        return route(self.old.path)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.request, self.kwargs = request, kwargs  # type: ignore[assignment]  # until it is made REST framework's
        if settings.AETHER_LEGACY:
            response = super().dispatch(request, *args, **kwargs)
        else:
            response = failure(RouteGone(self.old.successor))
        return noted(request, self.old.template, self.old.successor, self.principal, response)

    @property
    def keyless_download(self) -> bool:  # type: ignore[override]
        return self.old.kind == "detail" and leads_to_bytes(self.request, self.new.object_type)

    @property
    def allowed_methods(self) -> list[str]:
        return list(self.old.methods)

    def handle(self, request: ApiRequest, path: str | None = None) -> HttpResponseBase:
        if not self.old.kind:
            raise NotFound("There is no such path.")
        if request.method not in (*self.old.methods, "OPTIONS"):
            raise MethodNotAllowed(self.allowed_methods)
        object_type = self.new.object_type
        if object_type is None:
            return self.new.answer(new_request(request, self.old))
        if self.new.target.kind != self.old.kind:  # an id that is a word of V3's paths
            raise NotFound
        if request.method == "OPTIONS":
            return super().options(request)  # type: ignore[no-any-return]
        try:
            inner = translated_request(request, self.old, object_type)
        except ApiError as error:
            answer: HttpResponseBase = translate_answer(failure(error), self.old, object_type)
        else:
            answer = translate_answer(self.new.answer(inner), self.old, object_type)
        return answer

    get = head = post = put = patch = delete = options = handle
    http_method_not_allowed = handle  # type: ignore[assignment]  # what V3 would say of it, the old route says


def _searches(request: Any) -> bool:
    try:
        return "jp" in request.GET
    except SuspiciousOperation:  # too many parameters: V3 says so
        return False


class RootView(OpenView):
    """`GET /` of V1: the service and its version, for whoever asks whether it is up. A person who comes with a browser
    wants to read, and called no old route."""

    http_method_names = ["get", "head", "options"]
    successor: ClassVar[str] = "/v3/schema/"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response: HttpResponseBase
        if not settings.AETHER_LEGACY:
            response = failure(RouteGone(self.successor))
        elif request.get_preferred_type(["application/json", "text/html"]) == "text/html":
            response = HttpResponseRedirect("/docs")
            patch_vary_headers(response, ["Accept"])
            return response
        else:
            response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["Accept"])
        return noted(request, "/", self.successor, None, response)

    def get(self, request: ApiRequest) -> ApiResponse:
        return self.answer({"service": "Aether", "version": settings.AETHER_VERSION})

    head = get


crud_v1 = OldCrudView.as_view(prefix=V1)
crud_v2 = OldCrudView.as_view(prefix=V2)
root = RootView.as_view()
