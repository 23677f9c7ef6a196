"""A text → the modules of its QR code (ISO/IEC 18004)."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import segno

MAX_BYTES: Final = 2_900
"""A little less than the largest code holds at the lowest level of error correction."""
TOO_LONG: Final = f"The text is too long for a QR code, which holds at most {MAX_BYTES:,} bytes of it."


def holds(text: str) -> bool:
    """Whether a QR code can hold the text: western letters are a byte each, others up to four."""
    try:
        return len(text.encode("latin-1")) <= MAX_BYTES
    except UnicodeEncodeError:
        return len(text.encode()) <= MAX_BYTES


@lru_cache(maxsize=64)
def modules_of(text: str) -> tuple[bytes, ...]:
    """Rows of modules, 1 for dark, of a text that a code `holds`. Where it is long, with less error correction."""
    try:
        code = segno.make_qr(text, error="m")
    except segno.DataOverflowError:
        code = segno.make_qr(text, error="l")
    return tuple(map(bytes, code.matrix))
