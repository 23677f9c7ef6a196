"""The view that every JSON route inherits: REST framework's own, which acts as its caller in the caller's account.

Its policies (authentication, throttles, permissions, parser, renderer, handler of exceptions) are those that
`settings.REST_FRAMEWORK` names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from rest_framework.response import Response
from rest_framework.views import APIView

from crud.read.resolve import Link
from crud.rest.permissions import ActsInAccount
from crud.rest.requests import ApiRequest
from crud.rest.responses import ApiResponse
from crud.write.idempotency import answer_once
from kernel.errors import ApiError, NotFound, Refused
from kernel.fair_share import Place, holding
from kernel.request_context import begin_warnings, set_caller
from tenancy.context import Entered, every_tenant, tenant
from tenancy.principal import Principal, acting_as


def scope_of(principal: Principal) -> Entered:
    """The tenant scope that a principal acts in."""
    if principal.account_id is not None:
        return tenant(principal.account_id)
    return every_tenant(reason="a key or super token with bypass, or a guest, whom rows() holds to public rows")


_instances: dict[type, Any] = {}


def shared(classes: Sequence[type]) -> list[Any]:
    """One instance of each class: they keep nothing of a request. (Throttles do, and are made anew.)"""
    return [_instances[c] if c in _instances else _instances.setdefault(c, c()) for c in classes]


class ApiView(APIView):
    """Authenticates before anything else is looked at. What it answers is rendered inside, in the caller's scope."""

    response_class: type[ApiResponse] = import_string(settings.API_RESPONSE_CLASS)
    """What `answer` makes: ApiResponse, or one that is quicker."""
    keyless_download: bool = False
    """Whether a download token may stand in for the key."""
    answers_bytes: bool = False
    """Whether the answer is a file's bytes: there tokens for one file are good, too."""
    devices: Sequence[str] = ()
    """The profiles of the devices that may come here: none, unless a view says so."""

    presenters: bool = False
    """Whether presenters may come here by their links."""

    request: ApiRequest
    principal: Principal | None = None
    """None until authentication is done. Whoever words a refusal asks here: `request.user` would authenticate anew."""
    held_place: Place | None = None
    """What it holds of the process's threads."""
    parents: Sequence[Link] = ()
    """Those in the URL, where it is nested."""
    default_response_headers: dict[str, str] = {}  # else Allow, on every answer

    def dispatch(self, request: HttpRequest, *args: Any, parents: Sequence[Link] = (), **kwargs: Any) -> Any:
        """The framework's, with all of it (but for authentication itself) as the caller in its account."""
        self.parents = parents
        self.entered: list[Entered] = []
        response = None
        if not hasattr(request, "principal"):  # else what the view that asks was warned of is said here, too
            self.enter(begin_warnings())
        try:
            response = super().dispatch(request, *args, **kwargs)
            return response
        finally:
            while self.entered:
                self.entered.pop().__exit__()
            if self.held_place is not None:
                self.held_place.leave_after(response)

    def enter(self, context: Entered) -> None:
        """Until the answer is rendered."""
        context.__enter__()
        self.entered.append(context)

    def hold(self, place: Place) -> None:
        """Until the answer is sent."""
        self.held_place = place
        self.enter(holding(place))

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> ApiRequest:
        """As the framework's, which has no setting for the class."""
        return ApiRequest(
            request,
            parsers=self.get_parsers(),
            authenticators=self.get_authenticators(),
            negotiator=self.get_content_negotiator(),
            parser_context=self.get_parser_context(request),
        )

    def perform_content_negotiation(self, request: Any, force: bool = False) -> tuple[Any, str]:
        """There is one representation of everything, whatever a client says that it accepts."""
        renderer = shared(self.renderer_classes)[0]
        return renderer, renderer.media_type

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """In the framework's order, but for throttles: a request that is refused counts like any other."""
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        request.version = request.versioning_scheme = None
        known: Principal | None = getattr(request._request, "principal", None)
        if known is not None:  # a view asks on its caller's behalf; it has been let in, and counted
            self.act_as(known)
        else:
            try:
                self.perform_authentication(request)
            finally:
                self.check_throttles(request)
        self.check_device()
        self.check_presenter()
        self.check_permissions(request)

    def check_device(self) -> None:
        """A device is let in nowhere but where its profile is named, whatever guests may read there."""
        device = self.principal.device if self.principal else None
        if device is not None and device.profile not in self.devices:
            raise Refused("This is not open to a device of this profile.")

    def check_presenter(self) -> None:
        """A presenter's link is let in nowhere but where uploads are, whatever guests may read there."""
        if self.principal is not None and self.principal.presenter is not None and not self.presenters:
            raise Refused("This link uploads files, and opens nothing else.")

    def perform_authentication(self, request: Any) -> None:
        principal: Principal | None = request.user
        if principal is not None:  # else it is an open view
            self.act_as(principal)

    def act_as(self, principal: Principal) -> None:
        self.principal = self.request.principal = principal
        set_caller(self.request._request, principal)  # middlewares hold Django's request
        self.enter(acting_as(principal))
        self.enter(scope_of(principal))

    def answer(
        self, data: Any, status: int = 200, *, message: str = "", headers: dict[str, str] | None = None, **meta: Any
    ) -> ApiResponse:
        """`data` may be an orjson.Fragment; `meta` holds what a list adds: count, limit, …"""
        return self.response_class(data, status, message=message, headers=headers, **meta)

    def once(self, work: Callable[[], HttpResponse], body: Any) -> HttpResponse:
        """The answer of `work`; under an Idempotency-Key the first one, kept in the transaction of its work: so it is
        rendered in there."""
        request = self.request
        if "HTTP_IDEMPOTENCY_KEY" not in request._request.META:
            return work()
        return answer_once(request._request, request.principal, body, lambda: self.finalize_response(request, work()))

    def failure(self, error: ApiError) -> ApiResponse:
        return self.answer(
            None, error.http_status, message=error.message, headers=error.headers, details=error.details()
        )

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Rendered here, so that whoever calls a view from within gets bytes."""
        response = super().finalize_response(request, response, *args, **kwargs)
        if isinstance(response, Response) and not response.is_rendered:
            cache_control = "private, no-cache" if response.status_code == 200 else "private, no-store"
            response.headers.setdefault("Cache-Control", cache_control)
            response.render()
        return response

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    def get_parsers(self) -> list[Any]:
        return shared(self.parser_classes)

    def get_renderers(self) -> list[Any]:
        return shared(self.renderer_classes)

    def get_authenticators(self) -> list[Any]:
        return shared(self.authentication_classes)

    def get_permissions(self) -> list[Any]:
        return shared(self.permission_classes)  # type: ignore[arg-type]  # composed ones are called likewise

    def get_content_negotiator(self) -> Any:
        return shared([self.content_negotiation_class])[0]


class OpenView(ApiView):
    """A view without the entry ticket: health, documents. Nobody is authenticated, and no account is entered."""

    authentication_classes: Sequence[Any] = ()
    permission_classes: Sequence[Any] = ()
    throttle_classes: Sequence[Any] = ()


class NoSuchRoute(ApiView):
    """Whoever may not come in is told so first, also where there is nothing."""

    permission_classes: Sequence[Any] = [ActsInAccount]
    error: ApiError | None = None

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise self.error or NotFound("There is no such path.")
