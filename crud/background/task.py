"""The door of background work to an account: what a task carries over from the request that asked for it."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from celery.contrib.django.task import DjangoTask
from celery.exceptions import Retry
from django.db import transaction

from crud.background.lease import only_one
from crud.background.share import at_work_for, is_beyond_share, queue_of
from kernel.metrics import count_task
from kernel.request_context import current_request_id, set_request_id
from tenancy.context import tenant
from tenancy.principal import Principal, Role, acting_as, current_principal

log = logging.getLogger("tasks")
PUT_OFF_SECONDS = 2
"""Until work is taken up again that made room for other accounts'."""
CARRIED = ("account_public_id", "key_prefix", "key_name", "user_public_id")
"""What the change log and the logs say of whoever asked. Rights are not carried: they were looked at on asking."""


class Task(DjangoTask):  # type: ignore[misc]
    """Every task of this project: its log lines bear the id of the request that asked for it.

    A task may run more than once: a message comes again when a worker dies. Give it ids and plain values only, and
    let it notice what is done already. It belongs to no account; see TenantTask.
    """

    abstract = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        principal = current_principal()
        carried = {name: getattr(principal, name) for name in CARRIED}
        headers = {"aether": carried | {"request_id": current_request_id()}} | (options.pop("headers", None) or {})
        return super().apply_async(args, kwargs, headers=headers, **options)

    def after_commit(self, *args: Any) -> None:
        """Send it when the running transaction has committed. A broker that is away then is logged, not raised:
        what was to be done must stand in a row, from which the schedule takes it up again."""
        transaction.on_commit(partial(self._send, *args), robust=True)

    def _send(self, *args: Any) -> None:
        try:
            self.delay(*args)
        except self.OperationalError as error:
            log.error("the broker does not take %s", self.name, exc_info=error)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with self._on_behalf(None):
            return self.run(*args, **kwargs)

    @contextmanager
    def _on_behalf(self, account_id: int | None) -> Iterator[None]:
        carried: dict[str, str] = getattr(self.request, "aether", None) or {}
        set_request_id(carried.get("request_id") or secrets.token_hex(8))
        principal = Principal(
            role=Role.SUPER,
            account_id=account_id,
            account_public_id=carried.get("account_public_id"),
            key_prefix=carried.get("key_prefix", ""),
            key_name=carried.get("key_name", ""),
            user_public_id=carried.get("user_public_id"),
        )
        with acting_as(principal):
            started = time.perf_counter()
            state = "done"
            try:
                yield
            except Retry:
                state = "put off"
                raise
            except BaseException:
                state = "failed"
                raise
            finally:
                seconds = time.perf_counter() - started
                count_task(self.name, state, seconds)
                fields = {"task": self.name, "task_id": self.request.id, "seconds": round(seconds, 3)}
                log.info("%s: %s", self.name, state, extra=fields)


class TenantTask(Task):
    """A task inside one account, whose integer id is its first argument. It is put off while its account has its
    share of what is going on, and others wait (crud/background/share.py).

    @shared_task(base=TenantTask, name="files.convert")
    def convert(account_id: int, file_id: str) -> None: …
    """

    abstract = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:
        return super().apply_async(args, kwargs, **{"queue": queue_of(args[0])} | options)

    def __call__(self, account_id: int, *args: Any, **kwargs: Any) -> Any:
        with tenant(account_id):
            if not self.request.called_directly and is_beyond_share(account_id):
                raise self.retry(countdown=PUT_OFF_SECONDS, max_retries=None)
            with at_work_for(account_id), self._on_behalf(account_id):
                return self.run(account_id, *args, **kwargs)


class SingleTask(Task):
    """A task that never runs beside itself, wherever it was sent from: a second one ends at once. For all that beat
    sends: it does so by the clock, whether the last run has ended or not."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with self._on_behalf(None), only_one(self.name) as mine:
            if mine:
                return self.run(*args, **kwargs)
            log.info("%s runs already", self.name)
            return None
