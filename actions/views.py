"""/v3/action/…: reads the call, checks who may, runs the action, words the answer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase

from actions.action import Action, Call
from crud import ApiView
from kernel.envelope import answer
from kernel.errors import MethodNotAllowed, Refused


class ActionView(ApiView):
    actions: dict[str, Action] = {}
    """By method: a path may mean one thing for GET and another for DELETE."""

    @property
    def keyless_download(self) -> bool:
        method = "GET" if self.request.method == "HEAD" else self.request.method
        return method in self.actions and self.actions[method].keyless_download

    answers_bytes = keyless_download

    @property
    def allowed_methods(self) -> list[str]:
        return [*self.actions, *(["HEAD"] if "GET" in self.actions else [])]

    def handle(self, request: HttpRequest, **places: str) -> HttpResponseBase:
        action = self.actions.get("GET" if request.method == "HEAD" else str(request.method))
        if action is None:
            raise MethodNotAllowed(self.allowed_methods)
        principal = self.principal
        if action.writes and principal.read_only:
            raise Refused("This key may only read.")
        if not principal.may(action.least_role):
            raise Refused("You may not do that.")
        call = Call(request, principal, places, action.read_arguments(request))
        result: Any = action.run(call)
        return result if isinstance(result, HttpResponseBase) else answer(result, warnings=principal.warnings)

    get = head = post = patch = delete = put = handle
