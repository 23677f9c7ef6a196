"""The way in: which events there are, and what is to be done for one of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from crud import registry
from crud.staff import principal_of
from desk.page import DeskView
from events.clashes import clashes_of
from tenancy.principal import Principal

MOST_EVENTS: Final = 200
JUST_OVER: Final = timedelta(days=2)


def events_for(principal: Principal, most: int) -> list[dict[str, Any]]:
    """What is on or comes next, the soonest first; then what is over, the latest first."""
    events = registry["event"]
    if not events.may("read", principal):
        return []
    rows = events.rows(principal.access).filter(enable=True).select_related("account")
    over = Q(end_datetime__lt=timezone.now() - JUST_OVER)
    next_ones = list(rows.exclude(over).order_by(F("start_datetime").asc(nulls_last=True), "pk")[:most])
    past = list(rows.filter(over).order_by("-start_datetime", "pk")[: most - len(next_ones)])
    whose = principal.account_id is None
    return [
        {
            "id": event.id_random,
            "name": event.name,
            "account": event.account.name if whose else "",
            "start": event.start_datetime.date().isoformat() if event.start_datetime else "",
            "end": event.end_datetime.date().isoformat() if event.end_datetime else "",
        }
        for event in [*next_ones, *past]
    ]


def events_page(request: HttpRequest) -> HttpResponse:
    principal = principal_of(request)
    if principal is None or not registry["event"].may("read", principal):
        raise PermissionDenied
    context = {
        **admin.site.each_context(request),
        "title": "Event desks",
        "events": events_for(principal, MOST_EVENTS),
    }
    return render(request, "desk/events.html", context)


class StartPage(DeskView):
    def get(self, request: HttpRequest) -> HttpResponse:
        return self.page("start.html", "", {"cards": [*self._cards()]})

    def _cards(self) -> list[dict[str, Any]]:
        cards = []
        if self.may("event_session", "read"):
            cards += [self._programme(), self._files()]
        if self.may("event_badge", "read"):
            cards.append(self._badges())
        if self.may("event_exhibit", "read"):
            cards.append(self._leads())
        return cards

    def _programme(self) -> dict[str, Any]:
        sessions = self.rows("event_session").filter(event=self.event, enable=True, hide=False).order_by()
        unplaced = Q(start_datetime=None) | Q(end_datetime=None)
        found = sessions.aggregate(all=Count("pk"), unplaced=Count("pk", filter=unplaced))
        return {
            "tab": "timetable",
            "title": "Timetable",
            "figure": found["all"],
            "unit": "sessions",
            "lines": [f"{found['unplaced']:,} without a time", f"{len(clashes_of(self.event)):,} clashes"],
        }

    def _files(self) -> dict[str, Any]:
        in_use = {"enable": True, "hide": False}
        talks = self.rows("event_presentation").filter(event_session__event=self.event, **in_use).order_by()
        talks = talks.filter(event_session__enable=True, event_session__hide=False)
        files = self.rows("event_file").filter(event=self.event, **in_use).order_by()
        with_file = files.exclude(event_presentation=None).values("event_presentation")
        missing = talks.exclude(pk__in=with_file).count()
        return {
            "tab": "files",
            "title": "Files",
            "figure": files.count(),
            "unit": "files",
            "lines": [f"{missing:,} talks without one"],
        }

    def _badges(self) -> dict[str, Any]:
        badges = self.rows("event_badge").filter(event=self.event, enable=True, hide=False).order_by()
        found = badges.aggregate(all=Count("pk"), printed=Count("pk", filter=Q(print_count__gt=0)))
        return {
            "tab": "badges",
            "title": "Badges",
            "figure": found["all"],
            "unit": "badges",
            "lines": [f"{found['all'] - found['printed']:,} not yet printed"],
        }

    def _leads(self) -> dict[str, Any]:
        exhibits = self.rows("event_exhibit").filter(event=self.event, enable=True, hide=False).order_by()
        leads = self.rows("event_exhibit_tracking").filter(event_exhibit__event=self.event, enable=True, hide=False)
        return {
            "tab": "leads",
            "title": "Leads",
            "figure": leads.order_by().count(),
            "unit": "leads",
            "lines": [f"{exhibits.count():,} exhibits"],
        }
