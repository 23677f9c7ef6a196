"""The fonts that badges are set in, and which of them has a character.

Noto from two packages of fonts (SIL Open Font License), so that a badge looks the same on every machine; a few scripts
more where Debian's fonts-noto-core is installed, as in the image of `docker/`. HarfBuzz shapes the text and hands out
the outlines; what stands in the PDF are shapes, not text.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import uharfbuzz as hb

REGULAR: Final = 400
BOLD: Final = 700
SLANT: Final = 0.2
"""Of italics: the fonts have none for most scripts, so the upright letters lean."""

SYSTEM: Final = Path("/usr/share/fonts/truetype/noto")
"""Where Debian's fonts-noto-core has them. One weight each."""
OF_THE_SYSTEM: Final = (
    *("NotoSerifTibetan-Regular.ttf", "NotoSansMongolian-Regular.ttf", "NotoSansThaana-Regular.ttf"),
    "NotoSansMath-Regular.ttf",
)
"""Scripts that the packages lack; used where they are installed."""
FAMILY: Final = (
    ("manimgx_fonts", "NotoSans[wght].ttf"),
    *(
        ("manimgx_fonts", f"NotoSans{script}[wght].ttf")
        for script in (
            *("Arabic", "Hebrew", "Armenian", "Georgian", "Ethiopic"),
            *("Devanagari", "Bengali", "Gujarati", "Gurmukhi", "Oriya", "Tamil", "Telugu", "Kannada", "Malayalam"),
            *("Sinhala", "Thai", "Lao", "Khmer", "Myanmar"),
        )
    ),
    ("manimgx_fonts_cjk", "NotoSansCJK-VF.otf.ttc"),
    *(("", name) for name in OF_THE_SYSTEM if (SYSTEM / name).is_file()),
    ("manimgx_fonts", "NotoEmoji[wght].ttf"),
    ("manimgx_fonts", "NotoSansSymbols[wght].ttf"),
)
"""In the order in which they are asked for a character."""
FIRST_OF_SIGNS: Final = len(FAMILY) - 2
"""From here on: signs, whose digits and blanks are not for use between words."""


@cache
def _face(index: int) -> hb.Face:
    package, name = FAMILY[index]
    path = files(package) / name if package else SYSTEM / name
    return hb.Face(hb.Blob.from_file_path(str(path)))


class SizedFont:
    """One font in one weight. Lengths are in ems: 1.0 is the size of the type."""

    def __init__(self, index: int, weight: int) -> None:
        self.font = hb.Font(_face(index))
        self.font.set_variations({"wght": weight})
        self.units = float(_face(index).upem)

    def has(self, character: str) -> bool:
        return self.font.get_nominal_glyph(ord(character)) is not None

    def outline(self, glyph: int) -> list[tuple[str, tuple[float, ...]]]:
        """Steps (m, l, c, h) with coordinates in ems, cubic curves only, as PDF has no others."""
        return list(_outline(self, glyph))


@lru_cache(maxsize=8192)
def _outline(sized: SizedFont, glyph: int) -> tuple[tuple[str, tuple[float, ...]], ...]:
    steps: list[tuple[str, tuple[float, ...]]] = []
    sized.font.draw_glyph(glyph, _PEN, (steps, sized.units, [0.0, 0.0]))
    return tuple(steps)


def _move(x: float, y: float, drawn: Any) -> None:
    _point(drawn, "m", x, y)


def _line(x: float, y: float, drawn: Any) -> None:
    _point(drawn, "l", x, y)


def _quadratic(cx: float, cy: float, x: float, y: float, drawn: Any) -> None:
    before = drawn[2]
    first = (before[0] + 2 * (cx - before[0]) / 3, before[1] + 2 * (cy - before[1]) / 3)
    second = (x + 2 * (cx - x) / 3, y + 2 * (cy - y) / 3)
    _point(drawn, "c", *first, *second, x, y)


def _cubic(ax: float, ay: float, bx: float, by: float, x: float, y: float, drawn: Any) -> None:
    _point(drawn, "c", ax, ay, bx, by, x, y)


def _close(drawn: Any) -> None:
    drawn[0].append(("h", ()))


def _point(drawn: Any, step: str, *numbers: float) -> None:
    steps, units, last = drawn
    last[:] = numbers[-2:]
    steps.append((step, tuple(number / units for number in numbers)))


_PEN: Final = hb.DrawFuncs()
_PEN.set_move_to_func(_move)
_PEN.set_line_to_func(_line)
_PEN.set_quadratic_to_func(_quadratic)
_PEN.set_cubic_to_func(_cubic)
_PEN.set_close_path_func(_close)


@cache
def font(index: int, weight: int) -> SizedFont:
    return SizedFont(index, weight)


@lru_cache(maxsize=16_384)
def font_of(character: str) -> int:
    """The first font of the family that has the character; the first of all, with its empty box, if none has."""
    return _font_with(character) or 0


def is_covered(character: str) -> bool:
    return _font_with(character) is not None


@lru_cache(maxsize=16_384)
def _font_with(character: str) -> int | None:
    return next((index for index in range(len(FAMILY)) if font(index, REGULAR).has(character)), None)
