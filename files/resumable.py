"""Uploads that come in parts and go on after a break: what tus 1.0 (tus.io) asks of a server, HTTP aside.

The bytes grow in a file of their own beside the store. How many of them are safe is in the row: it is raised after they
are synced, at the end of a request and every CHECKPOINT in between, so that whatever dies costs no more than that. A
lock on the file lets one request at a time write.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO, Final

from django.conf import settings
from django.http import UnreadablePostError
from django.utils import timezone

from files import store
from files.content_type import UNKNOWN
from files.directory_storage import CHUNK, make_directory
from files.models import ResumableUpload
from files.receive import too_large
from kernel.errors import ApiError, Gone, Invalid, Locked, NotFound, StorageFull, Throttled, WrongChecksum
from kernel.transactions import in_transaction
from tenancy.principal import Principal

log = logging.getLogger("files.resumable")
CHECKPOINT: Final = 16 * 2**20
SPARE_BYTES: Final = 64 * 2**20
"""Free on the disk beside an upload that is begun."""
MAX_OPEN: Final = 100
"""Unfinished uploads of one caller: each may take as much room as it announced."""
ALGORITHMS: Final = ("sha1", "sha256", "sha512", "md5")
State = ResumableUpload.State


@dataclass(frozen=True, slots=True)
class Checksum:
    """Of the bytes of one request."""

    algorithm: str
    digest: bytes


def owner_of(principal: Principal) -> str:
    """Who may go on with what such a principal has begun: the user or the key, whichever token comes with it."""
    who = [principal.role.label, principal.user_id or 0, 0 if principal.user_id else principal.key_id or 0]
    return hashlib.sha256(repr([*who, principal.subject]).encode()).hexdigest()


def folder() -> Path:
    """Beside the folder of drafts, which the sweep empties by age."""
    return Path(store.storage().drafts).parent / "resumable"


def path_of(upload: ResumableUpload) -> Path:
    return folder() / str(upload.id_random)


def begin(principal: Principal, length: int, metadata: dict[str, str]) -> ResumableUpload:
    """Raises TooLarge, StorageFull."""
    if length > settings.AETHER_MAX_UPLOAD_BYTES:
        raise too_large()
    mine = ResumableUpload.objects.filter(owner=owner_of(principal), state=State.UPLOADING)
    if mine.filter(expires_on__gt=timezone.now()).count() >= MAX_OPEN:
        raise Throttled(60, f"You have {MAX_OPEN} unfinished uploads; end some of them.", reason="busy")
    make_directory(folder())
    if shutil.disk_usage(folder()).free < length + SPARE_BYTES:
        raise StorageFull
    upload = ResumableUpload(
        owner=owner_of(principal),
        length=length,
        metadata_json=metadata,
        expires_on=timezone.now() + timedelta(seconds=settings.AETHER_TUS_EXPIRE_SECONDS),
    )
    try:
        path_of(upload).touch(mode=0o600)
    except OSError as error:
        raise store.no_room_for(error) from error
    upload.save(force_insert=True)
    return upload


def found(principal: Principal, public_id: str) -> ResumableUpload:
    """The caller's own upload. Raises NotFound, Gone."""
    own = ResumableUpload.objects.filter(id_random=public_id, owner=owner_of(principal))
    upload: ResumableUpload | None = own.first()
    if upload is None:
        raise NotFound("There is no such upload, or it was ended.")
    if upload.expires_on <= timezone.now() and upload.state == State.UPLOADING:
        raise Gone("The upload has expired; begin it anew.")
    return upload


@contextmanager
def locked(upload: ResumableUpload) -> Iterator[None]:
    """With nobody else at it, and the row as it is now. Raises Locked."""
    with open(_lock_of(upload), "ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Locked("Another request is writing to this upload; ask for its offset, then go on.") from None
        upload.refresh_from_db()
        yield


def _lock_of(upload: ResumableUpload) -> Path:
    return folder() / f"{upload.id_random}.lock"


def append(upload: ResumableUpload, read: Callable[[int], bytes], length: int, checksum: Checksum | None) -> None:
    """Write a request's bytes behind those that are there. What came before a break is kept; with a checksum, all of
    the request or nothing. Call it under the lock. Raises Invalid, Gone, StorageFull, WrongChecksum."""
    if length > upload.length - upload.offset:
        raise Invalid("It is more than was announced with Upload-Length.")
    try:
        file = open(path_of(upload), "r+b", buffering=0)  # noqa: SIM115  (closed below)
    except FileNotFoundError:
        raise Gone("What had come of this upload is not there any more; begin it anew.") from None
    with file:
        _append(upload, file, read, length, checksum)


def _append(
    upload: ResumableUpload, file: BinaryIO, read: Callable[[int], bytes], length: int, checksum: Checksum | None
) -> None:
    file.truncate(upload.offset)  # what came without being counted
    file.seek(upload.offset)
    digest = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    come = unsynced = 0
    broken: Exception | None = None
    try:
        while come < length:
            chunk, broken = _next(read, min(CHUNK, length - come))
            if not chunk:
                break
            _write(file, chunk)
            come += len(chunk)
            unsynced += len(chunk)
            if digest is not None:
                digest.update(chunk)
            elif unsynced >= CHECKPOINT:
                _count(upload, file, unsynced)
                unsynced = 0
    except OSError as error:
        with suppress(OSError):
            file.truncate(upload.offset)
        raise store.no_room_for(error) from error
    if digest is not None and checksum is not None:
        whole = come == length and hmac.compare_digest(digest.digest(), checksum.digest)
        if not whole:
            file.truncate(upload.offset)
            raise WrongChecksum("The checksum is not that of the bytes that came in; send them again.")
    if unsynced:
        try:
            _count(upload, file, unsynced)
        except OSError as error:
            raise store.no_room_for(error) from error
    if broken is not None:
        log.info("an upload broke off at %s of %s", upload.offset, upload.length)
        raise Invalid("The request broke off; what came is kept. Ask for the offset, then go on.") from broken


def _next(read: Callable[[int], bytes], size: int) -> tuple[bytes, Exception | None]:
    try:
        chunk = read(size)
    except (UnreadablePostError, TimeoutError, ConnectionError) as error:
        return b"", error
    return chunk, None if chunk else UnreadablePostError("the body ended early")


def _write(file: BinaryIO, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[file.write(rest) :]


def _count(upload: ResumableUpload, file: BinaryIO, size: int) -> None:
    """These bytes are on the disk: whoever asks from now on is told so."""
    os.fsync(file.fileno())
    upload.offset += size
    in_transaction(lambda: ResumableUpload.objects.filter(pk=upload.pk).update(offset=upload.offset))


def end(upload: ResumableUpload) -> None:
    """Nothing of it is kept. What it has made already stays."""
    _remove_files(upload)
    in_transaction(lambda: ResumableUpload.objects.filter(pk=upload.pk).delete())


def fail(upload: ResumableUpload, error: ApiError) -> None:
    """What came in is refused as a whole, by the rules of any upload: it can't be mended by going on."""
    log.info("an upload was refused when it was complete: %s", error.message)
    _remove_files(upload)
    in_transaction(lambda: ResumableUpload.objects.filter(pk=upload.pk).update(state=State.FAILED))


def _remove_files(upload: ResumableUpload) -> None:
    path_of(upload).unlink(missing_ok=True)
    _lock_of(upload).unlink(missing_ok=True)


def finish(
    upload: ResumableUpload, hash_said: str, make_rows: Callable[[store.StoredFile, str], dict[str, Any]]
) -> None:
    """Keep the bytes, then write the rows and the upload's end in one transaction. Call it under the lock.

    `hash_said`: the SHA-256 that its client has announced; empty for none. `make_rows` is given what is kept and its
    content type, and answers the columns of the upload to fill. Raises Invalid, Gone, and what `make_rows` raises.
    """
    row = ResumableUpload.objects.filter(pk=upload.pk)
    if upload.hash_sha256 is None:
        try:
            with store.adopted(path_of(upload)) as draft:
                if hash_said not in ("", draft.hash_sha256):
                    raise Invalid.field("hash_sha256", "The file that came in is another one.")
                content_type = draft.content_type()
                stored = store.keep(draft)
        except FileNotFoundError:
            raise Gone("What had come of this upload is not there any more; begin it anew.") from None
        in_transaction(lambda: row.update(hash_sha256=stored.hash_sha256, content_type=content_type))
        upload.refresh_from_db()
    file = store.StoredFile(upload.hash_sha256, upload.length, store.subdirectory_of(upload.hash_sha256))
    in_transaction(lambda: row.update(state=State.FINISHED, **make_rows(file, upload.content_type or UNKNOWN)))
    upload.refresh_from_db()
    _remove_files(upload)


def sweep_expired(batch: int = 1_000) -> int:
    """Remove uploads that have expired, whichever account's, and files that belong to none. Call it in every tenant's
    scope. Answers how many."""
    old = ResumableUpload.objects.filter(expires_on__lte=timezone.now()).order_by("pk")
    count = 0
    while rows := list(old[:batch]):
        for upload in rows:
            end(upload)
        count += len(rows)
    if folder().is_dir():
        before = timezone.now().timestamp() - settings.AETHER_TUS_EXPIRE_SECONDS - 3_600
        for path in folder().iterdir():
            with suppress(FileNotFoundError):
                is_old = path.lstat().st_mtime < before
                if is_old and not ResumableUpload.objects.filter(id_random=path.name.partition(".")[0]).exists():
                    path.unlink()
    return count
