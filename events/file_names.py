"""Names under which Windows, macOS and Linux can all save a file, told apart where a file system takes two for one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from hashlib import blake2b
from typing import Final

from files.filename import clean_filename

MAX_BYTES: Final = 255
"""Of a name in UTF-8, its extension included: ext4's limit. NTFS and APFS take as many UTF-16 units, or more."""
MAX_EXTENSION: Final = 32
RESERVED: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|clock\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
"""Devices of Windows (learn.microsoft.com, Naming Files), whatever extension follows."""
FORBIDDEN: Final = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')


def portable_name(filename: str) -> str:
    """`filename` as every system can save it; the same again where it could already."""
    name = FORBIDDEN.sub("_", clean_filename(filename))
    name = "".join("_" if unicodedata.category(c) == "Cn" else c for c in name)  # unassigned: APFS refuses them
    stem, extension = _parts(name)
    if RESERVED.fullmatch(stem.partition(".")[0].rstrip(" ")):
        stem = f"_{stem}"
    return _fitted(stem, "", extension)


def variants(filename: str) -> Iterator[str]:
    """The portable name, then `talk (2).pptx`, `talk (3).pptx` and so on, without end."""
    name = portable_name(filename)
    yield name
    stem, extension = _parts(name)
    number = 2
    while True:
        yield _fitted(stem, f" ({number})", extension)
        number += 1


def name_key(name: str) -> str:
    """What two names have in common that some file system takes for one: case and normal form aside."""
    return blake2b(folded(name).encode(), digest_size=16).hexdigest()


def folded(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def _parts(name: str) -> tuple[str, str]:
    """Stem and extension (with its dot), neither with dots or blanks at the end."""
    name = name.rstrip(". ").lstrip(" ")
    stem, dot, extension = name.rpartition(".")
    if not dot or not stem.strip(". ") or len((dot + extension).encode()) > MAX_EXTENSION:
        return name or "file", ""
    return stem, dot + extension


def _fitted(stem: str, number: str, extension: str) -> str:
    room = MAX_BYTES - len((number + extension).encode())
    while len(stem.encode()) > room:
        stem = _without_last_sign(stem)
    if not extension and not number:
        stem = stem.rstrip(". ")
    return f"{stem}{number}{extension}"


def _without_last_sign(text: str) -> str:
    """Without the last letter and the marks on it."""
    end = len(text) - 1
    while end > 0 and (unicodedata.combining(text[end]) or text[end] == "\u200d" or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end]
