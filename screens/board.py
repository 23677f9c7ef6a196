"""/board/<event>/: which rooms are ready, the most urgent first, for the AV lead's desk and wall.

Opened by who is signed in as staff of the event's account, or by a sign of the event: its display token comes once in
`?display_token=`, and is a cookie from then on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from accounts import standing
from accounts.short_memory import ShortMemory
from crud import registry
from crud.staff import inside as inside_account
from crud.staff import principal_of as staff_of
from desk.page import event_of
from events.models import Event
from events.preflight_arrivals import findings_of
from events.readiness import RANK, alert_of, readiness
from kernel.envelope import to_json
from screens.page import gone, guarded, inside, nothing, page, sign_behind, told
from tenancy.principal import Principal, acting_as

COOKIE: Final = "board_display"
DAYS: Final = 86_400 * 14
HELD_SECONDS: Final = 0.4


@dataclass(frozen=True, slots=True)
class Viewer:
    event: Event
    is_staff: bool
    """Else it is a sign, which is told of no file."""
    principal: Principal


@contextmanager
def entered(request: HttpRequest, event_id: str) -> Iterator[Viewer | None]:
    """In the event's account; None for who has no right to be there. Raises Http404, PermissionDenied."""
    sign = sign_behind(request.COOKIES.get(COOKIE, ""))
    staff = staff_of(request)
    if staff is None and sign is not None and sign.device is not None and sign.device.event_public_id == event_id:
        with inside(sign):
            yield Viewer(Event.objects.select_related("account").get(pk=sign.device.event_id), False, sign)
    elif staff is None:
        yield None
    else:
        event = event_of(staff, event_id)
        acting, scope = inside_account(staff, event.account_id if staff.account_id is None else None)
        with scope, acting_as(acting):
            yield Viewer(event, True, acting)


def board(request: HttpRequest, event_id: str) -> HttpResponseBase:
    if request.method not in ("GET", "HEAD"):
        return nothing()
    token = request.GET.get("display_token")
    if token is not None:
        return _with_cookie(request, event_id, token)
    with entered(request, event_id) as viewer:
        if viewer is None:
            return guarded(request, redirect(f"{reverse('admin:login')}?next={request.path}"))
        values = {"event": viewer.event, "is_staff": viewer.is_staff}
        return page(request, "board.html", values)


def _with_cookie(request: HttpRequest, event_id: str, token: str) -> HttpResponseBase:
    """The token leaves the address at once."""
    sign = sign_behind(token)
    if sign is None or sign.device is None or sign.device.event_public_id != event_id:
        return gone(request)
    response = HttpResponseRedirect(f"/board/{event_id}/")
    response.set_cookie(
        COOKIE,
        token,
        max_age=DAYS,
        path=f"/board/{event_id}/",
        secure=bool(settings.SESSION_COOKIE_SECURE),
        httponly=True,
        samesite="Lax",
    )
    return guarded(request, response)


_states: ShortMemory[dict[str, Any]] = ShortMemory(HELD_SECONDS, name="boards")
standing.others.append(_states)


def board_state(request: HttpRequest, event_id: str) -> HttpResponseBase:
    """For the page, several times a second; one reckoning serves all who look. 304 while nothing is different."""
    if request.method not in ("GET", "HEAD"):
        return nothing()
    with entered(request, event_id) as viewer:
        if viewer is None:
            return told(request, {"problem": "Sign in to see the board."}, 401)
        event = viewer.event
        state = _states.get((event.account_id, event.pk), lambda: urgent_first(readiness(event)))
    tag = f'"{blake2b(to_json(state["rooms"]), digest_size=12).hexdigest()}"'
    if request.headers.get("If-None-Match") == tag:
        return guarded(request, HttpResponse(status=304, headers={"ETag": tag}))
    body = HttpResponse(to_json(state), content_type="application/json", headers={"ETag": tag})
    return guarded(request, body)


def urgent_first(state: dict[str, Any]) -> dict[str, Any]:
    """The rooms, sorted, each with the session that it is about and what there is to be alarmed about."""
    now: datetime = state["server_time"]
    rooms = [_room(room, now) for room in state["rooms"]]
    rooms.sort(key=lambda room: (room["alert"] or 999, RANK[room["state"]], room["minutes"], room["name"]))
    return {"event_id": state["event_id"], "server_time": now, "rooms": rooms}


def _room(room: dict[str, Any], now: datetime) -> dict[str, Any]:
    ahead = [s for s in room["sessions"] if s["end_datetime"] is None or s["end_datetime"] >= now]
    alerts = [level for session in ahead if (level := alert_of(session)) is not None]
    worst = next((session for session in ahead if session["state"] == room["state"]), ahead[0] if ahead else None)
    return {
        "id": room["event_location_id"],
        "name": room["name"],
        "state": room["state"],
        "alert": min(alerts, default=None),
        "last_report": room["last_report"],
        "minutes": worst["minutes_to_start"] if worst and worst["minutes_to_start"] is not None else 10**6,
        "session": worst,
        "sessions": ahead[:6],
    }


FILE: Final = (
    *("pk", "id_random", "filename", "slot", "version", "is_current", "slot_state", "rejected_reason", "created_on"),
    *("event_presentation__name", "event_presenter__full_name", "hosted_file__size", "preflight_level"),
)


def session_files(request: HttpRequest, event_id: str, session_id: str) -> HttpResponseBase:
    """All versions of a session's files, the newest first; for staff."""
    if request.method not in ("GET", "HEAD"):
        return nothing()
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,22}", session_id):
        raise Http404
    with entered(request, event_id) as viewer:
        if viewer is None:
            return told(request, {"problem": "Sign in to see the files."}, 401)
        if not viewer.is_staff:
            raise PermissionDenied
        visible = registry["event_file"].rows(viewer.principal.access).filter(enable=True, hide=False)
        rows = visible.filter(event=viewer.event, event_session__id_random=session_id)
        listed = list(rows.order_by("-pk").values(*FILE)[:200])
        findings = findings_of(row["pk"] for row in listed)
        files = [_file(row) | {"findings": findings.get(row["pk"], [])} for row in listed]
        return told(request, {"files": files, "now": timezone.now().isoformat()})


def _file(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["id_random"],
        "filename": row["filename"],
        "talk": row["event_presentation__name"],
        "presenter": row["event_presenter__full_name"],
        "slot": row["slot"],
        "version": row["version"],
        "is_current": row["is_current"],
        "state": row["slot_state"],
        "reason": row["rejected_reason"],
        "preflight_level": row["preflight_level"],
        "size": row["hosted_file__size"],
        "uploaded_on": row["created_on"].isoformat(),
        "form": reverse("admin:events_eventfile_change", args=[row["pk"]]),
    }
