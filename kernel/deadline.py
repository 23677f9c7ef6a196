"""How long a request may go on trying: one clock for all its retries and reconnects, whichever part is away."""

from __future__ import annotations

import math
import time
from contextvars import ContextVar
from typing import Final

SECONDS: Final = 16.0
RECONNECT_SECONDS: Final = 3
"""What a new connection to the database may take."""

_until: ContextVar[float] = ContextVar("until", default=math.inf)


def begin_deadline() -> None:
    """The clock starts: with the request, and anew after work of the caller's own that may take long (the bytes of an
    upload, a file that is made)."""
    _until.set(time.monotonic() + SECONDS)


def end_deadline() -> None:
    """What is done from here on (an answer that streams) has all the time it takes."""
    _until.set(math.inf)


def time_left() -> float:
    """Seconds. Infinite outside of requests: commands and tasks try as often as they like; negative when it is over."""
    return _until.get() - time.monotonic()
