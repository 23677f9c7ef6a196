"""Looking into a file within a request, in a child with limits: what it finds is told, and nothing is kept."""

from __future__ import annotations

import logging
from typing import Any, Final

from files import store
from files.child import MediaError, run
from files.derive import child_place
from files.films import describe_film
from files.models import HostedFile
from kernel.child import ChildLimits, program
from kernel.deadline import begin_deadline

LIMITS: Final = ChildLimits(seconds=30, memory=2**30, output=2**24)
log = logging.getLogger("files.inspection")


def inspect(file: HostedFile, module: str, *arguments: object) -> tuple[str | None, str]:
    """What the program `module` writes of a file, and ""; or None, and the word that it ends with, empty where it was
    ended. Raises Throttled."""
    assert file.hash_sha256 is not None
    if not store.is_whole(file.hash_sha256, file.size or 0):
        log.error("the bytes of %s are missing or damaged", file.hash_sha256)
        return None, ""
    with child_place(), store.workplace() as place, store.local_file(file.hash_sha256) as path:
        target = place / "found.json"
        try:
            outcome = run(program(module, path, target, *arguments), place, LIMITS)
        except MediaError:
            return None, ""
        finally:
            begin_deadline()  # what it took is not the database's
        if outcome.code or not target.exists():
            return None, outcome.last_lines[-1] if outcome.last_lines else ""
        return target.read_text(), ""


def inspect_film(file: HostedFile) -> dict[str, Any] | None:
    """See `files.films`; None where nothing of it can be read. Raises Throttled, Unavailable."""
    assert file.hash_sha256 is not None
    if not store.is_whole(file.hash_sha256, file.size or 0):
        log.error("the bytes of %s are missing or damaged", file.hash_sha256)
        return None
    with child_place(), store.workplace() as place, store.local_file(file.hash_sha256) as path:
        try:
            return describe_film(path, content_type_without_parameters(file), place)
        except MediaError:
            return None
        finally:
            begin_deadline()  # what it took is not the database's


def content_type_without_parameters(file: HostedFile) -> str:
    return (file.content_type or "").partition(";")[0].strip().lower()
