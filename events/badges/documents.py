"""Badges as a document: one page each, or many on sheets of paper; PDF, or one page of it as PNG."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from threading import Lock
from typing import Any, Final

import pypdfium2
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from events.badges.budget import budget
from events.badges.codes import TOO_LONG, holds
from events.badges.drawing import BadgePage, text_of
from events.badges.layout import FIELDS, Element, elements_of
from events.badges.pictures import Picture, pictures_of
from events.models import EventBadge, EventBadgeTemplate
from kernel.errors import Invalid, NotFound
from kernel.fair_share import dear

PAPERS: Final = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
MARGIN: Final = 8.0
MAX_PIXELS: Final = 40_000_000
LIST_MARGIN: Final = 15.0
LIST_STEP: Final = 6.0
NAMED: Final = 20
"""How many badges or characters a warning names."""

SAMPLE: Final = {
    **dict.fromkeys(FIELDS, ""),
    "id": "sAmPl3bAdGe",
    "badge_token": "sAmPl3bAdGesAmPl3bAdGe00",
    "full_name": "Alexandria Featherstonehaugh-Montgomery",
    "given_name": "Alexandria",
    "family_name": "Featherstonehaugh-Montgomery",
    "professional_title": "Professor of Applied Hydrodynamics",
    "affiliations": "Institute for Water Research, University of Example",
    "location": "Reykjavík, Iceland",
    "email": "alexandria@example.org",
    "phone": "+1 555 0100",
    "badge_type_code": "participant",
    "event_name": "Annual Conference",
}
"""Who stands on a preview: a name long enough to show how the box copes."""

_pdfium: Final = Lock()
"""PDFium is not safe to be used by two threads at once."""


@dataclass(frozen=True, slots=True)
class Design:
    """A template, ready to draw."""

    width: float
    height: float
    layout: Any
    pictures: dict[str, Picture]

    @classmethod
    def of(cls, template: EventBadgeTemplate) -> Design:
        elements = elements_of(template.layout_json, template.width_mm, template.height_mm)
        wanted = [element.hosted_file_id for element in elements if element.hosted_file_id]
        pictures = pictures_of(template.account_id, wanted, template.background_hosted_file_id)
        return cls(template.width_mm, template.height_mm, template.layout_json, pictures)


def values_of(badge: EventBadge, event_name: str) -> dict[str, str]:
    """What stands on the badge, by the names that a layout uses."""
    own = {name: getattr(badge, name, None) or "" for name in FIELDS}
    names = {"id": badge.id_random, "event_name": event_name}
    return own | names | {"full_name": badge.printed_name}


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A badge that can't be drawn."""

    id: str
    name: str
    why: str


@dataclass(slots=True)
class Drawing:
    document: bytes = b""
    left_out: list[LeftOut] = field(default_factory=list)
    uncovered: set[str] = field(default_factory=set)
    """Characters that no font has."""

    def warnings(self) -> list[str]:
        sentences = []
        if self.left_out:
            ids = ", ".join(badge.id for badge in self.left_out[:NAMED])
            more = f" and {len(self.left_out) - NAMED} more" if len(self.left_out) > NAMED else ""
            sentences.append(f"badges left out: {ids}{more}. {self.left_out[0].why}")
        if self.uncovered:
            sentences.append(f"no font has: {', '.join(f'U+{ord(c):04X}' for c in sorted(self.uncovered)[:NAMED])}")
        return sentences


def one_each(design: Design, people: Iterable[dict[str, str]]) -> Drawing:
    """A PDF whose pages are as large as the badge. Raises Invalid if none can be drawn, or it takes too long."""
    return _drawn(design, people, (design.width, design.height), [(0.0, 0.0)], marks=False)


def on_sheets(design: Design, people: Iterable[dict[str, str]], paper: str) -> Drawing:
    """A PDF of whole sheets, as many badges on each as there is room for, with hairlines to cut along.

    What can't be drawn is left out, and listed on a page of its own at the end. Raises Invalid if the paper is too
    small for one, none can be drawn, or it takes too long.
    """
    upright = PAPERS[paper]
    choices = [(size, _places(design, size)) for size in (upright, upright[::-1])]
    size, places = max(choices, key=lambda choice: len(choice[1]))
    if not places:
        raise Invalid.field("paper", "The badge is larger than this paper.")
    return _drawn(design, people, size, places, marks=True)


def _drawn(
    design: Design,
    people: Iterable[dict[str, str]],
    size: tuple[float, float],
    places: list[tuple[float, float]],
    *,
    marks: bool,
) -> Drawing:
    elements = elements_of(design.layout, design.width, design.height)
    result, fit_to_draw = Drawing(), []
    for values in people:
        if why := _obstacle(elements, values):
            result.left_out.append(LeftOut(values.get("id", ""), values.get("full_name", ""), why))
        else:
            fit_to_draw.append(values)
    if result.left_out and not fit_to_draw:
        first = result.left_out[0]
        raise Invalid(f"Badge {first.id}: {first.why}")
    dear()
    result.document = _document(design, fit_to_draw, size, places, result, marks=marks)
    return result


def _obstacle(elements: list[Element], values: dict[str, str]) -> str:
    """Why a badge can't be drawn; "" if it can."""
    for number, element in enumerate(elements, start=1):
        if element.type == "qr" and not holds(text_of(element, values)):
            return f"Element {number}{f' ({element.field})' if element.field else ''}: {TOO_LONG}"
    return ""


def _places(design: Design, size: tuple[float, float]) -> list[tuple[float, float]]:
    """The upper left corners of the badges on a sheet."""
    columns, rows = (
        int((side - 2 * MARGIN + 1e-9) // own) for side, own in zip(size, (design.width, design.height), strict=True)
    )
    left, top = (size[0] - columns * design.width) / 2, (size[1] - rows * design.height) / 2
    return [
        (left + column * design.width, top + row * design.height) for row in range(rows) for column in range(columns)
    ]


def _document(
    design: Design,
    people: list[dict[str, str]],
    size: tuple[float, float],
    places: list[tuple[float, float]],
    result: Drawing,
    *,
    marks: bool,
) -> bytes:
    target = BytesIO()
    # The same badge gives the same bytes: `invariant` leaves the moment out.
    canvas = Canvas(target, pagesize=(size[0] * mm, size[1] * mm), pageCompression=1, invariant=1)
    canvas.setTitle("Badges")
    canvas.setCreator("Aether")
    elements = elements_of(design.layout, design.width, design.height)
    check = budget()
    waiting: Iterator[dict[str, str]] = iter(people)
    while group := list(islice(waiting, len(places))):
        for values, (left, top) in zip(group, places, strict=False):
            canvas.saveState()
            canvas.translate(left * mm, (size[1] - top - design.height) * mm)
            page = BadgePage(canvas, design.width, design.height, check)
            page.draw(elements, values, design.pictures)
            result.uncovered |= page.uncovered
            if marks:
                canvas.setLineWidth(0.1 * mm)
                canvas.setStrokeColor(HexColor("#bbbbbb"))
                canvas.rect(0, 0, design.width * mm, design.height * mm, stroke=1, fill=0)
            canvas.restoreState()
        canvas.showPage()
    if marks and result.left_out:
        _list(canvas, size, result.left_out)
    canvas.save()
    return target.getvalue()


def _list(canvas: Canvas, size: tuple[float, float], left_out: list[LeftOut]) -> None:
    """A page for the people at the desk, who print the file and look no further."""
    lines = [f"Left out: {len(left_out)}", *(f"{badge.name} ({badge.id}). {badge.why}" for badge in left_out)]
    room = int((size[1] - 2 * LIST_MARGIN) // LIST_STEP)
    if len(lines) > room:
        lines = [*lines[: room - 1], f"and {len(lines) - room + 1} more"]
    width = size[0] - 2 * LIST_MARGIN
    elements = [
        Element("text", LIST_MARGIN, LIST_MARGIN + number * LIST_STEP, width, LIST_STEP, text=line, size=10)
        for number, line in enumerate(lines)
    ]
    BadgePage(canvas, *size).draw(elements, {}, {})
    canvas.showPage()


def png_of(document: bytes, dpi: int, page: int = 1) -> bytes:
    """One page as a picture. Raises NotFound for a page that is not there, Invalid for one too large."""
    with _pdfium:
        pdf = pypdfium2.PdfDocument(document)
        try:
            if not 1 <= page <= len(pdf):
                raise NotFound("There is no such page.")
            leaf = pdf[page - 1]
            scale = dpi / 72
            if leaf.get_width() * leaf.get_height() * scale * scale > MAX_PIXELS:
                raise Invalid.field("dpi", "The picture would be too large.")
            image = leaf.render(scale=scale).to_pil()
        finally:
            pdf.close()
    target = BytesIO()
    image.save(target, "PNG", dpi=(dpi, dpi))
    return target.getvalue()
