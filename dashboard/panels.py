"""The dashboard's parts, for whoever looks at it: their account's figures, or everything for super users."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.core.cache import cache
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat

from crud.staff import principal_of
from dashboard import figures
from dashboard.traffic import traffic
from desk.start import events_for
from tenancy.principal import Principal, Role

SECONDS: Final = 30
"""How old the figures may be: many screens may show the page, all day."""
PRIMARY: Final = "var(--color-primary-500)"
EVENTS: Final = 6
"""Whose desks are offered."""
LONGEST: Final = 28
"""Characters of a name beside its bar; the words for screen readers have all of it."""


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Unfold's DASHBOARD_CALLBACK: adds the figures to the context of the admin's index page."""
    principal = principal_of(request)
    if principal is None:
        return context
    key = f"dashboard:{principal.account_id or 'all'}:{principal.role.label}"
    figures = cache.get(key)
    if figures is None:
        figures = _figures(principal)
        cache.set(key, figures, SECONDS)
    return context | _shown(figures)


def _figures(principal: Principal) -> dict[str, Any]:
    """As JSON has it, so that any cache can keep it."""
    questions: dict[str, tuple[bool, Callable[[], Any]]] = {
        "events": (_may(principal, "event"), lambda: events_for(principal, EVENTS)),
        "leads_by_exhibit": (_may(principal, "event_exhibit", "event_exhibit_tracking"), figures.leads_by_exhibit),
        "leads_by_hour": (_may(principal, "event_exhibit_tracking"), figures.leads_by_hour),
        "uploads_by_day": (_may(principal, "hosted_file"), figures.uploads_by_day),
        "uploads_by_session": (_may(principal, "event_file", "event_session"), figures.uploads_by_session),
        "changes_by_day": (principal.may(Role.ADMINISTRATOR), figures.changes_by_day),
        "rooms": (_may(principal, "event_presentation", "event_file", "event_location"), figures.rooms_without_files),
        "storage": (_may(principal, "hosted_file"), figures.storage),
        "storage_by_account": (principal.may(Role.SUPER), figures.storage_by_account),
        "traffic": (principal.may(Role.SUPER), _traffic),
        "guesses": (principal.may(Role.ADMINISTRATOR), _guesses),
        "held_back": (principal.may(Role.SUPER), figures.held_back),
    }
    return {name: ask() for name, (allowed, ask) in questions.items() if allowed}


def _may(principal: Principal, *type_names: str) -> bool:
    return figures.may_read(principal, *type_names)


def _traffic() -> list[list[dict[str, Any]]]:
    return [
        [
            {
                "name": line.name,
                "count": line.count,
                "errors": line.errors,
                "refused": line.refused,
                "milliseconds": line.milliseconds,
            }
            for line in lines
        ]
        for lines in traffic()
    ]


def _guesses() -> list[tuple[str, int, str]]:
    return [(words, count, at.isoformat()) for words, count, at in figures.guesses()]


CHARTS: Final = (
    ("leads_by_hour", "Leads by hour", "The two days up to the last lead", "bar"),
    ("leads_by_exhibit", "Leads by exhibit", "The ten with most", "names"),
    ("uploads_by_day", "Uploads by day", "Files of the last two weeks", "bar"),
    ("uploads_by_session", "Uploads by session", "The ten with most", "names"),
    ("changes_by_day", "Changes by day", "What was written in the last two weeks", "line"),
)
"""(figure, title, what it covers, kind)."""


_TICKS: Final = {"color": "#9ca3af", "precision": 0, "maxTicksLimit": 12}
_NUMBERS: Final = {"beginAtZero": True, "ticks": _TICKS, "grid": {"display": False}}
_NAMES: Final = {"ticks": {"color": "#9ca3af"}, "grid": {"display": False}}
_ALWAYS: Final = {"animation": False, "maintainAspectRatio": False, "plugins": {"legend": {"display": False}}}
UPRIGHT: Final = json.dumps({**_ALWAYS, "scales": {"x": _NAMES, "y": _NUMBERS}})
SIDEWAYS: Final = json.dumps({**_ALWAYS, "indexAxis": "y", "scales": {"x": _NUMBERS, "y": _NAMES}})


def _shown(figures: dict[str, Any]) -> dict[str, Any]:
    charts = [
        {
            "name": name,
            "title": title,
            "covers": covers,
            "kind": kind,
            "data": _chart(title, figures[name]),
            "options": SIDEWAYS if kind == "names" else UPRIGHT,
            "total": sum(number for _, number in figures[name]),
            "rows": figures[name],
        }
        for name, title, covers, kind in CHARTS
        if name in figures
    ]
    routes, tasks = figures.get("traffic", [[], []])
    cards = []
    if "storage" in figures:
        used = figures["storage"]
        waiting = used["queued"] + used["processing"]
        cards = [
            ("Storage used", filesizeformat(used["bytes"]), f"{used['files']:,} files"),
            (
                "Conversions waiting",
                f"{waiting:,}",
                f"{used['processing']:,} being made now",
            ),
            ("Failed conversions", f"{used['failed']:,}", "of all files"),
        ]
    if routes:
        calls, errors = (sum(line[name] for line in routes) for name in ("count", "errors"))
        cards.append(("API requests", f"{calls:,}", f"{errors:,} errors of the server, on this machine"))
    return {
        "events": figures.get("events"),
        "charts": charts,
        "cards": cards,
        "rooms": figures.get("rooms"),
        "routes": routes,
        "tasks": tasks,
        "guesses": [(words, count, datetime.fromisoformat(at)) for words, count, at in figures.get("guesses", [])],
        "held_back": figures.get("held_back", []),
        "storage_by_account": [(name, filesizeformat(size)) for name, size in figures.get("storage_by_account", [])],
    }


def _chart(title: str, series: figures.Series) -> str:
    """As Chart.js takes it, which Unfold brings."""
    dataset = {
        "label": title,
        "data": [number for _, number in series],
        "backgroundColor": PRIMARY,
        "borderColor": PRIMARY,
        "maxBarThickness": 14,
        "pointStyle": False,
    }
    return json.dumps({"labels": [_short(label) for label, _ in series], "datasets": [dataset]})


def _short(label: str) -> str:
    return label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
