"""The store as a directory, behind Django's storage API. Names are `ab/cd/<sha256>`."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

CHUNK = 2**20
INCOMING = "incoming"


def make_directory(directory: Path) -> None:
    """Like mkdir -p; a new directory is on the disk when it returns."""
    if directory.is_dir():
        return
    make_directory(directory.parent)
    directory.mkdir(exist_ok=True)
    sync_directory(directory.parent)


def sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class DirectoryStorage(FileSystemStorage):
    """A directory of this machine. A file appears under its name whole, or not at all."""

    def __init__(self, location: str | os.PathLike[str], **options: Any) -> None:
        super().__init__(location=location, **options)
        self.drafts = Path(location) / INCOMING
        """On the same file system, so that a draft can be renamed."""

    def _save(self, name: str, content: File[bytes]) -> str:
        """`content` is a draft that lies in `drafts` and is on the disk; its file is taken over."""
        final = Path(self.path(name))
        make_directory(final.parent)
        if self.file_permissions_mode is not None:  # Django's FILE_UPLOAD_PERMISSIONS; nginx is another user
            os.chmod(content.temporary_file_path(), self.file_permissions_mode)  # type: ignore[attr-defined]
        os.replace(content.temporary_file_path(), final)  # type: ignore[attr-defined]
        sync_directory(final.parent)
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name  # the same name holds the same bytes; writing them again mends what was damaged

    def ask_whether_ready(self) -> None:
        """Raises OSError unless a file can be written."""
        make_directory(self.drafts)
        with tempfile.TemporaryFile(dir=self.drafts) as probe:
            probe.write(b"?")

    def seal(self, name: str) -> str:
        """What changes when anybody writes to the file. Raises FileNotFoundError."""
        status = os.stat(self.path(name))
        return f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"

    def read(self, name: str, start: int, length: int) -> Iterator[bytes]:
        """`length` bytes from `start`. Raises FileNotFoundError before the first one is asked for."""
        return self._chunks(open(self.path(name), "rb", buffering=0), start, length)

    def _chunks(self, file: Any, start: int, length: int) -> Iterator[bytes]:
        with file:
            file.seek(start)
            while length and (chunk := file.read(min(CHUNK, length))):
                length -= len(chunk)
                yield chunk

    @contextmanager
    def local_file(self, name: str) -> Iterator[Path]:
        """The bytes as a file of this machine, for reading only."""
        yield Path(self.path(name))

    def names(self) -> Iterator[str]:
        """Every stored name."""
        root = Path(self.location)
        for path in root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
            yield str(path.relative_to(root))
