"""Before a process takes requests: a connection for each thread, and the plans of the types that are asked for most.

Otherwise the first requests after each start would wait for both, and whoever sends them would see it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, wait
from threading import Barrier, BrokenBarrierError
from typing import Any, Final

from django.db import DatabaseError, InterfaceError, connection
from django.urls import reverse

from crud import Parameters, read_one, registry
from crud.read.object_query import ObjectQuery
from crud.read.page import read_page
from dashboard.traffic import busiest_types
from kernel.slots import ACCOUNT_SENTINEL
from tenancy.context import tenant
from tenancy.principal import Principal, Role, acting_as

log = logging.getLogger("kernel.warm_up")
SECONDS: Final = 15.0
"""A process begins without, rather than later."""
MOST: Final = 12
ROLES: Final = (Role.USER, Role.ADMINISTRATOR, Role.MANAGER)
NOBODY: Final = "00000000000"


def warm_up(submit: Callable[[Callable[[], None]], Future[None]], threads: int) -> None:
    """`submit` runs a function on one of the threads that will answer requests."""
    together = Barrier(threads)

    def connect() -> None:
        try:
            together.wait(SECONDS)  # so that each thread gets one
            connection.ensure_connection()
        except BrokenBarrierError:
            return

    work = [submit(_quietly(connect)) for _ in range(threads)]
    work.append(submit(_quietly(compile_plans)))
    wait(work, SECONDS)
    reverse("admin:index")  # the addresses, too


def compile_plans() -> None:
    """By asking for an object and a page, in an account that is none, as each role."""
    for type_name in busiest_types(MOST) or list(registry)[:MOST]:
        for role in ROLES:
            principal = Principal(role=role, account_id=ACCOUNT_SENTINEL, account_public_id=NOBODY)
            object_type = registry.get(type_name)
            if object_type is not None and object_type.readable_by(principal.access):
                with tenant(ACCOUNT_SENTINEL), acting_as(principal):
                    read_one(object_type, principal, NOBODY)
                    read_page(ObjectQuery(object_type, principal).selection(), Parameters(limit=1))


def _quietly(work: Callable[[], None]) -> Callable[[], Any]:
    def attempt() -> None:
        try:
            work()
        except (DatabaseError, InterfaceError) as error:
            log.warning("began without warming up: %s", type(error).__name__)

    return attempt
