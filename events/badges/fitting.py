"""A text in its box: the largest size at which it fits, on as many lines as the box is high."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from events.badges.shaping import Style, TextLine, printable, right_to_left, shape

LINE_HEIGHT: Final = 1.2
SMALLEST: Final = 5.0
STEP: Final = 0.5
MAX_CHARACTERS: Final = 1_000
ELLIPSIS: Final = "…"
UNSPACED: Final = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR")
"""Scripts whose lines may end between any two letters, as by the names of their characters."""


@dataclass(frozen=True, slots=True)
class Fitted:
    lines: list[TextLine]
    size: float
    """In the unit of the box."""
    rtl: bool


@lru_cache(maxsize=256)
def fit(text: str, width: float, height: float, size: float, style: Style) -> Fitted:
    """Box and size in points. Below the smallest size the end of the text gives way to an ellipsis."""
    text = printable(text[:MAX_CHARACTERS])
    rtl = right_to_left(text)
    pieces = list(_pieces(text))
    sizes = _sizes(size)
    best: tuple[list[str], float] | None = None
    least, most = 0, len(sizes)
    while least < most:  # a smaller size never takes more lines, and never has room for fewer
        middle = (least + most) // 2
        current = sizes[middle]
        broken = _break(pieces, width / current, style, rtl)
        if broken is not None and len(broken) <= _lines_in(height, current):
            best, most = (broken, current), middle
        else:
            least = middle + 1
    if best is not None:
        return Fitted([shape(line, style, rtl=rtl) for line in best[0]], best[1], rtl)
    return Fitted(_cut(text, width / sizes[-1], _lines_in(height, sizes[-1]), style, rtl), sizes[-1], rtl)


def _sizes(size: float) -> list[float]:
    """Those that are tried, the largest first."""
    smallest = min(size, SMALLEST)
    sizes = [size]
    while sizes[-1] > smallest:
        sizes.append(max(smallest, sizes[-1] - STEP))
    return sizes


def _lines_in(height: float, size: float) -> int:
    return max(1, int(height / (size * LINE_HEIGHT) + 1e-6))


def _pieces(text: str) -> Iterator[str]:
    """What stays together: words with the blank after them, and single letters of scripts without blanks."""
    piece = ""
    for character in text:
        if piece and (piece.endswith((" ", "-", "/")) or (_breaks(character) and not _joins(character))):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


def _joins(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


@lru_cache(maxsize=4096)
def _breaks(character: str) -> bool:
    return unicodedata.name(character, "").startswith(UNSPACED)


def _break(pieces: list[str], width: float, style: Style, rtl: bool) -> list[str] | None:
    """Lines of at most this width, in ems; None if one piece alone is wider."""
    lines, line, used = [], "", 0.0
    for piece in pieces:
        full, bare = _width(piece, style, rtl), _width(piece.rstrip(), style, rtl)
        if bare > width:
            return None
        if line and used + bare > width:
            lines.append(line.rstrip())
            line, used = "", 0.0
        line += piece
        used += full
    return [*lines, line.rstrip()] if line.strip() else lines


@lru_cache(maxsize=4096)
def _width(piece: str, style: Style, rtl: bool) -> float:
    return shape(piece, style, rtl=rtl).width


def _cut(text: str, width: float, most: int, style: Style, rtl: bool) -> list[TextLine]:
    """As many letters as go into the lines, words broken anywhere, the last line ending in an ellipsis."""
    lines = []
    rest = text
    for number in range(most):
        last = number == most - 1
        taken = _longest(rest, width, style, rtl, ELLIPSIS if last else "")
        whole = len(taken) == len(rest)
        lines.append(shape(taken if whole or not last else taken.rstrip() + ELLIPSIS, style, rtl=rtl))
        rest = rest[len(taken) :].lstrip()
        if not rest:
            break
    return lines


def _longest(text: str, width: float, style: Style, rtl: bool, ending: str) -> str:
    """Looks only a little further than it takes, so that many short lines cost no more than few long ones."""
    end = 8
    while end < len(text) and shape(text[:end], style, rtl=rtl).width <= width:
        end *= 2
    if end >= len(text) and shape(text, style, rtl=rtl).width <= width:
        return text
    least, most = 1, min(end, len(text))
    while least < most:
        middle = (least + most + 1) // 2
        if shape(text[:middle].rstrip() + ending, style, rtl=rtl).width <= width:
            least = middle
        else:
            most = middle - 1
    while least > 1 and least < len(text) and _joins(text[least]):
        least -= 1  # a mark stays with its letter
    return text[:least]
