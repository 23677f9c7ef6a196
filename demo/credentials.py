"""Ids and credentials of the demo. Ids follow from names alone; credentials need the installation's secret key too, so
that they stay the same here, and nobody knows them from the source."""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256

from django.conf import settings

from kernel.ids import ID_LENGTH


def public_id(*names: object) -> str:
    """An id in the shape that `kernel.ids.new_id` makes them."""
    digest = sha256("/".join(["aether.demo", *map(str, names)]).encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().lstrip("-_")[:ID_LENGTH]


def api_key(kind: str, name: str) -> str:
    return f"{kind}_{key_prefix(name)}_{_secret('key', name)[:32]}"


def key_prefix(name: str) -> str:
    return sha256(f"aether.demo/key/{name}".encode()).hexdigest()[:12]


def password(name: str) -> str:
    """Easy to type: three groups of five letters and digits, 75 bits."""
    return _groups(_secret("password", name), 3)


def passcode(name: str) -> str:
    return _groups(_secret("passcode", name), 2)


def _secret(*names: str) -> str:
    message = "/".join(["aether.demo", *names]).encode()
    return hmac.digest(settings.SECRET_KEY.encode(), message, "sha256").hex()


def _groups(secret: str, count: int) -> str:
    letters = base64.b32encode(bytes.fromhex(secret)).decode().lower()
    return "-".join(letters[start : start + 5] for start in range(0, 5 * count, 5))
