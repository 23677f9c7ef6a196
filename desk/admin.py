"""The event's form leads to its desk."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.decorators import action

from crud.staff import ObjectAdmin
from events.models import Event


class EventAdmin(ObjectAdmin):
    actions_detail = ["desk_link"]

    @action(description="Event desk", url_path="desk", permissions=["view"], icon="dashboard_customize")  # type: ignore[untyped-decorator]
    def desk_link(self, request: HttpRequest, object_id: str) -> HttpResponse:
        event = self.get_object(request, object_id)
        address = reverse("desk_start", args=[event.id_random]) if event else reverse("desk_events")
        return HttpResponseRedirect(address)


admin.site.unregister(Event)
admin.site.register(Event, EventAdmin)
