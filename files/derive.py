"""Files made of other files: at once within a request, or in the background; the same request once.

`DerivedFile` says how a hosted_file is made. Its unique key makes a repeated request find the file that is there, its
lease lets one worker at a time make it, and its number of attempts tells a worker that was given up on that its
result is no longer wanted.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from files import store
from files.child import Made, MediaError
from files.clips import FORMATS, clip
from files.convert import PDF, convert
from files.host import describe
from files.links import LinkTarget, link
from files.models import DerivedFile, HostedFile
from kernel.deadline import begin_deadline
from kernel.errors import Invalid, StorageFull, Throttled, Unavailable
from kernel.fair_share import dear
from kernel.transactions import in_transaction

log = logging.getLogger("files.derive")

Beat = Callable[[int | None], None]
LEASE = timedelta(seconds=30)
RENEWED = timedelta(seconds=5)
ARRIVES_WITHIN = timedelta(seconds=10)
"""How long a message may be on its way into the queue, or from there to a worker, before it is taken for lost."""
MAX_ATTEMPTS = 20
"""More than a server is killed in a row, with whatever it is at: a file that kills its workers is given up."""
SLOT_SECONDS = 20
REQUEST_SECONDS = 120
MAKERS: dict[str, Callable[[Path, str, Path, dict[str, Any], Beat], Made]] = {"convert": convert, "clip": clip}
Builder = Callable[[dict[str, Any], Path, Beat], Made]
BUILDERS: dict[str, Builder] = {}
"""By kind: who makes a file of many. It is given the parameters, a directory to work in, and whom to tell how far it
is. Filled by the apps that know what goes in; see `Collection`."""
Status = HostedFile.Status
_share = int(settings.AETHER_WEB_THREADS * min(settings.AETHER_FAIR_SHARE, 0.5))
_places = BoundedSemaphore(max(1, min(2 * settings.AETHER_MEDIA_CHILDREN, _share - 1)))
"""Of requests that make a file or wait to: each holds a thread. Of its share, an account is left one for what takes no
time (kernel/fair_share.py)."""
_children = BoundedSemaphore(settings.AETHER_MEDIA_CHILDREN)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made of what, under which name, hanging on what."""

    source: HostedFile
    kind: str
    parameters: dict[str, Any]
    filename: str
    target: LinkTarget

    @property
    def digest(self) -> str:
        parts = [self.source.hash_sha256, self.kind, self.parameters, self.filename]
        parts += [self.target.type_name, self.target.public_id]
        return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Collection:
    """A file that is made of many others, by the builder of its kind. It hangs on nothing: whatever it hung on might be
    public."""

    kind: str
    parameters: dict[str, Any]
    filename: str

    @property
    def digest(self) -> str:
        return sha256(json.dumps([self.kind, self.parameters, self.filename], sort_keys=True).encode()).hexdigest()


def check_source(source: HostedFile, kind: str) -> None:
    """Raises Invalid for a file that this can't be made of, before anything is done."""
    if source.status != Status.READY:
        raise Invalid(f"The file is not ready: {source.status}.")
    if kind == "convert" and source.content_type != PDF:
        raise Invalid("The file is not a PDF.")
    if kind == "clip" and source.content_type not in FORMATS:
        raise Invalid("The file is not a video.")


def found(order: Order | Collection) -> HostedFile | None:
    """What the same order has made before."""
    row = DerivedFile.objects.filter(digest=order.digest).select_related("hosted_file").first()
    return row.hosted_file if row else None


@store.rows_follow()
def make_now(order: Order) -> HostedFile:
    """Make it, then its rows in one transaction. Raises Invalid, with nothing left behind; Throttled."""
    before = found(order)
    if before is not None and before.status != Status.FAILED:
        return before
    with child_place():
        try:
            stored, content_type, note = _make(order.source, order.kind, order.parameters, _patience())
        except MediaError as error:
            raise Invalid(str(error)) from error
    begin_deadline()

    def finish(row: HostedFile) -> None:
        describe(row, stored, content_type)
        row.status, row.status_message, row.progress = Status.READY, note or None, 100

    return _enter(order, finish)


def make_later(order: Order | Collection, send: Callable[[HostedFile], None]) -> HostedFile:
    """The row, queued. `send` is called when it is committed to be made, within the transaction."""
    before = found(order)
    if before is not None and before.status != Status.FAILED:
        return before

    def queue(row: HostedFile) -> None:
        row.status, row.status_message, row.progress = Status.QUEUED, None, 0

    return _enter(order, queue, send)


def _enter(
    order: Order | Collection, fill: Callable[[HostedFile], None], send: Callable[[HostedFile], None] | None = None
) -> HostedFile:
    """Write the order's rows; of two at once, the second finds the first's."""

    def work() -> HostedFile:
        again = DerivedFile.objects.select_for_update().filter(digest=order.digest).first()
        source = order.source if isinstance(order, Order) else None
        row = again.hosted_file if again else HostedFile(filename=order.filename, source_hosted_file=source)
        if again and row.status != Status.FAILED:
            return row
        fill(row)
        row.save()
        if again:
            DerivedFile.objects.filter(pk=again.pk).update(attempts=0, lease_until=timezone.now() + ARRIVES_WITHIN)
        else:
            if isinstance(order, Order):
                link(row, order.target)
            DerivedFile(
                digest=order.digest,
                hosted_file=row,
                source_hash=source.hash_sha256 if source else "",
                kind=order.kind,
                parameters_json=order.parameters,
                lease_until=timezone.now() + ARRIVES_WITHIN,
            ).save(force_insert=True)
        if send:
            send(row)
        return row

    try:
        return in_transaction(work)
    except IntegrityError:
        first = found(order)
        if first is None:
            raise
        return first


def _patience() -> Beat:
    until = time.monotonic() + REQUEST_SECONDS

    def beat(percent: int | None) -> None:
        if time.monotonic() > until:
            raise MediaError("It takes too long for a request; ask with background=true.")

    return beat


@contextmanager
def child_place() -> Iterator[None]:
    """One of the few places for children of requests. Raises Throttled."""
    with _one_of(_places, 0):  # first: who finds none is told at once, and waits for nothing
        dear()
        with _one_of(_children, SLOT_SECONDS):
            yield


@contextmanager
def _one_of(places: BoundedSemaphore, seconds: float) -> Iterator[None]:
    if not places.acquire(timeout=seconds):
        raise Throttled(5, "Too many files are being made; try again, or with background=true.", reason="busy")
    try:
        yield
    finally:
        places.release()


def _make(source: HostedFile, kind: str, parameters: dict[str, Any], beat: Beat) -> tuple[store.StoredFile, str, str]:
    """Answers what is kept, its content type, and what is to be said of it."""
    assert source.hash_sha256 is not None
    if not store.is_whole(source.hash_sha256, source.size or 0):
        log.error("the bytes of %s are missing or damaged", source.hash_sha256)
        raise MediaError("The file's bytes are not there.")
    with store.workplace() as place, store.local_file(source.hash_sha256) as path:
        result = MAKERS[kind](path, source.content_type or "", place, parameters, beat)
        with store.adopted(result.path) as draft:
            content_type = draft.content_type()
            return store.keep(draft), content_type, result.note


def _build(kind: str, parameters: dict[str, Any], beat: Beat) -> tuple[store.StoredFile, str, str]:
    with store.workplace() as place:
        result = BUILDERS[kind](parameters, place, beat)
        with store.adopted(result.path) as draft:
            content_type = draft.content_type()
            return store.keep(draft), content_type, result.note


# In the background: called by the task, in the account.


def work_on(public_id: str, *, orphaned: bool = False) -> None:
    """Make the queued file with this id. Nothing happens if it is made already, gone, or made just now.

    `orphaned`: the worker that had it is known to be dead, whatever its lease says.
    """
    claimed = in_transaction(lambda: _claim(public_id, orphaned=orphaned))
    if claimed is None:
        return
    job, attempt = claimed
    try:
        source, progress = job.hosted_file.source_hosted_file, Progress(job, attempt)
        if job.kind in BUILDERS:
            stored, content_type, note = _build(job.kind, job.parameters_json, progress)
        elif source is None:
            raise MediaError("The file that it was to be made of is gone.")
        else:
            stored, content_type, note = _make(source, job.kind, job.parameters_json, progress)
    except MediaError as error:
        reason = str(error)
        _finish(job, attempt, lambda row: _fail(row, reason))
    except Superseded:
        log.info("%s is made by another worker now", public_id)
    except Exception as error:
        is_told = isinstance(error, StorageFull | Unavailable)
        message = str(error) if is_told else "Something went wrong on our side; it is logged."
        _finish(job, attempt, lambda row: _fail(row, message))
        raise
    else:

        def ready(row: HostedFile) -> None:
            describe(row, stored, content_type)
            row.status, row.status_message, row.progress = Status.READY, note or None, 100

        _finish(job, attempt, ready)


def _fail(row: HostedFile, message: str) -> None:
    row.status, row.status_message = Status.FAILED, message


def _claim(public_id: str, *, orphaned: bool) -> tuple[DerivedFile, int] | None:
    job = DerivedFile.objects.select_for_update().filter(hosted_file__id_random=public_id).first()
    if job is None:
        return None
    row, now = job.hosted_file, timezone.now()
    if row.status not in (Status.QUEUED, Status.PROCESSING):
        return None
    if row.status == Status.PROCESSING and job.lease_until and job.lease_until > now and not orphaned:
        return None  # should that worker die, the row is found when its lease has run out
    attempt = job.attempts + 1
    DerivedFile.objects.filter(pk=job.pk).update(attempts=attempt, lease_until=now + LEASE)
    if attempt > MAX_ATTEMPTS:
        _fail(row, f"It was tried {MAX_ATTEMPTS} times, and each time the worker died.")
        row.save()
        return None
    row.status, row.progress = Status.PROCESSING, 0
    row.save()
    return job, attempt


class Superseded(Exception):
    """The lease ran out, and another worker has taken over; or the row is gone."""


class Progress:
    """Keeps the lease while the work goes on, and tells how far it is, in steps of ten."""

    def __init__(self, job: DerivedFile, attempt: int) -> None:
        self.job, self.attempt = job, attempt
        self.renewed = timezone.now()
        self.told = 0

    def __call__(self, percent: int | None) -> None:
        now = timezone.now()
        tells = percent is not None and percent >= self.told + 10
        if not tells and now - self.renewed < RENEWED:
            return
        self.renewed = now
        mine = DerivedFile.objects.filter(pk=self.job.pk, attempts=self.attempt)
        if not mine.update(lease_until=now + LEASE):
            raise Superseded
        if tells and percent is not None:
            self.told = percent
            row = HostedFile.objects.filter(pk=self.job.hosted_file_id).first()
            if row is None:
                raise Superseded
            row.progress = percent
            row.save()


def _finish(job: DerivedFile, attempt: int, fill: Callable[[HostedFile], None]) -> None:
    def work() -> None:
        current = DerivedFile.objects.select_for_update().filter(pk=job.pk, attempts=attempt).first()
        if current is None:
            return  # another worker's, or deleted meanwhile
        row = current.hosted_file
        fill(row)
        row.save()
        DerivedFile.objects.filter(pk=job.pk).update(lease_until=None)

    in_transaction(work)
