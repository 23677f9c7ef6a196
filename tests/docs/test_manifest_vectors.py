"""docs/manifest_vectors.json: what a client must take, and what it must refuse."""

from __future__ import annotations

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

VECTORS = json.loads(Path("docs/manifest_vectors.json").read_text())


def refusal(vector: dict[str, Any]) -> str | None:
    """As a client that knows nothing of us but the guide: why it refuses the manifest; None if it takes it."""
    manifest = dict(vector["manifest"])
    signature = b64decode(manifest.pop("signature", ""))
    text = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(vector["public_key"])).verify(signature, text.encode())
    except InvalidSignature:
        return "signature"
    return "seq" if manifest["seq"] < vector["last_seq"] else None


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_client_that_follows_the_guide(vector: dict[str, Any]) -> None:
    assert (refusal(vector), vector["valid"]) == (vector["reason"], vector["reason"] is None)


def test_they_are_signed_as_the_server_signs(settings: Any) -> None:
    from events.manifest_signature import public_key, signed

    settings.SECRET_KEY = "the key of the test vectors, known to everybody"
    good = [vector for vector in VECTORS if vector["valid"]]
    assert len(good) >= 3
    for vector in good:
        assert vector["public_key"] == public_key("x7Kq2mB9fRw")["public_key"]
        unsigned = {n: v for n, v in vector["manifest"].items() if n not in ("signature", "key_id")}
        assert signed(unsigned, "x7Kq2mB9fRw") == vector["manifest"]
