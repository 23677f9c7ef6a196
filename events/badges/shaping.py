"""Text → placed glyphs: direction, fonts, and the joining and stacking that a script asks for."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import uharfbuzz as hb
from bidi import algorithm

from events.badges.fonts import FIRST_OF_SIGNS, REGULAR, SLANT, SizedFont, font, font_of, is_covered

JOINERS: Final = "\u200c\u200d"
STICKS: Final = ("Mn", "Mc", "Me", "Cf")
"""Categories of what belongs to the character before it, and so to its font."""


@dataclass(frozen=True, slots=True)
class Glyph:
    """`x` and `y` from the beginning of the line, in ems."""

    font: SizedFont
    index: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Style:
    weight: int
    italic: bool = False

    @property
    def slant(self) -> float:
        return SLANT if self.italic else 0.0


@dataclass(frozen=True, slots=True)
class TextLine:
    glyphs: list[Glyph]
    width: float
    text: str
    """As it is read, not as it is seen."""


def printable(text: str) -> str:
    """The text on one line, without control characters and without overrides of its direction."""
    text = unicodedata.normalize("NFC", text)
    characters = (c if unicodedata.category(c) not in ("Cc", "Cs", "Cf") or c in JOINERS else " " for c in text)
    return " ".join("".join(characters).split())


def right_to_left(text: str) -> bool:
    return bool(algorithm.get_base_level(text))


def shape(text: str, style: Style, *, rtl: bool) -> TextLine:
    """One line of `printable` text, in the order in which it is seen."""
    glyphs: list[Glyph] = []
    pen = 0.0
    for run, level, index in _in_visual_order(_runs(text, rtl)):
        pen = _shape_run(run, level, font(index, style.weight), pen, glyphs)
    return TextLine(glyphs, pen, text)


def _shape_run(run: str, level: int, sized: SizedFont, pen: float, glyphs: list[Glyph]) -> float:
    buffer = hb.Buffer()
    buffer.add_str(run)
    buffer.guess_segment_properties()
    buffer.direction = "rtl" if level % 2 else "ltr"
    hb.shape(sized.font, buffer)
    units = sized.units
    for info, place in zip(buffer.glyph_infos or (), buffer.glyph_positions or (), strict=True):
        glyphs.append(Glyph(sized, info.codepoint, pen + place.x_offset / units, place.y_offset / units))
        pen += place.x_advance / units
    return pen


def _runs(text: str, rtl: bool) -> list[tuple[str, int, int]]:
    """(text, level, font): stretches of one direction in one font, in the order of reading."""
    levels = _levels(text, rtl)
    fonts: list[int] = []
    for character in text:
        before = fonts[-1] if fonts else 0
        sticks = unicodedata.category(character) in STICKS
        shared = _shared(character) and before < FIRST_OF_SIGNS and font(before, REGULAR).has(character)
        fonts.append(before if fonts and (sticks or shared) else font_of(character))
    marked = list(zip(text, levels, fonts, strict=True))
    return [
        ("".join(character for character, _, _ in group), level, index)
        for (level, index), group in groupby(marked, key=lambda item: item[1:])
    ]


def _shared(character: str) -> bool:
    """Whether any script uses it: digits, punctuation."""
    return unicodedata.category(character)[0] in "NP"


def _levels(text: str, rtl: bool) -> list[int]:
    """The embedding level of each character (UAX 9); odd ones run from right to left."""
    storage: dict[str, Any] = algorithm.get_empty_storage()
    storage["base_level"], storage["base_dir"] = int(rtl), "LR"[rtl]
    algorithm.get_embedding_levels(text.translate(_NEUTRAL), storage)
    algorithm.explicit_embed_and_overrides(storage)
    algorithm.resolve_weak_types(storage)
    algorithm.resolve_neutral_types(storage, debug=False)
    algorithm.resolve_implicit_levels(storage, debug=False)
    return [entry["level"] for entry in storage["chars"]]


_NEUTRAL: Final = {ord(joiner): "\u0300" for joiner in JOINERS}
"""The algorithm takes joiners out; a mark in their place keeps the count of the characters."""


def _in_visual_order(runs: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """From the highest level down, every stretch at that level or above is turned round."""
    ordered = list(runs)
    for level in range(max((run[1] for run in ordered), default=0), 0, -1):
        start = 0
        while start < len(ordered):
            end = start
            while end < len(ordered) and ordered[end][1] >= level:
                end += 1
            ordered[start:end] = reversed(ordered[start:end])
            start = max(end, start) + 1
    return ordered


def uncovered(text: str) -> set[str]:
    """Its characters that no font of the family has."""
    return {c for c in text if unicodedata.category(c) not in (*STICKS, "Zs") and not is_covered(c)}
