"""Badges: find one, look at it, print one, some, or all that are waiting. Drawn and counted by the API's actions."""

from __future__ import annotations

from typing import Any, Final, cast

from django.contrib import admin, messages
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from actions.action import Call
from actions.event_badge import MAX_ON_SHEETS, RenderBadge, RenderBadgeTemplate
from crud import ApiRequest, missing, registry
from desk.page import DeskView
from events.badges.documents import PAPERS
from events.models import EventBadge, EventBadgeTemplate
from kernel.errors import ApiError, Invalid
from kernel.ids import is_id

ON_A_PAGE: Final = 50
PREVIEW_DPI: Final = 150
PAPER_WORDS: Final = {"a4": "A4 sheets", "letter": "Letter sheets", "badge": "One badge a page"}
STATES: Final = {
    "": ("All", Q()),
    "unprinted": ("Not yet printed", Q(print_count=0, enable=True, hide=False)),
    "printed": ("Printed", Q(print_count__gt=0)),
}


class BadgeView(DeskView):
    demands = (("event_badge", "read"), ("event_badge_template", "read"))

    def badges(self) -> Any:
        return self.rows("event_badge").filter(event=self.event)

    def templates(self) -> Any:
        rows = self.rows("event_badge_template").filter(event=self.event, enable=True, hide=False)
        return rows.order_by("sort", "name", "pk")

    def template_of(self, public_id: str) -> EventBadgeTemplate:
        template: EventBadgeTemplate | None = self.templates().filter(id_random=public_id).first()
        if template is None:
            raise Invalid("Choose a template of this event.")
        return template

    def call(self, public_id: str, arguments: dict[str, Any]) -> Call:
        """An action's call, as this page's caller would make it over HTTP."""
        return Call(cast(ApiRequest, self.request), self.principal, {"id": public_id}, arguments)


class BadgesPage(BadgeView):
    def get(self, request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
        asked = {name: request.GET.get(name, "").strip()[:200] for name in ("q", "state", "template", "paper")}
        state = asked["state"] if asked["state"] in STATES else ""
        values = {
            "q": asked["q"],
            "state": state,
            "states": [(name, words) for name, (words, _) in STATES.items()],
            "page": self._found(request, asked["q"], state),
            "counts": self._counts(),
            "templates": list(self.templates()),
            "template": asked["template"],
            "paper": asked["paper"],
            "papers": PAPER_WORDS,
            "most": MAX_ON_SHEETS,
            "problem": problem,
        }
        return self.page("badges.html", "badges", values, status)

    def _found(self, request: HttpRequest, term: str, state: str) -> Page[EventBadge]:
        """By what is printed and the other texts, as the admin's search; or by its code, as a scanner types it."""
        rows = self.badges().filter(STATES[state][1])
        if term:
            scanned = rows.filter(badge_token=term)
            staff = admin.site.get_model_admin(EventBadge)
            rows = scanned if scanned.exists() else staff.get_search_results(request, rows, term)[0]
        rows = rows.select_related("event_badge_template").order_by("family_name", "given_name", "pk")
        return Paginator(rows, ON_A_PAGE).get_page(request.GET.get("page"))

    def _counts(self) -> dict[str, int]:
        found: dict[str, int] = (
            self.badges()
            .filter(enable=True, hide=False)
            .order_by()
            .aggregate(
                all=Count("pk"),
                printed=Count("pk", filter=Q(print_count__gt=0)),
                without_template=Count("pk", filter=Q(event_badge_template=None)),
            )
        )
        return found | {"unprinted": found["all"] - found["printed"]}


class PrintBadges(BadgesPage):
    """POST template, paper, and `one`, `all`, or `badge` once for each: the PDF, and each badge on it counted."""

    http_method_names = ["post"]
    writes = (("event_badge", "update"),)

    def post(self, request: HttpRequest) -> HttpResponseBase:
        try:
            template = self.template_of(request.POST.get("template", ""))
            wanted, left = self._wanted(request, template)
            paper = request.POST.get("paper") or "a4"
            if paper not in PAPER_WORDS:
                raise Invalid(f"Choose one of: {', '.join(['badge', *PAPERS])}.")
            arguments = {"to_type": "pdf", "dpi": 300, "print": True, "paper": paper, "badge_ids": ",".join(wanted)}
            arguments |= {"sample": False, "only_unprinted": False, "page": 1}
            document = RenderBadgeTemplate().run(self.call(template.id_random, arguments))
        except ApiError as error:
            return self.get(request, error.message, error.http_status)
        self._tell(len(wanted), left, document)
        return document

    def _wanted(self, request: HttpRequest, template: EventBadgeTemplate) -> tuple[list[str], int]:
        """The ids, and how many more there are to be printed."""
        if "all" in request.POST:
            waiting = self.badges().filter(STATES["unprinted"][1])
            waiting = waiting.filter(Q(event_badge_template=template) | Q(event_badge_template=None))
            ids = list(waiting.order_by("family_name", "given_name", "pk").values_list("id_random", flat=True))
            if not ids:
                raise Invalid("No badge of this template, or without one, is waiting to be printed.")
            return ids[:MAX_ON_SHEETS], max(len(ids) - MAX_ON_SHEETS, 0)
        ids = request.POST.getlist("one") or list(dict.fromkeys(request.POST.getlist("badge")))
        if not ids:
            raise Invalid("Tick the badges that are to be printed.")
        ours = set(self.badges().filter(id_random__in=filter(is_id, ids)).values_list("id_random", flat=True))
        for public_id in ids:
            if public_id not in ours:
                raise missing(registry["event_badge"], self.principal, public_id, below=True)
        return ids, 0

    def _tell(self, count: int, left: int, document: HttpResponse) -> None:
        """On the page that the desk looks at next."""
        said = f"Counted as printed: {count}."
        messages.success(self.request, f"{said} {left:,} more are waiting: print again." if left else said)
        if warnings := document.headers.get("X-Aether-Warnings"):
            messages.warning(self.request, warnings)


class BadgePreview(BadgeView):
    """GET ?template=: one badge as PNG; nothing is counted."""

    def get(self, request: HttpRequest, badge_id: str) -> HttpResponse:
        if not self.badges().filter(id_random=badge_id).exists():
            raise missing(registry["event_badge"], self.principal, badge_id, below=True)
        template = self.template_of(request.GET.get("template", ""))
        arguments = {"to_type": "png", "dpi": PREVIEW_DPI, "print": False}
        arguments["event_badge_template_id"] = template.id_random
        return RenderBadge().run(self.call(badge_id, arguments))
