"""Running a write: one transaction, run again as a whole where that is safe."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from kernel.database_errors import RETRIED, error_number, is_lost
from kernel.deadline import RECONNECT_SECONDS, time_left

T = TypeVar("T")
ATTEMPTS = 4
WAIT = 0.02


def in_transaction(work: Callable[[], T]) -> T:
    """Run `work` in a transaction. A deadlock, a lost lock wait, or a connection lost before COMMIT runs it again;
    a connection lost during COMMIT does not, as nobody knows whether it took place. Within a request, only as long as
    its deadline leaves time for it."""
    attempt = 0
    while True:
        attempt += 1
        left_before = time_left()
        finished = False
        try:
            with transaction.atomic():
                result = work()
                finished = True
            return result
        except (OperationalError, InterfaceError) as error:
            outermost = not connection.in_atomic_block
            repeatable = error_number(error) in RETRIED or (is_lost(error) and not finished)
            if not (outermost and repeatable and attempt < ATTEMPTS and _is_time_for_another(error, left_before)):
                raise
            _recover(error, attempt)


def _is_time_for_another(error: DatabaseError | InterfaceError, left_before: float) -> bool:
    if is_lost(error):
        return time_left() >= RECONNECT_SECONDS
    return time_left() >= left_before / 2  # as long as this one took, which waited for a lock


def _recover(error: DatabaseError | InterfaceError, attempt: int) -> None:
    if is_lost(error):
        connection.close()
    else:
        time.sleep(random.uniform(0, WAIT * 2**attempt))  # noqa: S311  (to spread rivals, not to keep a secret)
