"""Leads: how many each exhibit has and when they came, the file of them, and what its exhibitor may do."""

from __future__ import annotations

from typing import Any, Final, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.dateparse import parse_datetime

from actions.action import Call
from actions.event_exhibit import TrackingExport
from actions.event_exhibit_scan import LeadsSummary
from crud import WRITERS, ApiRequest, Writer, missing, registry
from desk.page import DeskView
from events.models import EventExhibit
from kernel.errors import ApiError, Invalid, Stale
from kernel.etag import version

ON_A_PAGE: Final = 50
STALE: Final = "Somebody else has changed this exhibit since you opened the page. Nothing was written; look again."


class LeadView(DeskView):
    demands = (("event_exhibit", "read"), ("event_exhibit_tracking", "read"))

    def exhibits(self) -> Any:
        return self.rows("event_exhibit").filter(event=self.event)

    def exhibit(self, public_id: str) -> EventExhibit:
        found: EventExhibit | None = self.exhibits().filter(id_random=public_id).first()
        if found is None:
            raise missing(registry["event_exhibit"], self.principal, public_id, below=True)
        return found

    def call(self, public_id: str, arguments: dict[str, Any]) -> Call:
        """An action's call, as this page's caller would make it over HTTP."""
        return Call(cast(ApiRequest, self.request), self.principal, {"id": public_id}, arguments)


class LeadsPage(LeadView):
    def get(self, request: HttpRequest) -> HttpResponse:
        term = request.GET.get("q", "").strip()[:200]
        exhibits = self.exhibits().order_by("name", "pk")
        if term:
            exhibits = exhibits.filter(name__icontains=term) | exhibits.filter(code__iexact=term)
        page = Paginator(exhibits, ON_A_PAGE).get_page(request.GET.get("page"))
        leads = self.rows("event_exhibit_tracking").filter(enable=True, hide=False).order_by()
        counted = leads.filter(event_exhibit__in=[exhibit.pk for exhibit in page]).values("event_exhibit")
        found = {line["event_exhibit"]: line for line in counted.annotate(count=Count("pk"), last=Max("captured_on"))}
        lines = [(exhibit, found.get(exhibit.pk, {"count": 0, "last": None})) for exhibit in page]
        total = leads.filter(event_exhibit__event=self.event).count()
        return self.page("leads.html", "leads", {"q": term, "page": page, "lines": lines, "total": total})


class ExhibitPage(LeadView):
    writes = (("event_exhibit", "update"),)

    def get(self, request: HttpRequest, exhibit_id: str, problem: str = "", status: int = 200) -> HttpResponse:
        exhibit = self.exhibit(exhibit_id)
        values = {
            "exhibit": exhibit,
            "version": f'"{version("event_exhibit", exhibit.pk, exhibit.updated_on)}"',
            "has_passcode": bool(exhibit.passcode),
            "may_write": self.may("event_exhibit", "update"),
            "file_types": list(WRITERS),
            "problem": problem,
            **self._figures(exhibit),
        }
        return self.page("exhibit.html", "leads", values, status)

    def _figures(self, exhibit: EventExhibit) -> dict[str, Any]:
        """As the API's summary has them; or why this role does not see them."""
        try:
            found = LeadsSummary().run(self.call(exhibit.id_random, {}))
        except ApiError as error:
            return {"closed": error.message}
        most = max((line["count"] for line in found["by_hour"]), default=1)
        hours = [(parse_datetime(line["hour"]), line["count"]) for line in found["by_hour"]]
        return {"summary": found, "hours": hours, "most": most}

    def post(self, request: HttpRequest, exhibit_id: str) -> HttpResponse:
        """leads_api_access, passcode, remove_passcode, and the `version` that was read."""
        exhibit = self.exhibit(exhibit_id)
        change: dict[str, Any] = {}
        access, passcode = "leads_api_access" in request.POST, request.POST.get("passcode", "")
        if access != exhibit.leads_api_access:
            change["leads_api_access"] = access
        try:
            if passcode and "remove_passcode" in request.POST:
                raise Invalid("Give a new passcode, or remove the one that is set; one of both.")
            if passcode or "remove_passcode" in request.POST:
                change["passcode"] = passcode or None
            if change:
                tag = request.POST.get("version", "")
                if not tag:
                    raise Invalid("Send the version that you have read.")
                within = [("event", self.event.id_random)]
                Writer(registry["event_exhibit"], self.principal, within=within, if_match=tag).update(
                    exhibit_id, change
                )
        except Stale:
            return self.get(request, exhibit_id, STALE, Stale.status)
        except ApiError as error:
            return self.get(request, exhibit_id, error.message, error.http_status)
        messages.success(request, f"{exhibit} is saved." if change else "There was nothing to change.")
        return HttpResponseRedirect(reverse("desk_exhibit", args=[self.event.id_random, exhibit_id]))


class ExhibitExport(LeadView):
    """GET ?file_type=: the file of the API's `tracking_export`, with its rules."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest, exhibit_id: str) -> HttpResponseBase:
        self.exhibit(exhibit_id)
        file_type = request.GET.get("file_type", "csv")
        if file_type not in WRITERS:
            raise Invalid.field("file_type", f"Give one of: {', '.join(WRITERS)}.")
        return TrackingExport().run(self.call(exhibit_id, {"file_type": file_type, "return_file": True}))
