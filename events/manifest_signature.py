"""Who vouches for a manifest: each account signs with a key of its own (Ed25519, RFC 8032).

The key follows from AETHER_SECRET_KEY and the account, so that all processes have the same one, and no backup holds it.
What is signed is the canonical JSON (RFC 8785) of `data` without `signature`, as docs/manifest_vectors.json shows.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64encode
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

ALGORITHM: Final = "Ed25519"
PURPOSE: Final = b"aether.manifest.1\n"


def public_key(account_id: str) -> dict[str, str]:
    """What a device pins when it is enrolled: `{key_id, algorithm, public_key}`, the key 32 bytes in base64."""
    public = _key(settings.SECRET_KEY, account_id).public_key().public_bytes_raw()
    return {"key_id": _key_id(public), "algorithm": ALGORITHM, "public_key": b64encode(public).decode()}


def signed(manifest: dict[str, Any], account_id: str) -> dict[str, Any]:
    """The manifest with `key_id` and `signature`. It holds texts, whole numbers, booleans, null, lists and objects."""
    key = _key(settings.SECRET_KEY, account_id)
    whole = manifest | {"key_id": _key_id(key.public_key().public_bytes_raw())}
    return whole | {"signature": b64encode(key.sign(canonical(whole))).decode()}


def canonical(value: Any) -> bytes:
    """Canonical JSON (RFC 8785) of what a manifest holds. Its names are ASCII, so that their order is that of their
    bytes; it has no fractions."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


@lru_cache(maxsize=64)
def _key(secret: str, account_id: str) -> Ed25519PrivateKey:
    seed = hmac.new(secret.encode(), PURPOSE + account_id.encode(), sha256).digest()
    return Ed25519PrivateKey.from_private_bytes(seed)


def _key_id(public: bytes) -> str:
    return sha256(public).hexdigest()[:16]
