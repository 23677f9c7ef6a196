"""The bytes of hosted files on their way into an archive and out of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from files import store
from operations.archive import CHUNK, ArchiveError, ArchiveReader, ArchiveWriter

PREFIX = "files/"


def add_files(archive: ArchiveWriter, hashes: Iterable[str]) -> Iterator[str]:
    """Put the bytes of each hash in; yields those hashes whose bytes are not there, or are others."""
    for digest in hashes:
        try:
            with store.local_file(digest) as path:
                if not _is_whole(path, digest):
                    yield digest
                elif archive.add(PREFIX + digest, _chunks(path), compress=False) != digest:
                    raise ArchiveError(f"The file {digest} was changed while it was copied.")
        except FileNotFoundError:
            yield digest


def take_files(archive: ArchiveReader) -> int:
    """Keep all files of a verified archive in the store. Answers how many."""
    names = archive.names(PREFIX)
    for name in names:
        if archive.manifest["entries"][name]["sha256"] != name.removeprefix(PREFIX):
            raise ArchiveError(f"{name} holds other bytes than its name says.")
    for name in names:
        with archive.open(name) as source:
            store.put(cast("BinaryIO", source))
    return len(names)


def _is_whole(path: Path, hash_sha256: str) -> bool:
    """Reads all of it: whoever needs a backup needs the bytes, not how they look from outside."""
    digest = sha256()
    for chunk in _chunks(path):
        digest.update(chunk)
    return digest.hexdigest() == hash_sha256


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk
