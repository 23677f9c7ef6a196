"""/v3/action/…: reads the call, runs the action, words the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.permissions import BasePermission

from actions.action import Action, Call
from crud import ApiRequest, ApiView
from kernel.errors import MethodNotAllowed, Refused


class MayCallAction(BasePermission):
    """The least role that an action asks for; keys that only read call nothing that writes."""

    def has_permission(self, request: Any, view: Any) -> bool:
        action, principal = view.action, request.principal
        if action is not None:
            if action.writes and principal.read_only:
                raise Refused("This key may only read.")
            alone = principal.device or principal.presenter  # let in by the view, or not
            if alone is None and not principal.may(action.least_role):
                raise Refused("You may not do that.")
        return True


class ActionView(ApiView):
    permission_classes: Sequence[Any] = [MayCallAction]
    actions: dict[str, Action] = {}
    """By method: a path may mean one thing for GET and another for DELETE."""

    @property
    def action(self) -> Action | None:
        return self.actions.get("GET" if self.request.method == "HEAD" else str(self.request.method))

    @property
    def keyless_download(self) -> bool:  # type: ignore[override]
        return self.action is not None and self.action.keyless_download

    answers_bytes = keyless_download

    @property
    def devices(self) -> Sequence[str]:  # type: ignore[override]
        return self.action.devices if self.action is not None else ()

    @property
    def presenters(self) -> bool:  # type: ignore[override]
        return self.action is not None and self.action.presenters

    @property
    def allowed_methods(self) -> list[str]:
        return [*self.actions, *(["HEAD"] if "GET" in self.actions else [])]

    def handle(self, request: ApiRequest, **places: str) -> HttpResponseBase:
        action = self.action
        if action is None:
            raise MethodNotAllowed(self.allowed_methods)
        call = Call(request, request.principal, places, action.read_arguments(request))

        def work() -> Any:
            result = action.run(call)
            return result if isinstance(result, HttpResponseBase) else self.answer(result)

        return self.once(work, None) if request.method == "DELETE" else work()  # what POSTs do is done once by itself

    get = head = post = patch = delete = put = handle
