"""What may be the address of an outside service that we send a key to."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

KEY: Final = re.compile(r"[\x21-\x7e]{1,500}")
"""A key that fits into a header as it is."""
MEMBER_PATH: Final = re.compile(r"(/[\w.~-]+)*/\{uuid\}(/[\w.~-]+)*/?", re.ASCII)


def is_service_address(text: str) -> bool:
    """https, or this very machine; a host and perhaps a path, nothing else."""
    try:
        parts = urlsplit(text)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and not set(text) & set("@?#\\ ")
    secure = parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname or ""))
    return bool(plain and port_is_valid and parts.hostname and secure)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_key(text: str) -> bool:
    return KEY.fullmatch(text) is not None


def is_member_path(text: str) -> bool:
    return MEMBER_PATH.fullmatch(text) is not None
