"""/room/<display token>/…: the lectern's clock and the door's sign; and calendars behind a link.

The pages ask for the whole day and reckon by themselves, so that they go on while there is no network.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.utils import timezone

from actions.event_calendar import calendar_answer
from events.calendars import calendar_behind
from events.models import EventLocation
from events.room_programme import room_day
from kernel.envelope import to_json
from screens.page import gone, guarded, inside, nothing, page, sign_behind

PAGES = {"clock": "Clock", "sign": "Door sign"}


def room_page(request: HttpRequest, token: str, kind: str) -> HttpResponseBase:
    if request.method not in ("GET", "HEAD"):
        return nothing()
    if sign_behind(token) is None:
        return gone(request)
    return page(request, "room.html", {"kind": kind, "title": PAGES[kind]})


def room_state(request: HttpRequest, token: str) -> HttpResponseBase:
    """The day of the room, for the pages."""
    if request.method not in ("GET", "HEAD"):
        return nothing()
    principal = sign_behind(token)
    if principal is None or principal.device is None:
        return gone(request)
    with inside(principal):
        locations = EventLocation.objects.select_related("event", "account")
        day = room_day(locations.get(pk=principal.device.location_id), timezone.now())
    return guarded(request, HttpResponse(to_json(day), content_type="application/json"))


WORKER = """
const KEPT = 'room-1';
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {{
  const asked = event.request, address = new URL(asked.url);
  const isPage = /^\\/room\\/[^/]+\\/(clock|sign)\\/?$/.test(address.pathname);
  if (asked.method !== 'GET' || address.origin !== self.location.origin) return;
  if (!isPage && !address.pathname.startsWith({static})) return;
  event.respondWith((async () => {{
    const kept = await caches.open(KEPT);
    try {{
      const answer = await fetch(asked);
      if (answer.ok) await kept.put(asked, answer.clone());
      else if (answer.status === 404) await kept.delete(asked);
      return answer;
    }} catch (error) {{
      const known = await kept.match(asked);
      if (known) return known;
      throw error;
    }}
  }})());
}});
"""
"""Keeps the pages themselves for when there is no network: what they show, they keep themselves."""


def room_worker(request: HttpRequest) -> HttpResponseBase:
    root = static("screens/room.js").rpartition("screens/")[0]
    script = WORKER.format(static=to_json(root).decode())
    response = HttpResponse(script, content_type="text/javascript", headers={"Service-Worker-Allowed": "/room/"})
    return guarded(request, response)


def calendar_link(request: HttpRequest, token: str) -> Any:
    """Calendar programs come without headers, every few minutes."""
    if request.method not in ("GET", "HEAD"):
        return nothing()
    calendar = calendar_behind(token)
    return guarded(request, calendar_answer(calendar)) if calendar else gone(request)
