"""One badge on one page: each element of the layout in its box."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import FILL_NON_ZERO, Canvas

from events.badges.codes import modules_of
from events.badges.fitting import LINE_HEIGHT, fit
from events.badges.fonts import BOLD, REGULAR
from events.badges.layout import Element
from events.badges.pictures import Picture
from events.badges.shaping import Glyph, Style, TextLine, uncovered

BASELINE: Final = 0.95
"""Of a line's height of 1.2 ems: where the letters stand, from its top."""
QUIET: Final = 4
"""White modules around a QR code, as ISO/IEC 18004 asks for."""
UNSEEN: Final = 3
"""PDF's text rendering mode that draws nothing."""
UNSEEN_FONT: Final = "Helvetica"
REACH: Final = (-10.0, -10.0, 40.0, 20.0)
"""The box of a glyph's form, in ems: wide enough for the longest ligature."""


def text_of(element: Element, values: dict[str, str]) -> str:
    return element.text or values.get(element.field, "")


class BadgePage:
    """Draws onto a canvas with millimetres from the upper left corner of the badge."""

    def __init__(self, canvas: Canvas, width: float, height: float, check: Callable[[], None] = lambda: None) -> None:
        """Sizes of the badge in mm; the canvas stands at its lower left corner. `check`: called before each element."""
        self.canvas = canvas
        self.width, self.height = width, height
        self.check = check
        self.uncovered: set[str] = set()
        """Characters that no font has; an empty box stands for each."""

    def draw(self, elements: list[Element], values: dict[str, str], pictures: dict[str, Picture]) -> None:
        """`pictures` by the id of their hosted file; "" is the background."""
        if "" in pictures:
            self._place(pictures[""], Element("image", 0, 0, self.width, self.height), cover=True)
        for element in elements:
            self.check()
            text = text_of(element, values)
            match element.type:
                case "text" | "field" if text:
                    self._text(element, text)
                case "qr" if text:
                    self._qr(element, text)
                case "box":
                    self._box(element)
                case "image" if element.hosted_file_id in pictures:
                    self._place(pictures[element.hosted_file_id], element)

    def _bottom(self, element: Element) -> float:
        """In points, from the lower edge of the badge."""
        return float((self.height - element.y - element.h) * mm)

    def _text(self, element: Element, text: str) -> None:
        style = Style(BOLD if element.bold else REGULAR, element.italic)
        width, height = max(element.w, 0.1) * mm, max(element.h, 0.1) * mm
        fitted = fit(text, width, height, element.size, style)
        for line in fitted.lines:
            self.uncovered |= uncovered(line.text)
        step = fitted.size * LINE_HEIGHT
        free = height - step * len(fitted.lines)
        top = (self.height - element.y) * mm - free * {"top": 0, "middle": 0.5, "bottom": 1}[element.valign]
        align = ("right" if fitted.rtl else "left") if element.align == "start" else element.align
        self.canvas.setFillColor(HexColor(element.colour))
        for number, line in enumerate(fitted.lines):
            room = width - line.width * fitted.size
            x = element.x * mm + room * {"left": 0, "center": 0.5, "right": 1}[align]
            self._line(line, x, top - step * number - BASELINE * fitted.size, fitted.size, style)

    def _line(self, line: TextLine, x: float, y: float, size: float, style: Style) -> None:
        canvas = self.canvas
        for glyph in line.glyphs:
            if name := self._form(glyph):
                canvas.saveState()
                canvas.transform(size, 0, style.slant * size, size, x + glyph.x * size, y + glyph.y * size)
                canvas.doForm(name)
                canvas.restoreState()
        if line.text and line.width:
            self._say(line, x, y, size)

    def _say(self, line: TextLine, x: float, y: float, size: float) -> None:
        """The text itself, unseen on its shapes: to be selected, searched and read aloud.

        PDF's own font has western letters only; what else there is stands in the ActualText of the span.
        """
        western = line.text.encode("cp1252", "replace").decode("cp1252")
        self.canvas.saveState()
        self.canvas.addLiteral(f"/Span <</ActualText <FEFF{line.text.encode('utf-16-be').hex()}>>> BDC")
        text_object = self.canvas.beginText(x, y)
        text_object.setFont(UNSEEN_FONT, size)
        text_object.setTextRenderMode(UNSEEN)
        text_object.setHorizScale(100 * line.width * size / stringWidth(western, UNSEEN_FONT, size))
        text_object.textOut(western)
        self.canvas.drawText(text_object)
        self.canvas.addLiteral("EMC")
        self.canvas.restoreState()

    def _form(self, glyph: Glyph) -> str:
        """Its outline, kept in the document once and drawn as often as it is needed. "" for a blank."""
        outline = glyph.font.outline(glyph.index)
        if not outline:
            return ""
        name = f"g{id(glyph.font):x}.{glyph.index}"
        if not self.canvas.hasForm(name):
            self.canvas.beginForm(name, *REACH)
            path = self.canvas.beginPath()
            steps = {"m": path.moveTo, "l": path.lineTo, "c": path.curveTo, "h": path.close}
            for step, numbers in outline:
                steps[step](*numbers)
            self.canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)  # the contours of a letter overlap
            self.canvas.endForm()
        return name

    def _qr(self, element: Element, text: str) -> None:
        modules = modules_of(text)
        side = min(element.w, element.h) * mm
        module = side / (len(modules) + 2 * QUIET)
        left = element.x * mm + (element.w * mm - side) / 2
        bottom = self._bottom(element) + (element.h * mm - side) / 2
        self.canvas.setFillColor(HexColor("#ffffff"))
        self.canvas.rect(left, bottom, side, side, stroke=0, fill=1)
        self.canvas.setFillColor(HexColor(element.colour))
        path = self.canvas.beginPath()
        for number, row in enumerate(modules):
            for start, length in _dark(row):
                y = bottom + side - (QUIET + number + 1) * module
                path.rect(left + (QUIET + start) * module, y, length * module, module)
        self.canvas.drawPath(path, stroke=0, fill=1, fillMode=FILL_NON_ZERO)

    def _box(self, element: Element) -> None:
        if not (element.fill or element.colour):
            return
        if element.fill:
            self.canvas.setFillColor(HexColor(element.fill))
        if element.colour:
            self.canvas.setStrokeColor(HexColor(element.colour))
            self.canvas.setLineWidth((element.line or 0.25) * mm)
        self.canvas.roundRect(
            *(element.x * mm, self._bottom(element), element.w * mm, element.h * mm, element.radius * mm),
            stroke=int(bool(element.colour)),
            fill=int(bool(element.fill)),
        )

    def _place(self, picture: Picture, element: Element, *, cover: bool = False) -> None:
        """Whole within the box, or over all of it."""
        width, height = element.w * mm, element.h * mm
        ratios = (width / picture.width, height / picture.height)
        scale = max(ratios) if cover else min(ratios)
        shown = (picture.width * scale, picture.height * scale)
        x = element.x * mm + (width - shown[0]) / 2
        y = self._bottom(element) + (height - shown[1]) / 2
        self.canvas.saveState()
        clip: Any = self.canvas.beginPath()
        clip.rect(element.x * mm, self._bottom(element), width, height)
        self.canvas.clipPath(clip, stroke=0, fill=0)
        self.canvas.drawImage(picture.reader, x, y, *shown, mask="auto")
        self.canvas.restoreState()


def _dark(row: bytes) -> list[tuple[int, int]]:
    """(start, length) of each stretch of dark modules."""
    stretches: list[tuple[int, int]] = []
    for place, dark in enumerate(row):
        if dark and stretches and sum(stretches[-1]) == place:
            stretches[-1] = (stretches[-1][0], stretches[-1][1] + 1)
        elif dark:
            stretches.append((place, 1))
    return stretches
