"""The text that `q` looks in: words, folded alike when they are stored and when they are asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from typing import Final

from kernel.folding import fold

IN_ORDER: Final = 60_000
LONGEST_WORD: Final = 84
"""MariaDB's full-text index leaves out longer ones, so they are cut into several."""

_UNSPACED: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x312F),  # Han radicals, kana, Bopomofo
    (0x31A0, 0x31FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xA9E0, 0xA9FF),  # Burmese
    (0xAA60, 0xAADF),  # Burmese, Tai Viet
    (0xF900, 0xFAFF),
    (0x16FE0, 0x18CFF),  # Tangut
    (0x1AFF0, 0x1B2FF),  # kana, Nushu
    (0x20000, 0x3FFFF),
)
"""The scripts that are written without blanks between words."""
_PICTURES: Final = ((0x2190, 0x21FF), (0x2300, 0x27BF), (0x2900, 0x297F), (0x2B00, 0x2BFF), (0x1F000, 0x1FAFF))
"""Emoji and their kin: symbols that people look for."""
_MODIFIERS: Final = "\U0001f3fb-\U0001f3ff"
_FLAG_LETTERS: Final = "\U0001f1e6-\U0001f1ff"
_LAST_LETTER: Final = 0x323B0
"""Behind it are private use and format characters."""
_ASCII_WORD: Final = re.compile(rf"[a-z0-9]{{1,{LONGEST_WORD}}}")


@cache
def _word() -> re.Pattern[str]:
    """A run of letters, digits and their marks of one kind of script; or an emoji, with its tone of skin; or a flag."""
    unspaced = _ranges(lambda code: _is_letter(code) and _within(code, _UNSPACED))
    spaced = _ranges(lambda code: _is_letter(code) and not _within(code, _UNSPACED))
    pictures = _ranges(lambda code: unicodedata.category(chr(code)) in ("So", "Sm", "Sk") and _within(code, _PICTURES))
    flag, picture = f"[{_FLAG_LETTERS}]{{2}}", f"[{pictures}][{_MODIFIERS}]?"
    return re.compile(f"[{spaced}]{{1,{LONGEST_WORD}}}|[{unspaced}]+|{flag}|{picture}")


@cache
def _unspaced() -> re.Pattern[str]:
    return re.compile(f"[{_ranges(lambda code: _within(code, _UNSPACED))}]")


def _is_letter(code: int) -> bool:
    character = chr(code)
    return character.isalnum() or unicodedata.category(character)[0] == "M"


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


def _ranges(belongs: Callable[[int], bool]) -> str:
    """The inside of a character class of a regular expression."""
    parts: list[str] = []
    start = None
    for code in range(0x30, _LAST_LETTER + 1):
        if belongs(code) and code < _LAST_LETTER:
            start = code if start is None else start
        elif start is not None:
            parts.append(f"{chr(start)}-{chr(code - 1)}")
            start = None
    return "".join(parts)


def is_unspaced(word: str) -> bool:
    """Whether it may stand in the middle of what is stored as one word: in Chinese, Japanese, Thai …"""
    return not word.isascii() and _unspaced().match(word) is not None


def words_of(text: str) -> list[str]:
    """The words of a text, folded, in order."""
    folded = fold(text)
    return _ASCII_WORD.findall(folded) if folded.isascii() else _word().findall(folded)


def words_or_signs(text: str) -> list[str]:
    """The words of a text; of one that has none, such as "!!!", what stands between its blanks."""
    return words_of(text) or [signs[:LONGEST_WORD] for signs in fold(text).split()]


def search_text_of(texts: Iterable[str | None]) -> str:
    """All words with a blank before and after each, so that " word" is found where one begins.

    Of a very long text the beginning stands in order, where phrases are found; of the rest, each word once.
    """
    words = [word for text in texts if text for word in words_or_signs(text)]
    joined = " ".join(words)
    if len(joined) > IN_ORDER:
        beginning = joined[:IN_ORDER].rpartition(" ")[0]
        known = set(beginning.split(" "))
        joined = " ".join([beginning, *(word for word in dict.fromkeys(words) if word not in known)])
    return f" {joined} " if words else ""


def needle(words: list[str], *, whole: bool = False) -> str:
    """What a search text holds where these words stand side by side: the last one as a beginning, unless `whole`."""
    before = "" if is_unspaced(words[0]) else " "
    behind = " " if whole and not is_unspaced(words[-1]) else ""
    return f"{before}{' '.join(words)}{behind}"


# What MariaDB's full-text index makes of it. Its parser parts words at vowel signs, knows no word in Chinese, Japanese
# or Thai, passes over emoji and whatever has less than three letters. Words that it would get wrong stand behind the
# search text once more, as terms of letters and digits: of a script without blanks each pair of characters, so that a
# word is found anywhere; of other scripts the word. Whether a row that the index finds is the right one, the search
# text itself says.

_PLAIN: Final = re.compile(
    "[a-z0-9\u00df-\u024f\u0370-\u03ff\u0430-\u052f\u0561-\u0586\u05d0-\u05ea\u0620-\u063f\u0641-\u064a]+"
)
"""Words that the parser takes as they are: of Latin, Greek, Cyrillic, Armenian, Hebrew and Arabic letters."""
_TERM: Final = re.compile("x[0-9a-f]*")
LONGEST_TERM: Final = 20
"""Characters, each of four or five digits in a term, that they fit into a word of the index."""


def is_plain(word: str) -> bool:
    return _PLAIN.fullmatch(word) is not None


def term(characters: str) -> str:
    return "x" + "".join(f"{ord(c):04x}" for c in characters)


def could_be_term(word: str) -> bool:
    return _TERM.fullmatch(word) is not None


def terms_of(word: str) -> list[str]:
    """Of a word that is not plain."""
    if is_unspaced(word):
        return [term(word[i : i + 2]) for i in range(len(word))]
    return [term(word[:LONGEST_TERM])]


def with_terms(search_text: str) -> str:
    """A search text for MariaDB. Terms stand on lines of their own, where no word that begins like one finds them."""
    if search_text.isascii():
        return search_text
    words = dict.fromkeys(word for word in search_text.split(" ") if word and not is_plain(word))
    terms = dict.fromkeys(term for word in words for term in terms_of(word))
    return "\n".join([search_text, *terms])
