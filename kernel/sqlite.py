"""SQLite speaks text as MariaDB's utf8mb4_uca1400_nopad_as_ci does: case does not count, accents do.

Registered on every connection: the collation `aether_text` for =, < and ORDER BY, and LIKE, which knows no
collations: `like` folds case, `like_exact` nothing (ids, hashes).
"""

from __future__ import annotations

import re
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

from django.conf import settings
from django.db.backends.signals import connection_created

from kernel.model_fields import TEXT_COLLATION_SQLITE

# What the Unicode Collation Algorithm passes over: control and format characters, how an emoji is to be drawn, marks
# of recitation and the stroke that draws a word out in Hebrew and Arabic.
_UNSEEN = (*range(1, 9), *range(14, 32), *range(127, 133), *range(134, 160), 0xAD, 0x34F, *range(0x200B, 0x2010))
_UNSEEN += (*range(0x202A, 0x202F), *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), 0xFEFF, *range(0xFFF9, 0xFFFC))
_UNSEEN += (*range(0x591, 0x5B0), 0x5BD, *range(0x600, 0x606), *range(0x610, 0x61B), 0x61C, 0x640, *range(0x6D6, 0x6DE))
_UNSEEN += (*range(0x180A, 0x1810), 0xE0001, *range(0xE0020, 0xE0080), *range(0xE0100, 0xE01F0))
# The order of what is neither letter nor blank; a class of Unicode stands where those of its characters stand that are
# not of ASCII: dashes, quotes, brackets, other punctuation, signs and emoji, currencies.
_ORDER = (
    *"_-",
    "Pd",
    *",;:!?.'\"",
    "Pi",
    *"()[]{}",
    "Ps",
    *"@*/\\&#%",
    "Po",
    *"`^+<=>|~",
    "So",
    "$",
    "Sc",
    *"0123456789",
)
_PLACES = {name: chr(rank) for rank, name in enumerate(_ORDER, start=33)}
_PLACES |= {"Pc": _PLACES["Pd"], "Pf": _PLACES["Pi"], "Pe": _PLACES["Ps"], "Sm": _PLACES["So"], "Sk": _PLACES["So"]}
_RANKS: dict[int, str | None] = {ord(name): place for name, place in _PLACES.items() if len(name) == 1}
_RANKS |= dict.fromkeys(_UNSEEN)
# Letters that Unicode does not take apart: some are others with a stroke, some come behind another.
_STROKES, _BEHIND = "\u0338\u0335", "\U0010ffff"
_LETTERS = {ord(letter): base + _STROKES for letter, base in {"æ": "ae", "œ": "oe", "ð": "d", "ŧ": "t"}.items()}
_LETTERS |= {ord(letter): base + "\u0335" for letter, base in {"đ": "d", "ħ": "h", "ł": "l"}.items()}
_LETTERS |= {ord("ø"): "o\u0338"} | {
    ord(letter): base + _BEHIND for letter, base in {"ı": "i", "ŋ": "n", "ə": "e"}.items()
}
# Hiragana and katakana are two cases of one letter, and so are the small ones.
_SMALL_KANA = dict(
    zip(
        "ぁぃぅぇぉっゃゅょゎゕゖㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ",
        "あいうえおつやゆよわかけくしすとぬはひふへほむらりるれろ",
        strict=True,
    )
)
_LETTERS |= {ord(small): large for small, large in _SMALL_KANA.items()}
_LETTERS |= {code: _SMALL_KANA.get(chr(code - 96), chr(code - 96)) for code in range(0x30A1, 0x30F7)}
# Letters that Unicode takes for others, and that are none of their cases: taken apart before it does so.
_SHARP = {"ß": f"ss{_STROKES}", "ẞ": f"ss{_STROKES}", "ſ": f"s{_STROKES}", "ẛ": f"s{_STROKES}\u0307"}
# Forms of one letter that are equal: Hebrew ones at the end of a word, Latin ones in a black circle or square.
_FORMS = dict(zip("ךםןףץ", "כמנפצ", strict=True))
_FORMS |= {chr(first + n): chr(ord("a") + n) for first in (0x1F150, 0x1F170) for n in range(26)}
_ALIKE = str.maketrans(_SHARP | _FORMS)
_OTHER_DIGIT = re.compile(r"(?![0-9])\d")


def sort_key(text: str) -> tuple[str, str]:
    """Base letters first, accents decide between equals, as in the Unicode Collation Algorithm."""
    return _short_key(text) if len(text) <= LONGEST_REMEMBERED else _sort_key(text)


def _sort_key(text: str) -> tuple[str, str]:
    if text.isascii():
        key = text.lower().translate(_RANKS)
        return key, key
    text = _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), text.translate(_ALIKE))
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    decomposed = "".join(map(_placed, unicodedata.normalize("NFD", folded).translate(_RANKS)))
    return "".join(c for c in decomposed if not unicodedata.combining(c)), decomposed


_short_key = lru_cache(maxsize=65_536)(_sort_key)


def _placed(character: str) -> str:
    """Behind the place of its class, if it is neither of ASCII nor a letter."""
    return character if character.isascii() else _PLACES.get(unicodedata.category(character), "") + character


T = TypeVar("T")
Piece = str | tuple[str | None, ...]


def compare(a: str, b: str) -> int:
    if a == b:
        return 0
    key_a, key_b = sort_key(a), sort_key(b)
    return (key_a > key_b) - (key_a < key_b)


class _Folding(dict[int, int]):
    """Character → what it is compared as, one for one, as MariaDB's LIKE goes through a text."""

    def __missing__(self, code: int) -> int:
        character = _OTHER_DIGIT.sub(lambda match: str(unicodedata.decimal(match[0])), chr(code))
        folded = unicodedata.normalize("NFKC", character).casefold()
        one = next((c for c in (folded, character.lower()) if len(c) == 1), character)
        return self.setdefault(code, ord(one))


_FOLDINGS: dict[str, dict[int, int]] = {"": {}, "case": _Folding()}


def like(pattern: str | None, value: Any, escape: str | None = None, folding: str = "case") -> bool | None:
    """`value LIKE pattern ESCAPE escape`, in time linear in the text: no regular expression is built."""
    if pattern is None or value is None:
        return None
    pieces = _pieces(pattern, escape, folding)
    text = str(value)
    # Of ASCII alone the two are the same, and the first is many times faster.
    text = text.lower() if folding and text.isascii() else text.translate(_FOLDINGS[folding])
    first, last = pieces[0], pieces[-1]
    if len(pieces) == 1:
        return len(text) == len(first) and _fits(text, 0, first)
    if len(text) < len(first) + len(last) or not _fits(text, 0, first) or not _fits(text, len(text) - len(last), last):
        return False
    position, end = len(first), len(text) - len(last)
    for piece in pieces[1:-1]:
        position = _find(text, piece, position, end)
        if position < 0:
            return False
        position += len(piece)
    return True


def like_exact(pattern: str | None, value: Any, escape: str) -> bool | None:
    return like(pattern, value, escape, "")


@lru_cache(maxsize=1024)
def _pieces(pattern: str, escape: str | None, folding: str) -> list[Piece]:
    """The runs between %, folded: a text, or, where _ stands in it, its characters and None for each of those."""
    pieces: list[list[str | None]] = [[]]
    characters = iter(pattern)
    for character in characters:
        if escape and character == escape:
            pieces[-1].append(next(characters, escape).translate(_FOLDINGS[folding]))
        elif character == "%":
            pieces.append([])
        else:
            pieces[-1].append(None if character == "_" else character.translate(_FOLDINGS[folding]))
    return [tuple(piece) if None in piece else "".join(c for c in piece if c is not None) for piece in pieces]


def _fits(text: str, position: int, piece: Piece) -> bool:
    if isinstance(piece, str):
        return text.startswith(piece, position)
    return all(letter is None or text[position + i] == letter for i, letter in enumerate(piece))


def _find(text: str, piece: Piece, start: int, end: int) -> int:
    """Where the piece stands first, in time linear in the text; -1 for nowhere, or when the time is up."""
    if isinstance(piece, str):
        return text.find(piece, start, end)
    if start + len(piece) > end:
        return -1  # and `end - tail` below might count from the text's end
    lead = next((i for i, letter in enumerate(piece) if letter is not None), len(piece))
    if lead == len(piece):
        return start
    tail = next(i for i, letter in enumerate(reversed(piece)) if letter is not None)
    core = piece[lead : len(piece) - tail]
    if None not in core:
        position = text.find("".join(c for c in core if c), start + lead, end - tail)
    else:
        position = _find_with_gaps(text, core, start + lead, end - tail)
    return position - lead if position >= 0 else -1


def _find_with_gaps(text: str, core: tuple[str | None, ...], start: int, end: int) -> int:
    """By bits (shift-and): bit i says that the last i + 1 characters are the beginning of `core`."""
    any_character = sum(1 << i for i, letter in enumerate(core) if letter is None)
    masks: dict[str, int] = {}
    for i, letter in enumerate(core):
        if letter is not None:
            masks[letter] = masks.get(letter, any_character) | 1 << i
    last, state = 1 << len(core) - 1, 0
    for part in range(start, end, LETTERS):
        if _too_late():
            return -1
        for place in range(part, min(part + LETTERS, end)):
            state = (state << 1 | 1) & masks.get(text[place], any_character)
            if state & last:
                return place - len(core) + 1
    return -1


_deadline = threading.local()
STEPS = 50_000
"""Of SQLite's machine between two looks at the clock."""
LETTERS = 4_096
"""Of a text between two."""
LONGEST_REMEMBERED = 500
"""Characters of a text whose sort key is kept."""


@contextmanager
def time_limit() -> Iterator[None]:
    """End a reading statement after AETHER_STATEMENT_TIMEOUT seconds. On MariaDB the server sees to it."""
    seconds = settings.AETHER_STATEMENT_TIMEOUT
    _deadline.at = time.monotonic() + seconds if seconds else None
    try:
        yield
    finally:
        _deadline.at = None


def _too_late() -> bool:
    at = getattr(_deadline, "at", None)
    return at is not None and time.monotonic() > at


def _in_time(function: Callable[..., T], interrupt: Callable[[], None], answer: T) -> Callable[..., T]:
    """A function for SQLite that looks at the clock, as the machine does not while it sorts, or is in a function.

    When the time is up it answers at once, and has the statement ended with "interrupted": nobody sees the answers.
    """

    def timed(*arguments: Any) -> T:
        if not _too_late():
            result = function(*arguments)
            if not _too_late():
                return result
        interrupt()
        return answer

    return timed


def prepare_connection(connection: Any, **kwargs: Any) -> None:
    if connection.vendor == "sqlite":
        raw = connection.connection
        raw.create_collation(TEXT_COLLATION_SQLITE, _in_time(compare, raw.interrupt, 0))
        raw.create_function("like", 2, _in_time(like, raw.interrupt, None), deterministic=True)
        raw.create_function("like", 3, _in_time(like, raw.interrupt, None), deterministic=True)
        raw.create_function("like_exact", 3, _in_time(like_exact, raw.interrupt, None), deterministic=True)
        raw.set_progress_handler(_too_late, STEPS)


connection_created.connect(prepare_connection, dispatch_uid="kernel.sqlite")
