"""ETags: the row's version, then a digest of this representation.

`If-Match` compares the version alone, so that a tag read in any view guards a write; `If-None-Match`
compares the whole.
"""

from __future__ import annotations

import hashlib
from datetime import datetime


def version(type_name: str, pk: int, updated_on: datetime) -> str:
    moment = updated_on.replace(tzinfo=None).isoformat()
    return hashlib.blake2b(f"{type_name}:{pk}:{moment}".encode(), digest_size=8).hexdigest()


def etag(type_name: str, pk: int, updated_on: datetime, body: bytes) -> str:
    return f'"{version(type_name, pk, updated_on)}-{hashlib.blake2b(body, digest_size=8).hexdigest()}"'


def matches(if_match: str, type_name: str, pk: int, updated_on: datetime) -> bool:
    """RFC 9110 section 13.1.1, with our tags' version part."""
    if if_match.strip() == "*":
        return True
    current = version(type_name, pk, updated_on)
    return any(tag.strip().strip('"').split("-")[0] == current for tag in if_match.split(","))


def is_fresh(if_none_match: str, tag: str) -> bool:
    """RFC 9110 section 13.1.2: weak comparison."""
    return if_none_match.strip() == "*" or any(
        candidate.strip().removeprefix("W/") == tag for candidate in if_none_match.split(",")
    )
