"""Text as people compare it: without case, accents and stray blanks."""

from __future__ import annotations

import unicodedata
from typing import Final

LETTERS: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ħ": "h", "ə": "e", "ǝ": "e"}
    | dict.fromkeys("‘’ʻʼ`´", "'")
)
"""What Unicode doesn't take apart into a letter and an accent."""


def fold(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold().translate(LETTERS))
    return " ".join("".join(c for c in apart if not unicodedata.combining(c)).casefold().split())
