"""Programs that read hostile files run as children: with limits, a time, and nothing of ours at hand."""

from __future__ import annotations

import errno
import os
import resource
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from kernel.errors import StorageFull

ROOT = Path(__file__).resolve().parent.parent
BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from kernel.child_program import main; main(*sys.argv[2:])"
POLL_SECONDS = 0.5
LAST_LINES = 20
NO_ROOM = tuple(map(os.strerror, (errno.ENOSPC, errno.EDQUOT)))


class TookTooLong(Exception):
    """The child's time was up."""


@dataclass(frozen=True, slots=True)
class ChildLimits:
    seconds: float
    """Of the clock; of the processor twice as many."""
    memory: int
    """Bytes of address space."""
    output: int
    """Bytes that a written file may have."""


@dataclass
class ChildOutcome:
    code: int
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))


def program(module: str, *arguments: object) -> list[str]:
    """The command that runs `main` of a module of ours in a child: without the environment, site or settings.

    `main` takes the arguments as texts and answers a word, "" for success; it becomes the last line of the outcome.
    """
    return [sys.executable, "-I", "-c", BOOT, str(ROOT), str(os.getpid()), module, *map(str, arguments)]


def run(
    command: list[str],
    place: Path,
    limits: ChildLimits,
    on_line: Callable[[str], None] = lambda line: None,
    beat: Callable[[], None] = lambda: None,
) -> ChildOutcome:
    """Run it in `place`. Each line that it writes goes to `on_line`; `beat` is called at least twice a second.

    What either of them raises ends the child. Raises TookTooLong, and StorageFull when the disk is full.
    """
    with subprocess.Popen(  # noqa: S603  (an argument vector of ours, no shell)
        command,
        cwd=place,
        env={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(place), "TMPDIR": str(place)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as child:
        try:
            _limit(child.pid, limits)
            outcome = ChildOutcome(0)
            _follow(child, time.monotonic() + limits.seconds, outcome, on_line, beat)
            outcome.code = child.wait()
            if outcome.code and any(text in line for line in outcome.last_lines for text in NO_ROOM):
                raise StorageFull
            return outcome
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)


def _limit(pid: int, limits: ChildLimits) -> None:
    processor = int(limits.seconds * 2) + 1
    for kind, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, processor),
        (resource.RLIMIT_FSIZE, limits.output),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ProcessLookupError):  # it may have ended already
            resource.prlimit(pid, kind, (most, most))


def _follow(
    child: subprocess.Popen[bytes],
    until: float,
    outcome: ChildOutcome,
    on_line: Callable[[str], None],
    beat: Callable[[], None],
) -> None:
    assert child.stdout is not None
    pending = b""
    with selectors.DefaultSelector() as selector:
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            ready = selector.select(POLL_SECONDS)
            beat()
            if time.monotonic() > until:
                raise TookTooLong
            if not ready:
                continue
            data = os.read(child.stdout.fileno(), 2**16)
            if not data:
                return
            *lines, pending = (pending + data).replace(b"\r", b"\n").split(b"\n")
            pending = pending[-4_096:]
            for line in lines:
                text = line.decode("utf-8", "replace").strip()
                outcome.last_lines.append(text)
                on_line(text)
