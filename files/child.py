"""Programs that read media run as children (`kernel.child`); what ends them is told to the client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kernel import child
from kernel.child import ChildLimits, ChildOutcome


class MediaError(Exception):
    """The file can't be worked on; the message is for the client."""


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was made, and what its reader must be told of it."""

    path: Path
    note: str = ""


def run(
    command: list[str],
    place: Path,
    limits: ChildLimits,
    on_line: Callable[[str], None] = lambda line: None,
    beat: Callable[[], None] = lambda: None,
) -> ChildOutcome:
    """As `kernel.child.run`, but raises MediaError when the time is up."""
    try:
        return child.run(command, place, limits, on_line, beat)
    except child.TookTooLong:
        raise MediaError("It took too long.") from None
