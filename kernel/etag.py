"""ETags: the row's version, then a digest of this representation.

`If-Match` compares the version alone, so that a tag read in any view guards a write; `If-None-Match`
compares the whole.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Final

from django.utils.http import parse_etags

CODING: Final = re.compile(r"[-;]+(gzip|br|zstd|deflate)$")


def version(type_name: str, pk: int, updated_on: datetime) -> str:
    moment = updated_on.replace(tzinfo=None).isoformat()
    return hashlib.blake2b(f"{type_name}:{pk}:{moment}".encode(), digest_size=8).hexdigest()


def etag(type_name: str, pk: int, updated_on: datetime, body: bytes) -> str:
    return f'"{version(type_name, pk, updated_on)}-{hashlib.blake2b(body, digest_size=8).hexdigest()}"'


def matches(if_match: str, type_name: str, pk: int, updated_on: datetime) -> bool:
    """RFC 9110 section 13.1.1, but for weak tags: a proxy that compresses makes one of ours weak, and the version in it
    is still the row's. Tags without their quotes are understood."""
    if if_match.strip() == "*":
        return True
    tags = parse_etags(if_match) or if_match.split(",")
    return version(type_name, pk, updated_on) in [opaque(tag).partition("-")[0] for tag in tags]


def is_fresh(if_none_match: str, tag: str) -> bool:
    """RFC 9110 section 13.1.2: weak comparison."""
    return if_none_match.strip() == "*" or opaque(tag) in map(opaque, parse_etags(if_none_match))


def opaque(tag: str) -> str:
    """A tag without its mark of weakness, its quotes, and what proxies add to it for a coding."""
    return CODING.sub("", tag.strip().removeprefix("W/").strip('"'))
