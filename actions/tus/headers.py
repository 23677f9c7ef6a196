"""What the headers of tus 1.0 say."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from files.resumable import ALGORITHMS, Checksum
from kernel.errors import Conflict, Invalid, LengthRequired, WrongMediaType

VERSION: Final = "1.0.0"
EXTENSIONS: Final = "creation,checksum,expiration,termination"
BODY_TYPE: Final = "application/offset+octet-stream"
MAX_METADATA: Final = 8_192
NAME: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
Meta = Mapping[str, Any]


def capabilities() -> dict[str, str]:
    """Of an answer to OPTIONS."""
    return {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(settings.AETHER_MAX_UPLOAD_BYTES),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }


def demand_version(meta: Meta) -> None:
    if meta.get("HTTP_TUS_RESUMABLE") != VERSION:
        raise Conflict(f"Send Tus-Resumable: {VERSION}.", status=412, headers={"Tus-Version": VERSION})


def number(meta: Meta, name: str) -> int:
    """A length or an offset. Raises Invalid."""
    text = str(meta.get("HTTP_" + name.upper().replace("-", "_"), ""))
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise Invalid(f"{name} is a number of bytes.")
    return int(text)


def body_length(meta: Meta) -> int:
    """Of the part that a PATCH brings. Raises LengthRequired, WrongMediaType, Invalid."""
    if str(meta.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower() != BODY_TYPE:
        raise WrongMediaType(f"Send the bytes as Content-Type: {BODY_TYPE}.")
    text = str(meta.get("CONTENT_LENGTH") or "")
    if not text:
        raise LengthRequired
    if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise Invalid("The Content-Length is not a number.")
    return int(text)


def metadata(meta: Meta) -> dict[str, str]:
    """`filename c2xpZGVz…,for_type …`: names with values in base64. Raises Invalid."""
    text = str(meta.get("HTTP_UPLOAD_METADATA", ""))
    if len(text) > MAX_METADATA:
        raise Invalid(f"Upload-Metadata has at most {MAX_METADATA} characters.")
    values: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, encoded = part.partition(" ")
        if not NAME.fullmatch(name) or name in values:
            raise Invalid("Upload-Metadata is a list of different names, each with a value in base64.")
        try:
            values[name] = base64.b64decode(encoded.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            raise Invalid.field(name, "Give the value as UTF-8 in base64.") from None
        if "\x00" in values[name]:
            raise Invalid.field(name, "A text can't contain the character NUL.")
    return values


def checksum(meta: Meta) -> Checksum | None:
    """Raises Invalid for one that nobody could check."""
    text = str(meta.get("HTTP_UPLOAD_CHECKSUM", ""))
    if not text:
        return None
    algorithm, _, encoded = text.partition(" ")
    try:
        digest = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if algorithm not in ALGORITHMS or not digest:
        raise Invalid(f"Upload-Checksum is one of {', '.join(ALGORITHMS)}, and the digest in base64.")
    return Checksum(algorithm, digest)
