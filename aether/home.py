"""The directory that an embedded installation keeps everything in: its owner's, and nobody else's."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from pathlib import Path

OTHERS = 0o077
OURS = ("aether.sqlite3*", "*.json", "files", "logs", "metrics", "backups", "static", "mail", "trusted_servers")
"""What an installation makes in its home; somebody may keep other things there."""


def keep_private(home: Path) -> None:
    """What this process makes from now on is readable by its owner only. A home that was open to others, as earlier
    versions made it, is closed, and standard error says so."""
    os.umask(OTHERS)
    with suppress(FileExistsError):
        home.mkdir(mode=0o700, parents=True)
        return
    try:
        if not _is_ours_alone(home):
            return
        ours = [path for pattern in OURS for path in home.glob(pattern)]
        opened = [path for path in (home, *ours) if _is_open(path)]
        for path in opened:
            path.chmod(stat.S_IMODE(path.stat().st_mode) & ~OTHERS)
    except OSError as error:
        sys.stderr.write(f"{home} can't be closed to others: {error.strerror or error}.\n")
        return
    if home in opened:
        sys.stderr.write(f"{home} was open to other users of this machine; it is its owner's only now.\n")


def _is_ours_alone(home: Path) -> bool:
    """Not somebody else's directory, and none that is meant for all, as /tmp is."""
    status = home.stat()
    return status.st_uid == os.geteuid() and not status.st_mode & stat.S_ISVTX


def _is_open(path: Path) -> bool:
    mode = path.lstat().st_mode
    return not stat.S_ISLNK(mode) and bool(mode & OTHERS) and path.lstat().st_uid == os.geteuid()
