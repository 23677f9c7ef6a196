"""/admin/desk/…: behind the admin's sign-in. An address of an event that has no page is no page of the admin either."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import admin
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from desk.badges import BadgePreview, BadgesPage, PrintBadges
from desk.decks import FileDrop, FilesPage
from desk.importing import ImportPage
from desk.leads import ExhibitExport, ExhibitPage, LeadsPage
from desk.start import StartPage, events_page
from desk.timetable import SessionPlace, TimetablePage


def page(route: str, view: Callable[..., HttpResponseBase], name: str) -> URLPattern:
    return path(f"admin/desk/{route}", admin.site.admin_view(view), name=f"desk_{name}")


urlpatterns = [
    page("", events_page, "events"),
    page("<str:event_id>/", StartPage.as_view(), "start"),
    page("<str:event_id>/timetable/", TimetablePage.as_view(), "timetable"),
    page("<str:event_id>/timetable/<str:session_id>/", SessionPlace.as_view(), "session_place"),
    page("<str:event_id>/badges/", BadgesPage.as_view(), "badges"),
    page("<str:event_id>/badges/print/", PrintBadges.as_view(), "print"),
    page("<str:event_id>/badges/<str:badge_id>/preview/", BadgePreview.as_view(), "badge_preview"),
    page("<str:event_id>/files/", FilesPage.as_view(), "files"),
    page("<str:event_id>/files/drop/", FileDrop.as_view(), "file_drop"),
    page("<str:event_id>/leads/", LeadsPage.as_view(), "leads"),
    page("<str:event_id>/leads/<str:exhibit_id>/", ExhibitPage.as_view(), "exhibit"),
    page("<str:event_id>/leads/<str:exhibit_id>/export/", ExhibitExport.as_view(), "exhibit_export"),
    page("<str:event_id>/import/", ImportPage.as_view(), "import"),
]
