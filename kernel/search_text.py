"""The text that `q` looks in: words, folded alike when they are stored and when they are asked for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

MAX_LENGTH: Final = 60_000
LONGEST_WORD: Final = 84
"""MariaDB's full-text index leaves out longer ones, so they are cut into several."""
_WORD: Final = re.compile(rf"\w{{1,{LONGEST_WORD}}}")


def words_of(text: str) -> list[str]:
    """The words of a text, without case and accents, in order."""
    folded = text.casefold()
    if not folded.isascii():
        folded = "".join(c for c in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(c))
    return _WORD.findall(folded.replace("_", " "))


def search_text_of(texts: Iterable[str | None]) -> str:
    """All words with a blank before and after each, so that `LIKE '% word%'` finds the beginning of one."""
    words = [word for text in texts if text for word in words_of(text)]
    return f" {' '.join(words)} "[:MAX_LENGTH] if words else ""
