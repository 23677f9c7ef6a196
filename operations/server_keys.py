"""Which server made a bundle: each installation signs with a key of its own, and knows the servers that it trusts.

The key follows from AETHER_SECRET_KEY, so that all processes and machines of an installation have the same one, and
no backup holds it. What servers exchange are cards with the public half (Ed25519, RFC 8032).
"""

from __future__ import annotations

import hmac
import json
import os
import re
import socket
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from operations.places import private

SIGNED: Final = b"aether.bundle.1\n"
"""Before what is signed, so that a signature of a bundle is one of nothing else."""
MAX_CARD: Final = 10_000
NAME: Final = re.compile(r"[\w .()-]{1,100}")


class NoCard(Exception):
    """A file that is no card of a server; says why."""


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    public_key: str
    """32 bytes, in base64."""
    accounts: list[str] = field(default_factory=list)
    """Public ids of the accounts that it may bring; none: any."""
    trusted_on: str = ""

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits by which people compare keys."""
        return sha256(b64decode(self.public_key)).hexdigest()[:16]

    def card(self) -> str:
        return json.dumps({"aether_server": self.name, "public_key": self.public_key}, ensure_ascii=False, indent=2)


def own() -> Server:
    name = re.sub(r"[^\w .()-]", "-", socket.gethostname())[:100] or "server"
    return Server(name, b64encode(_own_key().public_key().public_bytes_raw()).decode())


def sign(manifest: bytes) -> bytes:
    """What a bundle with this manifest carries as its archive's comment."""
    signature = _own_key().sign(SIGNED + manifest)
    return json.dumps({"public_key": own().public_key, "signature": b64encode(signature).decode()}).encode()


def signer_of(manifest: bytes, comment: bytes) -> str | None:
    """The public key that has signed a manifest; None where nobody has. Raises InvalidSignature where it was changed
    since."""
    if not comment:
        return None
    try:
        told = json.loads(comment)
        public_key, signature = (
            b64decode(told["public_key"], validate=True),
            b64decode(told["signature"], validate=True),
        )
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, SIGNED + manifest)
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidSignature from error
    return b64encode(public_key).decode()


def _own_key() -> Ed25519PrivateKey:
    seed = hmac.digest(settings.SECRET_KEY.encode(), b"aether.bundle-signature", "sha256")
    return Ed25519PrivateKey.from_private_bytes(seed)


def read_card(data: bytes) -> Server:
    """The server that a card names. Raises NoCard."""
    try:
        told = json.loads(data[: MAX_CARD + 1])
        name, public_key = told["aether_server"], told["public_key"]
        Ed25519PublicKey.from_public_bytes(b64decode(public_key, validate=True))
    except (ValueError, KeyError, TypeError):
        raise NoCard("It is no card of a server; `manage.py trust_server --own` makes one there.") from None
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise NoCard("The server's name on it is not one: up to 100 letters, digits, blanks and . ( ) - _")
    return Server(name, public_key)


def trusted() -> list[Server]:
    """The servers whose bundles are taken in, this one itself aside."""
    return [server for _, server in _files()]


def trusted_one(public_key: str) -> Server | None:
    """The server with this key, if it is trusted, or this one."""
    mine = own()
    if public_key == mine.public_key:
        return mine
    return next((server for server in trusted() if server.public_key == public_key), None)


def trust(server: Server) -> None:
    """From now on, or with other accounts than before."""
    told = asdict(server) | {"trusted_on": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")}
    file = _directory() / f"{server.fingerprint}.json"
    draft = file.with_suffix(f".{os.getpid()}.part")
    draft.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    draft.chmod(0o600)
    draft.rename(file)


def distrust(name: str) -> list[Server]:
    """Forget the servers of this name or fingerprint. Answers which."""
    gone = [(file, server) for file, server in _files() if name in (server.name, server.fingerprint)]
    for file, _ in gone:
        file.unlink(missing_ok=True)
    return [server for _, server in gone]


def _files() -> Iterator[tuple[Path, Server]]:
    for file in sorted(_directory().glob("*.json")):
        with suppress(FileNotFoundError):  # another process has just forgotten it
            yield file, _read(file)


def _read(file: Path) -> Server:
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return Server(**told)


def _directory() -> Path:
    return private(Path(settings.AETHER_HOME) / "trusted_servers")
