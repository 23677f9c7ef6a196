"""Where archives lie, and whose turn it is to write there."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections

SCRATCH = ".copy-"


def database(alias: str = DEFAULT_DB_ALIAS) -> str:
    """The database that this process works on, for people."""
    told = connections[alias].settings_dict
    return f"{told['NAME']} at {told['HOST']}" if told["HOST"] else str(told["NAME"])


class Busy(Exception):
    """Another process does this now."""


def backups() -> Path:
    """$AETHER_HOME/backups, for the owner's eyes only: what lies there holds every account's data."""
    return private(Path(settings.AETHER_HOME) / "backups")


def dropped() -> Path:
    """Where files for `check_and_import` are put."""
    return private(backups() / "import")


def private(directory: Path) -> Path:
    """The directory, made where it is not there, for the owner's eyes only."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """Hold the turn for a directory; it ends with the process, however that dies. Raises Busy."""
    descriptor = os.open(directory / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        yield
    finally:
        os.close(descriptor)


def remove_drafts(directory: Path) -> None:
    """What a run that was killed has left. Only while holding the turn."""
    for draft in directory.glob(".*.part"):
        draft.unlink(missing_ok=True)
    for scratch in directory.glob(f"{SCRATCH}*"):
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def scratch_directory() -> Iterator[Path]:
    """Room beside the backups, on the same disk."""
    with tempfile.TemporaryDirectory(dir=backups(), prefix=SCRATCH) as scratch:
        yield Path(scratch)
