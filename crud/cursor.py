"""Opaque cursors: the place in an order where a page ended.

They hold the internal key of a row, so they are enciphered as well as signed. Only `decode` reads them;
a changed, foreign or outdated one is refused like any bad parameter.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings

from crud.errors import Invalid

NONCE_BYTES = 8
TAG_BYTES = 12


@lru_cache(maxsize=1)
def _keys(secret: str) -> tuple[bytes, bytes]:
    return tuple(hashlib.blake2b(secret.encode(), person=use).digest() for use in (b"cursor-cipher", b"cursor-sign"))  # type: ignore[return-value]


def _stream(nonce: bytes, length: int) -> bytes:
    key = _keys(settings.SECRET_KEY)[0]
    return b"".join(
        hashlib.blake2b(nonce + block.to_bytes(4, "big"), key=key).digest() for block in range(-(-length // 64))
    )[:length]


def _tag(data: bytes) -> bytes:
    return hmac.digest(_keys(settings.SECRET_KEY)[1], data, "sha256")[:TAG_BYTES]


def _cipher(nonce: bytes, data: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(data, _stream(nonce, len(data)), strict=True))


def encode(order: str, values: list[Any]) -> str:
    """`order` names the sort the values belong to; values: those of the last row, its key last."""
    plain = orjson.dumps([order, values], default=str)
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + _cipher(nonce, plain)
    return base64.urlsafe_b64encode(sealed + _tag(sealed)).rstrip(b"=").decode()


def decode(order: str, cursor: str) -> list[Any]:
    """Raises Invalid unless `encode` made it for the same order."""
    try:
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raise Invalid.field("cursor", "It is not one of ours.") from None
    sealed, tag = data[:-TAG_BYTES], data[-TAG_BYTES:]
    if len(sealed) <= NONCE_BYTES or not hmac.compare_digest(_tag(sealed), tag):
        raise Invalid.field("cursor", "It is not one of ours.")
    made_for, values = orjson.loads(_cipher(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]))
    if made_for != order:
        raise Invalid.field("cursor", "It belongs to another type or order_by.")
    found: list[Any] = values
    return found


def as_value(value: Any) -> Any:
    """A column's value as it is kept in a cursor: dates as the database compares them."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value
