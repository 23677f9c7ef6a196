"""What drawing may cost: a request draws for so long, and only few of a process's threads draw at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from typing import Final

from django.conf import settings

from kernel.errors import Invalid, Throttled

SECONDS: Final = 20.0
"""A sheet of 500 ordinary badges takes three."""
PATIENCE: Final = 10.0
_drawing = BoundedSemaphore(max(1, settings.AETHER_WEB_THREADS // 4))


def budget() -> Callable[[], None]:
    """To be called between two pieces of work. Raises Invalid when the time is up."""
    until = time.monotonic() + SECONDS

    def check() -> None:
        if time.monotonic() > until:
            raise Invalid("These badges take too long to draw; ask for fewer with limit, or simplify the layout.")

    return check


@contextmanager
def one_of_few() -> Iterator[None]:
    """Raises Throttled when the others go on drawing for too long."""
    if not _drawing.acquire(timeout=PATIENCE):
        raise Throttled(5, "Too many badges are being drawn; try again.")
    try:
        yield
    finally:
        _drawing.release()
