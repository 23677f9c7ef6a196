"""The bytes: once each, under their SHA-256. Rows of hosted_file point at them.

What is kept has been written whole, synced and then named; and before that `StoredBytes` says that somebody relies on
it (see files/sweep.py). So a crash at any point leaves all of it, or what no client sees and the sweep takes.
"""

from __future__ import annotations

import errno
import logging
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from mmap import MAP_POPULATE, MAP_SHARED, PROT_READ, mmap
from pathlib import Path
from typing import Any, BinaryIO

from django.core.files.base import File
from django.core.files.storage import storages
from django.db import DatabaseError, IntegrityError
from django.utils import timezone

from files.content_type import content_type_of_file
from files.directory_storage import CHUNK, make_directory
from files.models import HostedFile, StoredBytes
from kernel.errors import StorageFull
from kernel.transactions import in_transaction
from tenancy.context import every_tenant

log = logging.getLogger("files.store")

WINDOW = 2**23
"""So many bytes of a finished file are looked at in one go, where the system has them: copying them takes time."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    hash_sha256: str
    size: int
    subdirectory_path: str
    """Where the bytes lie below the store's root, the name apart: `ab/cd`."""


@dataclass
class Draft:
    """Bytes on their way in: in a file with a temporary name, hashed as they come. Close it, kept or not."""

    path: Path
    target: BinaryIO
    digest: Any = field(default_factory=sha256)
    size: int = 0
    is_synced: bool = False

    def write(self, chunk: bytes) -> None:
        """All of it: on a disk that is nearly full, one write may take less than it was given. Raises StorageFull."""
        self.take_note(chunk)
        self.is_synced = False
        rest = memoryview(chunk)
        try:
            while rest:
                rest = rest[self.target.write(rest) :]
        except OSError as error:
            raise no_room_for(error) from error

    def take_note(self, chunk: bytes | mmap) -> None:
        """Of what comes next in the file."""
        self.digest.update(chunk)
        self.size += len(chunk)

    @property
    def hash_sha256(self) -> str:
        return str(self.digest.hexdigest())

    def content_type(self) -> str:
        with self.path.open("rb") as file:
            return content_type_of_file(file)

    def sync(self) -> None:
        """Raises StorageFull where the disk is full."""
        if self.is_synced:
            return
        try:
            self.target.flush()
            os.fsync(self.target.fileno())
        except OSError as error:
            raise no_room_for(error) from error
        self.is_synced = True

    def check_size(self) -> None:
        """The hash is of what came in, and says nothing of what is on the disk. Raises StorageFull."""
        if (on_disk := os.fstat(self.target.fileno()).st_size) != self.size:
            log.error("a draft of %s bytes has %s on the disk", self.size, on_disk)
            raise StorageFull

    def close(self) -> None:
        self.target.close()
        self.path.unlink(missing_ok=True)


def no_room_for(error: OSError) -> Exception:
    """What is said of an error in writing a file."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return StorageFull()
    return error


@dataclass(frozen=True, slots=True)
class Placed:
    """A content that was not in the store before, and the mark that its keeper left on its row."""

    hash_sha256: str
    touched_on: datetime


_placed: ContextVar[list[Placed] | None] = ContextVar("placed", default=None)


@contextmanager
def rows_follow() -> Iterator[None]:
    """Around keeping bytes and making the rows that point at them. If the rows are refused, bytes that came in with
    them go again at once; those that another one has come to rely on meanwhile stay."""
    placed: list[Placed] = []
    outer = _placed.set(placed)
    try:
        yield
    except BaseException:
        for one in placed:
            try:
                remove(one.hash_sha256, touched_on=one.touched_on)
            except (DatabaseError, OSError) as error:  # the sweep will find them
                log.warning("bytes of a refused upload stay for now: %s", type(error).__name__)
        raise
    finally:
        _placed.reset(outer)


class DraftFile(File):  # type: ignore[type-arg]
    """A draft as Django's storages take it."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.open("rb"), name=path.name)
        self.path = str(path)

    def temporary_file_path(self) -> str:
        return self.path


def storage() -> Any:
    return storages["files"]


def root() -> Path:
    """The directory that holds everything, where the store is one."""
    return Path(storage().location)


def subdirectory_of(hash_sha256: str) -> str:
    return f"{hash_sha256[:2]}/{hash_sha256[2:4]}"


def name_of(hash_sha256: str) -> str:
    return f"{subdirectory_of(hash_sha256)}/{hash_sha256}"


def path_of(hash_sha256: str) -> Path:
    return root() / name_of(hash_sha256)


def new_draft() -> Draft:
    directory = storage().drafts
    make_directory(directory)
    descriptor, path = tempfile.mkstemp(dir=directory)
    return Draft(Path(path), os.fdopen(descriptor, "wb", buffering=0))


@contextmanager
def workplace() -> Iterator[Path]:
    """A directory for making a file in; it goes with all that is left there."""
    directory = storage().drafts
    make_directory(directory)
    with tempfile.TemporaryDirectory(dir=directory, prefix="work-") as place:
        yield Path(place)


def put(source: bytes | BinaryIO) -> StoredFile:
    """Keep these bytes. When it returns they are on the disk, whole, whatever dies next."""
    stream = BytesIO(source) if isinstance(source, bytes) else source
    draft = new_draft()
    try:
        while chunk := stream.read(CHUNK):
            draft.write(chunk)
        return keep(draft)
    finally:
        draft.close()


@contextmanager
def adopted(path: Path) -> Iterator[Draft]:
    """A finished file as a draft, hashed where it lies."""
    with path.open("r+b", buffering=0) as file, ThreadPoolExecutor(1) as side:
        draft = Draft(path, file)
        synced = side.submit(draft.sync)  # the disk writes while the processor hashes
        size = path.stat().st_size
        for start in range(0, size, WINDOW):
            length = min(WINDOW, size - start)
            with mmap(file.fileno(), length, MAP_SHARED | MAP_POPULATE, PROT_READ, offset=start) as window:
                draft.take_note(window)
        synced.result()
        yield draft


def keep(draft: Draft) -> StoredFile:
    """Put a draft into its place. Bytes that are there already are replaced by the same ones, which mends a copy
    that was damaged."""
    draft.sync()
    draft.check_size()
    hash_sha256 = draft.hash_sha256
    touch(hash_sha256, draft.size)
    name = name_of(hash_sha256)
    with DraftFile(draft.path) as content:
        storage().save(name, content)
    seal(hash_sha256, storage().seal(name))
    return StoredFile(hash_sha256, draft.size, subdirectory_of(hash_sha256))


def touch(hash_sha256: str, size: int) -> None:
    """Say that somebody is about to rely on these bytes. The unique key decides between two at once."""
    rows = StoredBytes.objects.filter(pk=hash_sha256)
    now, placed = timezone.now(), _placed.get()
    if placed and any(one.hash_sha256 == hash_sha256 for one in placed):
        return  # the same bytes twice in one upload

    def insert() -> None:
        StoredBytes(hash_sha256=hash_sha256, size=size, touched_on=now).save(force_insert=True)

    # One statement each: an INSERT that was refused leaves a lock, and two who both have it wait for each other.
    while not in_transaction(lambda: rows.update(touched_on=timezone.now())):
        with suppress(IntegrityError):  # another one was faster
            in_transaction(insert)
            if placed is not None:
                placed.append(Placed(hash_sha256, now))
            return


def remove(hash_sha256: str, **as_found: Any) -> bool:
    """Remove a content, unless its row is not `as_found` any more: somebody has come to rely on it. While the row is
    locked nobody can (`touch`)."""

    def work() -> bool:
        row = StoredBytes.objects.select_for_update().filter(pk=hash_sha256, **as_found).first()
        if row is None:
            return False
        with every_tenant(reason="bytes go only when no account has a row for them, as is sure under the lock"):
            if HostedFile.objects.filter(hash_sha256=hash_sha256).exists():
                return False
        row.delete()
        storage().delete(name_of(hash_sha256))
        return True

    return in_transaction(work)


def seal(hash_sha256: str, value: str) -> int:
    """Note how the file looks from outside, now that its bytes are known to be right. Answers how many notes."""
    return in_transaction(lambda: StoredBytes.objects.filter(pk=hash_sha256).update(seal=value))


def read(hash_sha256: str, start: int, length: int) -> Iterator[bytes]:
    """`length` bytes from `start` on. Raises FileNotFoundError."""
    chunks: Iterator[bytes] = storage().read(name_of(hash_sha256), start, length)
    return chunks


def local_file(hash_sha256: str) -> AbstractContextManager[Path]:
    """The bytes as a file of this machine, for reading only."""
    path: AbstractContextManager[Path] = storage().local_file(name_of(hash_sha256))
    return path


def is_whole(hash_sha256: str, size: int) -> bool:
    """Whether the stored bytes are the right ones. They are read only when something has written to the file since
    they were last known to be right; else a look at it from outside is enough."""
    try:
        current_seal = storage().seal(name_of(hash_sha256))
        if StoredBytes.objects.filter(pk=hash_sha256, seal=current_seal).exists():
            return True
        if digest_of(hash_sha256, size) != hash_sha256:
            return False
    except FileNotFoundError:
        return False
    if not seal(hash_sha256, current_seal):
        touch(hash_sha256, size)
        seal(hash_sha256, current_seal)
    return True


def digest_of(hash_sha256: str, size: int) -> str:
    digest = sha256()
    for chunk in read(hash_sha256, 0, size + 1):  # a byte too many is damage as well
        digest.update(chunk)
    return digest.hexdigest()
