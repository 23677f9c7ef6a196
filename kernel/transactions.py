"""Running a write: one transaction, run again as a whole where that is safe."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from kernel.database_errors import RETRIED, error_number, is_lost

T = TypeVar("T")
ATTEMPTS = 4
WAIT = 0.02


def in_transaction(work: Callable[[], T]) -> T:
    """Run `work` in a transaction. A deadlock, a lost lock wait, or a connection lost before COMMIT runs it again;
    a connection lost during COMMIT does not, as nobody knows whether it took place."""
    attempt = 0
    while True:
        attempt += 1
        finished = False
        try:
            with transaction.atomic():
                result = work()
                finished = True
            return result
        except (OperationalError, InterfaceError) as error:
            outermost = not connection.in_atomic_block
            repeatable = error_number(error) in RETRIED or (is_lost(error) and not finished)
            if not (outermost and repeatable and attempt < ATTEMPTS):
                raise
            _recover(error, attempt)


def _recover(error: DatabaseError | InterfaceError, attempt: int) -> None:
    if is_lost(error):
        connection.close()
    else:
        time.sleep(random.uniform(0, WAIT * 2**attempt))  # noqa: S311  (to spread rivals, not to keep a secret)
