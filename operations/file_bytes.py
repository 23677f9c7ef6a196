"""The bytes of hosted files on their way into an archive and out of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import IO, BinaryIO, cast

from files import store
from operations.archive import CHUNK, Archive, ArchiveError, Writer

PREFIX = "files/"


def add_files(archive: Writer, hashes: Iterable[str]) -> Iterator[str]:
    """Put the bytes of each hash in; yields those hashes whose bytes are not there, or are others."""
    for wanted in hashes:
        if not _is_whole(wanted):
            yield wanted
            continue
        if archive.add(PREFIX + wanted, _chunks(wanted), compress=False) != wanted:
            raise ArchiveError(f"The file {wanted} was changed while it was copied.")


def take_files(archive: Archive) -> int:
    """Keep all files of a verified archive in the store. Answers how many."""
    names = archive.names(PREFIX)
    for name in names:
        with archive.open(name) as source:
            stored = store.put(cast("BinaryIO", source))
        if stored.hash_sha256 != name.removeprefix(PREFIX):
            raise ArchiveError(f"{name} holds other bytes than its name says.")
    return len(names)


def _is_whole(hash_sha256: str) -> bool:
    digest = sha256()
    try:
        for chunk in _chunks(hash_sha256):
            digest.update(chunk)
    except FileNotFoundError:
        return False
    return digest.hexdigest() == hash_sha256


def _chunks(hash_sha256: str) -> Iterator[bytes]:
    with store.path_of(hash_sha256).open("rb") as source:
        yield from _read(source)


def _read(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk
