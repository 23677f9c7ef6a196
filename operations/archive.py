"""The file that backups and bundles are: a ZIP with a manifest that names every entry with its size and SHA-256.

It is written under another name, read back, and only then gets its own. Reading looks at all of it before any of it
is used. Entries are read as streams under names of a few fixed forms; none is ever unpacked to a path.
"""

from __future__ import annotations

import json
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from django.conf import settings

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
ENTRY: Final = re.compile(r"database\.(?:sql|sqlite3)|rows/[a-z_]{1,64}\.jsonl|files/[0-9a-f]{64}")
CHUNK: Final = 2**20
MAX_MANIFEST: Final = 64 * 2**20


class ArchiveError(Exception):
    """The file is no archive of ours, damaged, or not one that this version reads."""


def moment() -> str:
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")


class ArchiveWriter:
    """`with ArchiveWriter(path, kind) as archive: archive.add(…); archive.finish(facts)`. Else nothing is left."""

    def __init__(self, target: Path, kind: str, sign: Callable[[bytes], bytes] | None = None) -> None:
        """`sign`: from the manifest to a signature, kept as the archive's comment."""
        self.target = target
        self.kind = kind
        self.sign = sign
        self.entries: dict[str, dict[str, Any]] = {}
        self._draft = target.with_name(f".{target.name}.part")

    def __enter__(self) -> Self:
        descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._stream = os.fdopen(descriptor, "wb")
        self._zip = zipfile.ZipFile(self._stream, "w", zipfile.ZIP_DEFLATED, compresslevel=4)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._draft.unlink(missing_ok=True)
        if kind is not None:
            self._zip.fp = None  # else closing it would write its directory, to a disk that may be full
            _close_quietly(self._stream)

    def add(self, name: str, chunks: Iterable[bytes], *, compress: bool = True) -> str:
        """Answers the SHA-256 of what was written."""
        assert ENTRY.fullmatch(name), name
        entry = zipfile.ZipInfo(name, date_time=datetime.now(UTC).timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED
        digest, size = sha256(), 0
        with self._zip.open(entry, "w", force_zip64=True) as target:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                target.write(chunk)
        self.entries[name] = {"size": size, "sha256": digest.hexdigest()}
        return digest.hexdigest()

    def finish(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Put in the manifest, look at what is on the disk now, and give the file its name. Answers the manifest."""
        head = {
            "kind": self.kind,
            "format": FORMAT,
            "aether": settings.AETHER_VERSION,
            "created_on": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        }
        manifest = head | facts | {"entries": self.entries}
        text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        self._zip.writestr(MANIFEST, text)
        if self.sign:
            self._zip.comment = self.sign(text)
        self._zip.close()
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        with opened(self._draft, self.kind) as archive:
            archive.verify()
        os.rename(self._draft, self.target)
        _sync_directory(self.target.parent)
        return manifest


class ArchiveReader:
    """One that is open for reading. `manifest` is believed after `verify`."""

    def __init__(self, zipped: zipfile.ZipFile, kind: str) -> None:
        self._zip = zipped
        self.manifest = self._read_manifest()
        self.signature = zipped.comment
        if kind and self.manifest["kind"] != kind:
            raise ArchiveError(f"It is a {self.manifest['kind']}, not a {kind}.")

    def _read_manifest(self) -> dict[str, Any]:
        try:
            if self._zip.getinfo(MANIFEST).file_size > MAX_MANIFEST:
                raise ArchiveError("Its manifest is too large.")
            self.manifest_text = self._zip.read(MANIFEST)
            """As it was written, and perhaps signed."""
            manifest = json.loads(self.manifest_text)
            if not isinstance(manifest, dict):
                raise TypeError
            newer = int(manifest["format"]) > FORMAT
            entries = manifest["entries"]
            if not newer and not (
                isinstance(manifest["kind"], str)
                and all(ENTRY.fullmatch(name) and int(e["size"]) >= 0 and e["sha256"] for name, e in entries.items())
            ):
                raise TypeError
        except KeyError:
            raise ArchiveError("It has no manifest: it is no backup and no bundle.") from None
        except (ValueError, TypeError, AttributeError):
            raise ArchiveError("Its manifest is damaged.") from None
        if newer:
            raise ArchiveError(f"It was made by a newer version of Aether ({manifest.get('aether')}); update this one.")
        return manifest

    def verify(self) -> None:
        """Read every byte. Raises ArchiveError for what is missing, more, shorter or other than the manifest says."""
        names = [entry.filename for entry in self._zip.infolist()]
        if sorted(names) != sorted([*self.manifest["entries"], MANIFEST]):
            raise ArchiveError("Its entries are not those that its manifest names.")
        for name in self.manifest["entries"]:
            for _ in self.chunks(name):
                pass

    def names(self, prefix: str) -> list[str]:
        return [name for name in self.manifest["entries"] if name.startswith(prefix)]

    def size(self, prefix: str = "") -> int:
        """Bytes of these entries when they are unpacked."""
        return sum(int(self.manifest["entries"][name]["size"]) for name in self.names(prefix))

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of an entry. Raises ArchiveError at their end if they are not the ones that were put in."""
        promised = self.manifest["entries"][name]
        digest, size = sha256(), 0
        with self.open(name) as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                yield chunk
        if (size, digest.hexdigest()) != (int(promised["size"]), promised["sha256"]):
            raise ArchiveError(f"{name} is not what was put in.")

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        if self._zip.getinfo(name).file_size != int(self.manifest["entries"][name]["size"]):
            raise ArchiveError(f"{name} is not as long as it was.")
        with self._zip.open(name) as source:
            yield source


@contextmanager
def opened(path: Path, kind: str = "") -> Iterator[ArchiveReader]:
    """An archive of this kind, or of any. Raises ArchiveError, OSError."""
    try:
        with path.open("rb") as stream, zipfile.ZipFile(stream) as zipped:
            yield ArchiveReader(zipped, kind)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError):
        raise ArchiveError("It is truncated, damaged, or no archive at all.") from None


def _close_quietly(stream: IO[bytes]) -> None:
    with suppress(OSError):  # the disk is full, which somebody else is telling already
        stream.close()


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
