"""Removes bytes that no row points at, and drafts that were left behind."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from files import store
from files.models import HostedFile, StoredBytes
from tenancy.context import every_tenant

log = logging.getLogger("files.sweep")

BATCH = 500


@dataclass
class Swept:
    """What a sweep did, or would do."""

    contents: int = 0
    bytes: int = 0
    drafts: int = 0
    damaged: int = 0
    missing: int = 0
    is_dry_run: bool = False

    def __str__(self) -> str:
        what = f"{self.contents} contents ({self.bytes} bytes) and {self.drafts} drafts"
        sentence = f"would remove {what}" if self.is_dry_run else f"{what} removed"
        return sentence + (f"; {self.damaged} damaged, {self.missing} missing" if self.damaged or self.missing else "")


def sweep(
    *, dry_run: bool = False, verify: bool = False, tell: Callable[[str, int], None] = lambda what, count: None
) -> Swept:
    """Remove what has had no row for AETHER_FILE_GRACE_HOURS. It may be killed at any point, and run twice at once.

    `verify` reads every kept content through; damaged and missing ones are errors in the log.
    """
    swept = Swept(is_dry_run=dry_run)
    before = timezone.now() - timedelta(hours=settings.AETHER_FILE_GRACE_HOURS)
    if not dry_run:
        _adopt_strangers()
    for hash_sha256, size in _forsaken(before):
        if dry_run or store.remove(hash_sha256, touched_on__lt=before):
            swept.contents += 1
            swept.bytes += size
            tell("contents", 1)
    swept.drafts = _remove_drafts(before.timestamp(), dry_run=dry_run)
    if verify:
        _verify(swept, tell)
    log.info("%s", swept)
    return swept


def _forsaken(before: Any) -> Iterator[tuple[str, int]]:
    """Contents that nobody has touched for long and no row of any account points at."""
    last = ""
    while True:
        rows = StoredBytes.objects.filter(pk__gt=last, touched_on__lt=before).order_by("pk")
        batch = list(rows.values_list("pk", "size")[:BATCH])
        if not batch:
            return
        last = batch[-1][0]
        with every_tenant(reason="bytes go only when no account has a row for them"):
            used = set(
                HostedFile.objects.filter(hash_sha256__in=[name for name, _ in batch]).values_list(
                    "hash_sha256", flat=True
                )
            )
        yield from ((name, size) for name, size in batch if name not in used)


def _adopt_strangers() -> None:
    """Give a row to contents that have none (copied here, or older than the rows): they count as touched now."""
    names: list[str] = []

    def adopt() -> None:
        known = set(StoredBytes.objects.filter(pk__in=names).values_list("pk", flat=True))
        for name in names:
            if name not in known:
                with suppress(FileNotFoundError):  # another sweep was faster
                    store.touch(name, store.storage().size(store.name_of(name)))

    for path in store.storage().names():
        name = path.rpartition("/")[2]
        if len(name) == 64:
            names.append(name)
        if len(names) == BATCH:
            adopt()
            names.clear()
    adopt()


def _remove_drafts(before: float, *, dry_run: bool) -> int:
    drafts = store.storage().drafts
    old = [path for path in drafts.glob("*") if _is_older(path, before)] if drafts.is_dir() else []
    if not dry_run:
        for path in old:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    return len(old)


def _is_older(path: Path, before: float) -> bool:
    try:
        return path.lstat().st_mtime < before
    except FileNotFoundError:
        return False  # an upload has ended meanwhile


def _verify(swept: Swept, tell: Callable[[str, int], None]) -> None:
    for row in StoredBytes.objects.order_by("pk").iterator(BATCH):
        tell("verified", 1)
        try:
            if store.digest_of(row.hash_sha256, row.size) == row.hash_sha256:
                continue
            swept.damaged += 1
            log.error("the bytes of %s are damaged", row.hash_sha256)
            StoredBytes.objects.filter(pk=row.pk).update(seal="")
        except FileNotFoundError:
            swept.missing += 1
            log.error("the bytes of %s are missing", row.hash_sha256)
