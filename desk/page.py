"""What all pages of a desk have in common: the event, its account and its clock, and how a refusal is said."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views import View

from crud import missing, registry
from crud.declare.moments import end_of, start_of
from crud.staff import inside, principal_of
from events.models import Event
from kernel.errors import ApiError, Refused
from kernel.ids import is_id
from kernel.request_context import begin_warnings
from tenancy.principal import Principal, acting_as

TABS: Final = (
    ("timetable", "Timetable", "event_session"),
    ("files", "Files", "event_file"),
    ("badges", "Badges", "event_badge"),
    ("leads", "Leads", "event_exhibit"),
    ("import", "Import", "event_session"),
)
"""(address, words, the type that one must be able to read)."""


def event_of(principal: Principal, public_id: str) -> Event:
    """Raises Http404, or PermissionDenied for one that the principal may not read."""
    events = registry["event"]
    if not is_id(public_id):
        raise Http404
    rows = events.rows(principal.access) if events.may("read", principal) else events.model.objects.none()
    event: Event | None = rows.select_related("account").filter(id_random=public_id).first()
    if event is None:
        if isinstance(missing(events, principal, public_id), Refused):
            raise PermissionDenied
        raise Http404
    return event


class DeskView(View):
    """One address of an event's desk. It acts as who is signed in, in the event's account, by the event's clock."""

    demands: ClassVar[tuple[tuple[str, str], ...]] = (("event", "read"),)
    """(type, verb) that the principal's role must allow, for every method."""
    writes: ClassVar[tuple[tuple[str, str], ...]] = ()
    """The same for POST alone."""

    event: Event
    principal: Principal

    def dispatch(self, request: HttpRequest, *args: Any, **places: Any) -> HttpResponseBase:
        principal = principal_of(request)
        if principal is None:
            raise PermissionDenied
        self.event = event = event_of(principal, places.pop("event_id"))
        with ExitStack() as doors:
            acting, scope = inside(principal, event.account_id if principal.account_id is None else None)
            self.principal = replace(acting, time_zone=event.time_zone or event.account.time_zone or "UTC")
            for door in (scope, acting_as(self.principal), timezone.override(self.time_zone), begin_warnings()):
                doors.enter_context(door)
            demanded = [*self.demands, *(self.writes if request.method == "POST" else ())]
            if not all(registry[name].may(verb, self.principal) for name, verb in demanded):
                raise PermissionDenied
            try:
                return super().dispatch(request, *args, **places)
            except ApiError as error:
                if error.http_status >= 500 and not error.recoverable:
                    raise
                if "text/html" in request.headers.get("Accept", ""):  # somebody has followed a link
                    refusal = {403: PermissionDenied, 404: Http404}.get(error.http_status)
                    if refusal is not None:
                        raise refusal from error
                return self.refuse(error)

    @property
    def time_zone(self) -> str:
        return self.principal.time_zone

    def rows(self, type_name: str) -> Any:
        """The objects of a type that whoever looks may read."""
        return registry[type_name].rows(self.principal.access)

    def may(self, type_name: str, verb: str) -> bool:
        return registry[type_name].may(verb, self.principal)

    def whole_day(self, day: date) -> tuple[datetime, datetime]:
        """From its first moment to its last, by the event's clock."""
        return start_of(day, self.time_zone), end_of(day, self.time_zone) - timedelta(microseconds=1)

    def refuse(self, error: ApiError) -> HttpResponseBase:
        """For scripts: {"problem": a sentence, "fields": {name: [sentence]}}."""
        return JsonResponse({"problem": error.message, "fields": error.fields or {}}, status=error.http_status)

    def page(self, template: str, tab: str, values: dict[str, Any], status: int = 200) -> HttpResponse:
        """Made here and now, inside the account."""
        name = next((words for address, words, _ in TABS if address == tab), "")
        context = {
            **admin.site.each_context(self.request),
            "title": f"{name} · {self.event.name}" if name else self.event.name,
            "event": self.event,
            "tab": tab,
            "tabs": [(address, words) for address, words, type_name in TABS if self.may(type_name, "read")],
            "time_zone": self.time_zone,
            "is_fullwidth": "1",
            **values,
        }
        return render(self.request, f"desk/{template}", context, status=status)
