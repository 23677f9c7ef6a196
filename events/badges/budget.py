"""What drawing may cost: a request draws for so long."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from kernel.errors import Invalid

SECONDS: Final = 20.0
"""A sheet of 500 ordinary badges takes three."""


def budget() -> Callable[[], None]:
    """To be called between two pieces of work. Raises Invalid when the time is up."""
    until = time.monotonic() + SECONDS

    def check() -> None:
        if time.monotonic() > until:
            raise Invalid("These badges take too long to draw; ask for fewer with limit, or simplify the layout.")

    return check
