"""backups/import/: what is dropped there is taken in once, and moved to done/ or failed/ with a report beside it."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from crud import KEPT, ImportRefused, plan_import, registry
from crud.models import IdempotentAnswer
from kernel.database_errors import TRANSLATED, translate
from kernel.errors import ApiError
from kernel.transactions import in_transaction
from operations import backup, bundle, bundle_import
from operations.archive import CHUNK, ArchiveError, moment, opened
from operations.bundle import BundleError
from operations.bundle_origin import Terms, check_origin
from operations.importing import operator_of, told
from operations.management.commands.backup_db import FAILURES
from operations.places import alone, dropped
from tenancy.command import find_account
from tenancy.context import every_tenant, tenant
from tenancy.principal import acting_as

log = logging.getLogger("operations.import")
SETTLED: Final = 10
"""Seconds that a file must have rested: it may still be on its way."""
MOST_WARNINGS: Final = 20
ON_ITS_WAY: Final = (".part", ".partial", ".tmp", ".filepart", ".crdownload")
"""How copying programs name what is not whole yet."""


class Unwanted(Exception):
    """A file that can't be taken in; says why."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(*sentences)
        self.said = list(sentences)


@dataclass(slots=True)
class DropReport:
    file: str
    state: str = "done"
    said: list[str] = field(default_factory=list)
    finished_on: str = ""


def waiting(settled: float = SETTLED) -> list[Path]:
    """The files that are there, whole by all signs, oldest first."""
    return [path for path, whole in _present(settled) if whole]


def on_their_way(settled: float = SETTLED) -> list[Path]:
    """The files that are left alone until later."""
    return [path for path, whole in _present(settled) if not whole]


def _present(settled: float) -> Iterator[tuple[Path, bool]]:
    """The files that are there, oldest first, and whether each is whole."""
    changed: dict[Path, float] = {}
    for path in dropped().iterdir():
        with suppress(FileNotFoundError):  # another process has just taken it in
            if not path.name.startswith(".") and not _is_directory(path):
                changed[path] = path.lstat().st_mtime
    for path, since in sorted(changed.items(), key=itemgetter(1)):
        yield path, time.time() - since >= settled and not path.name.lower().endswith(ON_ITS_WAY)


def _is_directory(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def work_off(settled: float = SETTLED, terms: Terms | None = None) -> list[DropReport]:
    """Take in all that waits. Raises Busy where another process does so, DatabaseAway; files then stay."""
    terms = terms or Terms(anybody=settings.AETHER_BUNDLE_TRUST == "any")
    reports = []
    with alone(dropped()):
        for path in waiting(settled):
            reports.append(_take(path, terms))
            log.info("import of %s: %s", path.name, reports[-1].state)
    return reports


def _take(path: Path, terms: Terms) -> DropReport:
    report = DropReport(path.name)
    try:
        report.said = kind_of(path)(path, terms)
    except Unwanted as error:
        report.state, report.said = "failed", error.said
    except ImportRefused as error:
        report.state, report.said = "failed", told(error.errors)
    except ApiError as error:
        if error.recoverable:
            raise
        report.state, report.said = "failed", [error.message]
    except (ArchiveError, BundleError, CommandError) as error:
        report.state, report.said = "failed", [str(error)]
    except Exception as error:
        _stay_for_later(error)
        log.exception("import of %s", path.name)  # a file that breaks the code must not keep the others waiting
        report.state, report.said = "failed", ["An unexpected error; the log has it."]
    _move(path, report)
    return report


def _stay_for_later(error: Exception) -> None:
    """Raise what says nothing about the file: the database is away."""
    refusal = translate(error) if isinstance(error, TRANSLATED) else None
    if refusal is not None and refusal.recoverable:
        raise refusal from error


def _move(path: Path, report: DropReport) -> None:
    directory = dropped() / report.state
    directory.mkdir(mode=0o700, exist_ok=True)
    name, number = f"{moment()}-{path.name}", 1
    while (directory / name).exists() or (directory / f"{name}.report.json").exists():
        number += 1
        name = f"{moment()}-{number}-{path.name}"
    report.finished_on = datetime.now(UTC).isoformat(timespec="seconds")
    text = json.dumps(asdict(report), ensure_ascii=False, indent=2)
    (directory / f"{name}.report.json").write_text(text + "\n", encoding="utf-8")
    os.rename(path, directory / name)


def kind_of(path: Path) -> Callable[[Path, Terms], list[str]]:
    """What is done with a file. Raises Unwanted."""
    if path.is_symlink() or not path.is_file():
        raise Unwanted("It is a link or no file.")
    match path.suffix.lower():
        case ".csv" | ".xlsx":
            return _take_spreadsheet
        case ".zip":
            return _take_archive
        case ".sql" | ".gz":
            raise Unwanted("A dump in SQL may hold any statement: docs/backup_and_restore.md has the way by hand.")
    raise Unwanted("Taken are bundles and backups (.zip), and <type>.<account id>[.<anything>].csv or .xlsx.")


def foretold(path: Path, terms: Terms) -> str:
    """What would become of a file, as far as that shows without reading all of it."""
    try:
        kind_of(path)
        if path.suffix.lower() == ".zip":
            with opened(path) as archive:
                if archive.manifest["kind"] == bundle.KIND:
                    check_origin(archive, terms)
    except (Unwanted, ArchiveError, BundleError) as error:
        return f"would not be taken in. {error.args[0]}"
    return "would be taken in"


def _take_archive(path: Path, terms: Terms) -> list[str]:
    with opened(path) as archive:
        if archive.manifest["kind"] == backup.KIND:
            if terms.account:
                raise Unwanted("A backup holds every account, and only one is taken in.")
            return _restore(archive)
        bundle_import.check_bundle(archive, terms)
        outcome = bundle_import.take_in(archive)
    counted = f"{outcome.created:,} made, {outcome.updated:,} changed, {outcome.unchanged:,} as they were"
    sentences = [f"{counted}, {outcome.newer:,} newer here and left so; {outcome.files:,} files."]
    if outcome.without_bytes:
        sentences.append(f"{outcome.without_bytes:,} files came without their bytes, and stand as failed.")
    sentences += [f"Warning: {sentence}." for sentence in outcome.warnings[:MOST_WARNINGS]]
    if (more := len(outcome.warnings) - MOST_WARNINGS) > 0:
        sentences.append(f"And {more:,} more warnings.")
    return sentences


def _restore(archive: Any) -> list[str]:
    """Only into an installation without accounts: nobody is here to ask whether what is there may go."""
    with every_tenant(reason="see whether anybody lives in this installation yet"):
        if registry["account"].model.objects.exists():
            raise Unwanted("This installation holds accounts. Run restore_db, which asks and saves them first.")
    try:
        backup.check_backup(archive)
        done = backup.restore_backup(archive)
    except FAILURES as error:
        raise Unwanted(f"Nothing was restored. {error}") from error
    return [f"Restored: {done.tables} tables, {done.rows:,} rows, {done.files:,} files."]


def _take_spreadsheet(path: Path, terms: Terms) -> list[str]:
    type_name, _, rest = path.name.partition(".")
    account_name, _, ending = rest.partition(".")
    if not ending:
        raise Unwanted("Name it <type>.<account id>[.<anything>].csv or .xlsx, as event_session.7Qx2b9TfLm0.csv.")
    if type_name not in registry:
        raise Unwanted(f"There is no object type {type_name!r}. Known: {', '.join(sorted(registry))}.")
    account = find_account(account_name)
    terms.demand_account(account.id_random)
    principal = operator_of(account)
    with tenant(account.pk), acting_as(principal), path.open("rb") as stream:
        digest = _digest(path, account_name, type_name)
        if taken := _taken(digest):
            return [f"The same file was imported {taken:%Y-%m-%d %H:%M} UTC already; nothing was done."]
        plan = plan_import(registry[type_name], principal, stream, path.name)

        def work() -> Any:
            IdempotentAnswer.objects.filter(digest=digest).delete()
            IdempotentAnswer(digest=digest, body_digest=digest).save(force_insert=True)
            return plan.apply()

        outcome = in_transaction(work)
    counted = f"{outcome.created:,} made, {outcome.updated:,} changed, {outcome.unchanged:,} as they were."
    return [*plan.notes, f"{type_name}: {counted}"]


def _digest(path: Path, *more: str) -> str:
    """Names this import for as long as an Idempotency-Key holds, in the transaction that writes the rows: a process
    that dies before it has moved the file does not import it twice."""
    digest = hashlib.blake2b("\0".join(["check_and_import", *more, ""]).encode(), digest_size=32)
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _taken(digest: str) -> datetime | None:
    since = timezone.now() - KEPT
    return (
        IdempotentAnswer.objects.filter(digest=digest, created_on__gte=since)
        .values_list("created_on", flat=True)
        .first()
    )
