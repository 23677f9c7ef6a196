"""Badges on paper or as a picture: one of them, or a template's as sheets."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse

from actions.action import Action, Argument, Call, register
from crud import missing, registry, resolve
from crud.describe.openapi.parts import ID
from events.badges.documents import PAPERS, SAMPLE, Design, Drawing, on_sheets, one_each, png_of, values_of
from events.badges.printing import count_print, of_template
from events.models import EventBadge, EventBadgeTemplate
from kernel.errors import Invalid, Refused, TooLarge
from kernel.ids import is_id

MAX_ON_SHEETS = 500
KINDS = {"pdf": "application/pdf", "png": "image/png"}
FILE = {
    "200": {
        "description": "The document.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS.values()},
    }
}
COMMON = [
    Argument("to_type", "The kind of document.", choices=tuple(KINDS), default="pdf"),
    Argument("dpi", "Dots per inch of a PNG.", kind="integer", default=300, least=72, most=1_200),
    Argument("print", "true: count it as printed. A preview does not.", kind="boolean", default=False),
]


def document(call: Call, name: str, drawing: Drawing) -> HttpResponse:
    kind = call.arguments["to_type"]
    pdf = drawing.document
    body = png_of(pdf, call.arguments["dpi"], call.arguments.get("page", 1)) if kind == "png" else pdf
    headers = {
        "Content-Type": KINDS[kind],
        "Content-Disposition": f'inline; filename="{name}.{kind}"',
        "Cache-Control": "private, no-store",
    }
    if warnings := drawing.warnings():
        headers["X-Aether-Warnings"] = "; ".join(warnings)
    return HttpResponse(body, headers=headers)


def is_counted(call: Call) -> bool:
    """A browser that only looks ahead prints nothing."""
    request = call.request
    ahead = request.method == "HEAD" or "prefetch" in request.META.get("HTTP_SEC_PURPOSE", "")
    if call.arguments["print"] and call.principal.read_only:
        raise Refused("This key may only read; leave print=true out.")
    return bool(call.arguments["print"]) and not ahead


def visible(type_name: str, call: Call) -> Any:
    return registry[type_name].rows(call.principal.access)


@register
class RenderBadge(Action):
    path = "event_badge/{id}/render"
    summary = "One badge, as PDF or PNG"
    description = (
        "Drawn from the `layout_json` of its template, in the template's size. "
        "`print=true` adds one to `print_count` and sets `first_printed_on` and `last_printed_on`."
    )
    arguments = [
        *COMMON,
        Argument(
            "event_badge_template_id", "Another template of the account than the badge's own.", kind="id", example=ID
        ),
    ]
    answers = FILE

    def run(self, call: Call) -> HttpResponse:
        key = resolve(registry["event_badge"], call.principal, call.path["id"])
        badge = EventBadge.objects.select_related("event").get(pk=key)
        counted = is_counted(call)
        design = Design.of(self._template(call, badge))
        answer = document(call, f"badge-{badge.id_random}", one_each(design, [values_of(badge, badge.event.name)]))
        if counted:
            count_print([badge.pk])
        return answer

    def _template(self, call: Call, badge: EventBadge) -> EventBadgeTemplate:
        key = badge.event_badge_template_id
        if public_id := call.arguments["event_badge_template_id"]:
            key = resolve(registry["event_badge_template"], call.principal, public_id)
        if key is None:
            raise Invalid("This badge has no template; name one with event_badge_template_id.")
        template: EventBadgeTemplate = EventBadgeTemplate.objects.get(pk=key)
        if template.account_id != badge.account_id:
            raise Invalid.field("event_badge_template_id", "It is not of the badge's account.")
        return template


@register
class RenderBadgeTemplate(Action):
    path = "event_badge_template/{id}/render"
    summary = "Many badges on sheets, or a preview of the template"
    description = (
        "By default the enabled badges of this template that are not hidden, by name, "
        f"at most {MAX_ON_SHEETS} at once. A PNG is one page of the document. `print=true` counts each badge on it. "
        "A badge that can't be drawn, as its QR code can't hold its text, is left out: named in the header "
        "`X-Aether-Warnings`, and on a last page of the sheets. Characters that no font has are named there, too. "
        "Badges that take longer than 20 seconds to draw are refused."
    )
    arguments = [
        *COMMON,
        Argument("paper", "`badge`: a page each.", choices=("badge", *PAPERS), default="a4"),
        Argument(
            "badge_ids", "These badges, ids with commas between; whatever their template.", most=10_000, example=ID
        ),
        Argument("only_unprinted", "Leave out what was printed before.", kind="boolean", default=False),
        Argument("sample", "true: one made-up badge with long texts.", kind="boolean", default=False),
        Argument("page", "Which page of the document a PNG shows.", kind="integer", default=1, least=1, most=1_000),
        Argument("limit", "How many badges.", kind="integer", default=100, least=1, most=MAX_ON_SHEETS),
        Argument("offset", "How many to skip.", kind="integer", default=0, least=0, most=1_000_000),
    ]
    answers = FILE

    def run(self, call: Call) -> HttpResponse:
        key = resolve(registry["event_badge_template"], call.principal, call.path["id"])
        template = EventBadgeTemplate.objects.select_related("event").get(pk=key)
        counted = is_counted(call)
        design = Design.of(template)
        badges = [] if call.arguments["sample"] else self._badges(call, template)
        people = [values_of(badge, badge.event.name) for badge in badges]
        if call.arguments["sample"]:
            people = [{**SAMPLE, "event_name": template.event.name}]
        paper = call.arguments["paper"]
        drawing = one_each(design, people) if paper == "badge" else on_sheets(design, people, paper)
        answer = document(call, f"badges-{template.id_random}", drawing)
        if counted:
            left_out = {badge.id for badge in drawing.left_out}
            count_print([badge.pk for badge in badges if badge.id_random not in left_out])
        return answer

    def _badges(self, call: Call, template: EventBadgeTemplate) -> list[EventBadge]:
        badges = visible("event_badge", call).filter(account_id=template.account_id).select_related("event")
        if call.arguments["badge_ids"]:
            return self._named(call, badges, call.arguments["badge_ids"].split(","))
        wanted = of_template(badges, template.pk, unprinted=call.arguments["only_unprinted"])
        offset, limit = call.arguments["offset"], call.arguments["limit"]
        return list(wanted[offset : offset + limit])

    def _named(self, call: Call, badges: Any, public_ids: list[str]) -> list[EventBadge]:
        """In the order of the ids. Raises as a read of one of them would."""
        if len(public_ids) > MAX_ON_SHEETS:
            raise TooLarge(f"Give at most {MAX_ON_SHEETS} ids.")
        by_id = {badge.id_random: badge for badge in badges.filter(id_random__in=[i for i in public_ids if is_id(i)])}
        for public_id in public_ids:
            if public_id not in by_id:
                raise missing(registry["event_badge"], call.principal, public_id)
        return [by_id[public_id] for public_id in public_ids]
