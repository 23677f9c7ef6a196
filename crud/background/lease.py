"""One at a time, over all processes and machines: work that must not run twice at once holds a lease while it does.

A lease lasts a minute and is renewed by a thread: whoever dies with it holds up the others for that minute only.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, IntegrityError, InterfaceError, connection
from django.utils import timezone

from crud.models import Lease
from kernel.transactions import in_transaction

log = logging.getLogger("tasks")
LASTS = timedelta(seconds=60)


@contextmanager
def only_one(name: str) -> Iterator[bool]:
    """True where nobody else holds the lease of this name; it is given back at the end of the block."""
    holder = secrets.token_hex(8)
    mine = in_transaction(lambda: _taken(name, holder))
    ended = threading.Event()
    renewing = threading.Thread(target=_renew, args=(name, holder, ended), daemon=True)
    if mine:
        renewing.start()
    try:
        yield mine
    finally:
        ended.set()
        if mine:
            renewing.join()
            in_transaction(lambda: Lease.objects.filter(name=name, holder=holder).delete())


def _taken(name: str, holder: str) -> bool:
    now = timezone.now()
    if Lease.objects.filter(name=name, until__lt=now).update(holder=holder, until=now + LASTS):
        return True
    if Lease.objects.filter(name=name).exists():
        return False
    try:
        in_transaction(lambda: Lease(name=name, holder=holder, until=now + LASTS).save(force_insert=True))
    except IntegrityError:  # another one was first
        return False
    return True


def _renew(name: str, holder: str, ended: threading.Event) -> None:
    while not ended.wait(LASTS.total_seconds() / 4):
        try:
            Lease.objects.filter(name=name, holder=holder).update(until=timezone.now() + LASTS)
        except (DatabaseError, InterfaceError) as error:  # the next attempt may pass
            log.warning("the lease of %s could not be renewed: %s", name, type(error).__name__)
        finally:
            connection.close()  # this thread's
