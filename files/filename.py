"""Names of files as clients give them: for people to read, never a path of ours."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

MAX_LENGTH = 255
DIRECTIONS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
"""Marks that turn the reading direction round, and so an .exe into a .pdf for the eye."""


def clean_filename(name: str) -> str:
    """The last part of a path, without what no file system or header takes; `file` if nothing is left."""
    name = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    name = re.split(r"[/\\]", name)[-1]
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") and c not in DIRECTIONS)
    name = name.strip(" ")
    if not name.strip("."):
        return "file"
    if len(name) <= MAX_LENGTH:
        return name
    extension = name[name.rfind(".") :] if "." in name[-32:] else ""
    return name[: MAX_LENGTH - len(extension)] + extension


def extension_of(name: str) -> str | None:
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem and 0 < len(extension) <= 32 and extension.isalnum() else None


def content_disposition(name: str, *, inline: bool) -> str:
    """The header (RFC 6266): the name as it is, and one in ASCII for clients that know no other."""
    kind = "inline" if inline else "attachment"
    name = clean_filename(name)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = re.sub(r'[^ -~]|["\\\\%]', "_", plain).strip() or "file"
    if plain == name:
        return f'{kind}; filename="{plain}"'
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
