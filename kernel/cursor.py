"""Opaque cursors: the place in an order where a page ended.

They hold the internal key of a row, so they are enciphered as well as signed, with the signature as the cipher's
nonce (a synthetic initialisation vector, as in RFC 5297; the hash is BLAKE2b with a key, RFC 7693). Only `decode` reads
them; a changed, foreign or outdated one is refused like any bad parameter.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
from django.conf import settings

from kernel.errors import Invalid
from kernel.wording import NOT_A_CURSOR

TAG_BYTES = 16
BLOCK = 64


@lru_cache(maxsize=1)
def _keys(secret: str) -> tuple[bytes, bytes]:
    return tuple(hashlib.blake2b(secret.encode(), person=use).digest() for use in (b"cursor-sign", b"cursor-cipher"))  # type: ignore[return-value]


def _tag(key: bytes, plain: bytes) -> bytes:
    return hashlib.blake2b(plain, digest_size=TAG_BYTES, key=key).digest()


def _cipher(key: bytes, tag: bytes, text: bytes) -> bytes:
    """The text, exclusive-or a stream of bytes that belongs to the tag: both ways."""
    blocks = -(-len(text) // BLOCK)
    stream = b"".join([hashlib.blake2b(tag + i.to_bytes(4), key=key).digest() for i in range(blocks)])
    return (int.from_bytes(text) ^ int.from_bytes(stream[: len(text)])).to_bytes(len(text))


def encode(order: str, values: list[Any]) -> str:
    """`order` names the sort the values belong to; values: those of the last row, its key last."""
    sign, cipher = _keys(settings.SECRET_KEY)
    plain = orjson.dumps([order, values], default=str)
    tag = _tag(sign, plain)
    return base64.urlsafe_b64encode(tag + _cipher(cipher, tag, plain)).rstrip(b"=").decode()


def decode(order: str, cursor: str) -> list[Any]:
    """Raises Invalid unless `encode` made it for the same order."""
    try:
        data = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    except (binascii.Error, ValueError):
        raise Invalid.field("cursor", NOT_A_CURSOR) from None
    sign, cipher = _keys(settings.SECRET_KEY)
    tag = data[:TAG_BYTES]
    plain = _cipher(cipher, tag, data[TAG_BYTES:])
    if not hmac.compare_digest(_tag(sign, plain), tag):
        raise Invalid.field("cursor", NOT_A_CURSOR)
    made_for, values = orjson.loads(plain)
    if made_for != order:
        raise Invalid.field("cursor", "It is a cursor of another list, or of another order_by.")
    decoded: list[Any] = values
    return decoded


def as_value(value: Any) -> Any:
    """A column's value as it is kept in a cursor: dates as the database compares them."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value
