"""The bytes: once each, under their SHA-256. Rows of hosted_file point at them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

CHUNK = 2**20
INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class StoredFile:
    hash_sha256: str
    size: int
    subdirectory_path: str
    """Where the bytes lie below the store's root, the name apart: `ab/cd`."""


def root() -> Path:
    return Path(settings.AETHER_HOME) / "files"


def subdirectory_of(hash_sha256: str) -> str:
    return f"{hash_sha256[:2]}/{hash_sha256[2:4]}"


def path_of(hash_sha256: str) -> Path:
    return root() / subdirectory_of(hash_sha256) / hash_sha256


def put(source: bytes | BinaryIO) -> StoredFile:
    """Keep these bytes. When it returns they are on the disk, whole, whatever dies next.

    Bytes that are there already are replaced by the same ones, which mends a copy that was damaged.
    """
    stream = BytesIO(source) if isinstance(source, bytes) else source
    incoming = root() / INCOMING
    _make_directory(incoming)
    descriptor, draft = tempfile.mkstemp(dir=incoming)
    try:
        with os.fdopen(descriptor, "wb") as target:
            digest, size = sha256(), 0
            for chunk in _chunks(stream):
                digest.update(chunk)
                size += target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        final = path_of(digest.hexdigest())
        _make_directory(final.parent)
        os.replace(draft, final)
    except BaseException:
        os.unlink(draft)
        raise
    _sync_directory(final.parent)
    return StoredFile(digest.hexdigest(), size, subdirectory_of(digest.hexdigest()))


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def _make_directory(directory: Path) -> None:
    """Like mkdir -p; a new directory is on the disk when it returns."""
    if directory.is_dir():
        return
    _make_directory(directory.parent)
    directory.mkdir(exist_ok=True)
    _sync_directory(directory.parent)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
