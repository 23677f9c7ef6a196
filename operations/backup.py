"""Making and restoring a backup of the whole installation: its database, and its files if asked for."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from files.models import HostedFile
from operations import mariadb, sqlite
from operations.archive import CHUNK, ArchiveError, ArchiveReader, ArchiveWriter, moment
from operations.file_bytes import PREFIX, add_files, take_files
from operations.places import alone, backups, remove_drafts, scratch_directory
from operations.retention import Policy, superfluous
from operations.time_limit import without_time_limit
from tenancy.context import every_tenant

log = logging.getLogger("operations.backup")
KIND: Final = "backup"
ENTRIES: Final = {"mysql": "database.sql", "sqlite": "database.sqlite3"}
NAMES: Final = {"mysql": "MariaDB", "sqlite": "SQLite"}
HAS_STORE: Final = "stored_bytes"
Advance = Callable[[str, int], None]


class NothingToSave(Exception):
    """The database has no tables: it is another one than was meant."""


@dataclass(frozen=True, slots=True)
class BackupFile:
    path: Path
    tables: int
    rows: int
    files: int
    missing: list[str]
    """Hashes of files whose bytes are not there, or damaged."""
    pruned: list[Path]


def policy() -> Policy:
    return Policy(
        settings.AETHER_BACKUP_KEEP_DAYS, settings.AETHER_BACKUP_KEEP_WEEKS, settings.AETHER_BACKUP_KEEP_MONTHS
    )


def make_backup(
    *, with_files: bool = False, label: str = "", prune: bool = True, advance: Advance | None = None
) -> BackupFile:
    """Save the database as of one moment, while the service works. Verified before it has its name.

    Raises Busy while another backup is made, NothingToSave, DatabaseToolError, OSError (a full disk). Nothing is left
    then, and no backup is pruned.
    """
    directory = backups()
    with alone(directory):
        remove_drafts(directory)
        path = directory / "-".join(filter(None, [f"aether-{moment()}", label]))
        path = path.with_name(f"{path.name}.backup.zip")
        missing: list[str] = []
        with ArchiveWriter(path, KIND) as archive:
            counts = _add_database(archive)
            if not counts:
                raise NothingToSave("The database has no tables. Is it the one that was meant?")
            if with_files:
                missing = list(add_files(archive, _told(file_hashes(), advance)))
            manifest = archive.finish(
                {
                    "engine": connection.vendor,
                    "tables": counts,
                    "migrations": sorted(map("/".join, MigrationRecorder(connection).applied_migrations())),
                    "with_files": with_files,
                    "missing_files": missing,
                }
            )
        pruned = superfluous(directory.glob("*.backup.zip"), policy(), datetime.now(UTC)) if prune else []
        for old in pruned:
            old.unlink()
    files = sum(name.startswith(PREFIX) for name in manifest["entries"])
    backup = BackupFile(path, len(counts), sum(counts.values()), files, missing, pruned)
    log.info("backup %s: %d tables, %d rows, %d files", path.name, backup.tables, backup.rows, backup.files)
    return backup


def _add_database(archive: ArchiveWriter) -> dict[str, int]:
    counts: dict[str, int] = {}
    if connection.vendor == "mysql":
        archive.add(ENTRIES["mysql"], mariadb.dump(counts))
        return counts
    if not sqlite.table_names():
        return counts
    with scratch_directory() as scratch:
        copied = scratch / "database"
        counts = sqlite.copy(copied)
        archive.add(ENTRIES["sqlite"], _chunks_of(copied))
    return counts


def _chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk


def _told(hashes: list[str], advance: Advance | None) -> Iterator[str]:
    for number, digest in enumerate(hashes, start=1):
        yield digest
        if advance and (number % 100 == 0 or number == len(hashes)):
            advance("files", number % 100 or 100)


def file_hashes() -> list[str]:
    """Of all bytes that the accounts' files point at."""
    with every_tenant(reason="a backup holds the files of every account"):
        hashes = HostedFile.objects.exclude(hash_sha256=None).order_by("hash_sha256")
        return list(hashes.values_list("hash_sha256", flat=True).distinct())


# restoring


@dataclass(frozen=True, slots=True)
class Restored:
    tables: int
    rows: int
    files: int
    pending_migrations: int


def check_backup(archive: ArchiveReader) -> None:
    """Raises ArchiveError for one that is damaged, of a newer version, or of the other database engine."""
    if archive.manifest["kind"] != KIND:
        raise ArchiveError(f"It is a {archive.manifest['kind']}, no backup. Put it into backups/import/.")
    engine = archive.manifest.get("engine")
    if engine != connection.vendor:
        here = NAMES[connection.vendor]
        raise ArchiveError(
            f"It holds a database of {NAMES.get(str(engine), 'another kind')}, and this is {here}. "
            "To move an account between the two, use export_db."
        )
    known = set(map("/".join, MigrationLoader(None).disk_migrations))
    if unknown := set(archive.manifest["migrations"]) - known:
        raise ArchiveError(f"It was made by a newer version, which has {sorted(unknown)[0]}; update this one first.")
    if archive.names("database") != [ENTRIES[connection.vendor]]:
        raise ArchiveError("It holds no database.")
    archive.verify()


def restore_backup(archive: ArchiveReader) -> Restored:
    """Put what a checked archive holds in place of all that is in the database; all of it or nothing.

    Files are added to those that are there. Raises Busy, ArchiveError, DatabaseToolError, NotADump,
    NotOurDatabase, OSError; the database is as it was then.
    """
    directory = backups()
    with alone(directory):
        remove_drafts(directory)
        return _restore(archive)


def _restore(archive: ArchiveReader) -> Restored:
    entry = ENTRIES[connection.vendor]
    promised = {str(name): int(count) for name, count in archive.manifest["tables"].items()}
    # The store keeps a row for what it takes in. So files come first where there is a database, and are never missing.
    early = HAS_STORE in table_names()
    files = take_files(archive) if early else 0
    if connection.vendor == "mysql":
        with archive.open(entry) as sql:
            connection.close()  # the next one has no time limit
            with without_time_limit(connection):
                mariadb.restore(sql, promised)
    else:
        _restore_sqlite(archive, entry, promised)
    connections.close_all()
    files = files if early else take_files(archive)
    log.warning("the database was restored from a backup of %s", archive.manifest.get("created_on"))
    return Restored(len(promised), sum(promised.values()), files, pending_migrations())


def _restore_sqlite(archive: ArchiveReader, entry: str, promised: dict[str, int]) -> None:
    with scratch_directory() as scratch:
        if shutil.disk_usage(scratch).free < 2 * archive.size("database"):
            raise OSError(28, "No space left for the restored database")
        aside = scratch / "database"
        with aside.open("wb") as target:
            for chunk in archive.chunks(entry):
                target.write(chunk)
        if sqlite.counts(aside) != promised:
            raise ArchiveError("The database in it does not hold what its manifest says.")
        connections.close_all()
        sqlite.restore(aside)


def table_names() -> list[str]:
    """Of the live database; none in an empty one, or where there is no file yet."""
    return mariadb.table_names() if connection.vendor == "mysql" else sqlite.table_names()


def pending_migrations() -> int:
    loader = MigrationLoader(connection)
    return len(set(loader.disk_migrations) - set(loader.applied_migrations))
