"""Text as people compare it: without case, accents and stray blanks."""

from __future__ import annotations

import kernel.folding


def fold(text: str) -> str:
    return " ".join(kernel.folding.fold(text).split())
