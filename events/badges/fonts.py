"""The fonts that badges are set in, and which of them has a character.

Noto (SIL Open Font License), from `noto` beside this file, so that a badge looks the same on every machine; further
scripts where Debian's fonts-noto-core is installed, as in the image of `docker/`. HarfBuzz shapes the text and hands
out the outlines; what stands in the PDF are shapes, not text. Where the files come from: `scripts/badge_fonts.sh`.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

import uharfbuzz as hb

REGULAR: Final = 400
BOLD: Final = 700
SLANT: Final = 0.2
"""Of italics: the fonts have none for most scripts, so the upright letters lean."""
EMBOLDENED: Final = 0.035
"""In ems, what the strokes of a font that comes without a bold one gain."""

OWN: Final = Path(__file__).parent / "noto"
SYSTEM: Final = Path("/usr/share/fonts/truetype/noto")
"""Where Debian's fonts-noto-core has them."""
SCRIPTS: Final = (
    *("NotoSans", "NotoSansArabic", "NotoSansHebrew", "NotoSansArmenian", "NotoSansGeorgian", "NotoSansEthiopic"),
    *("NotoSansDevanagari", "NotoSansBengali", "NotoSansGujarati", "NotoSansGurmukhi", "NotoSansOriya"),
    *("NotoSansTamil", "NotoSansTelugu", "NotoSansKannada", "NotoSansMalayalam", "NotoSansSinhala", "NotoSansThai"),
    *("NotoSansLao", "NotoSansKhmer", "NotoSansMyanmar", "NotoSansCJK", "NotoSerifTibetan", "NotoSansMongolian"),
    *("NotoSansThaana", "NotoSansMath"),
)
SIGNS: Final = ("NotoEmoji", "NotoSansSymbols")
FIRST_OF_SIGNS: Final = len(SCRIPTS)
"""From here on: signs, whose digits and blanks are not for use between words."""


def installed(folder: Path) -> list[Path]:
    """Noto's fonts for further scripts, where there are any."""
    known = {f"{name}-Regular.ttf" for name in SCRIPTS + SIGNS}
    fonts = [*sorted(folder.glob("NotoSans*-Regular.ttf")), *sorted(folder.glob("NotoSerif*-Regular.ttf"))]
    return [font for font in fonts if font.name not in known]


FAMILY: Final = (*(next(OWN.glob(f"{name}-Regular.*")) for name in SCRIPTS + SIGNS), *installed(SYSTEM))
"""In the order in which they are asked for a character."""


@cache
def _face(path: Path) -> hb.Face:
    return hb.Face(hb.Blob.from_file_path(str(path)))


class SizedFont:
    """One font in one weight. Lengths are in ems: 1.0 is the size of the type."""

    def __init__(self, index: int, weight: int) -> None:
        regular = FAMILY[index]
        bold = regular.with_name(regular.name.replace("-Regular.", "-Bold."))
        face = _face(bold if weight == BOLD and bold.is_file() else regular)
        self.font = hb.Font(face)
        if weight == BOLD and not bold.is_file():
            self.font.synthetic_bold = (EMBOLDENED, EMBOLDENED, False)
        self.units = float(face.upem)

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
