"""How a row is written: in one transaction, locked, changed, read back. Whose it may be, its kind says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from django.db import connection

from kernel.database_errors import RETRIED, TRANSLATED, error_number, translate
from kernel.errors import ApiError, Duplicate, Invalid, NotFound, Refused
from kernel.transactions import in_transaction
from kernel.wording import one_of
from tenancy.context import EVERY_TENANT, current_scope
from tenancy.principal import Principal

METHODS: dict[str, dict[str, bool] | None] = {"hide": {"hide": True}, "disable": {"enable": False}, "delete": None}
T = TypeVar("T")


class RowType(Protocol):
    """What writing asks of a type."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> Any: ...


class Reader(Protocol):
    """Reads the payloads of one request."""

    def apply(self, row: Any, body: Any, *, creating: bool) -> None:
        """Set the attributes of a row. Raises Invalid, Refused, BadReference, …"""


TypeT = TypeVar("TypeT", bound=RowType)
ResultT = TypeVar("ResultT")


@dataclass(slots=True)
class RowWriter(Generic[TypeT, ResultT]):
    """Writes of one request to one type. A subclass says who may, what a payload holds, and whose rows there are."""

    object_type: TypeT
    principal: Principal
    permissive: bool = False
    if_match: str = ""
    written: Any = None
    """The row that was written last, or would have been."""
    repeated: bool = False
    """Whether a create found that a row holds already what it would have written."""

    def demand(self, verb: str) -> None:
        """Raises Refused unless the principal may do this."""
        raise NotImplementedError

    def demand_delete(self, method: str) -> None:
        raise NotImplementedError

    def reader(self) -> Reader:
        raise NotImplementedError

    def _lock(self, public_id: str) -> Any:
        """The row, locked until the transaction ends. Raises Refused, NotFound, or Stale against If-Match."""
        raise NotImplementedError

    def _validate(self, row: Any) -> None:
        raise NotImplementedError

    def already(self, row: Any) -> Any:
        """The row that holds what this new one says; None: it is to be written."""
        return None

    def _warn(self, row: Any, changed: frozenset[str] | None) -> None:
        """Say what is odd about the row, which was written all the same. `changed`: None for a new one."""

    def read_back(self, row: Any) -> ResultT:
        """What was written, as its writer reads it."""
        raise NotImplementedError

    def _gone(self, row: Any) -> ApiError:
        """What is said of a row that this request has deleted before."""
        return NotFound()

    def _taken(self, duplicate: Duplicate) -> Duplicate:
        """What is said of a unique value that another row has."""
        return duplicate

    def create(self, body: Any) -> ResultT:
        self.demand("create")
        if self.object_type.model.tenant_column == "id" and current_scope() is not EVERY_TENANT:
            raise Refused("Accounts are made by a super user with x-no-account-id: bypass.")
        return self._run(lambda: self._create(body))

    def _create(self, body: Any) -> ResultT:
        row = self.object_type.model()
        self.reader().apply(row, body, creating=True)
        self._validate(row)
        self.written = row
        there = self.already(row)
        self.repeated = there is not None
        if there is not None:
            there.save()
            return self.read_back(there)
        row.save(force_insert=True)
        self._warn(row, None)
        return self.read_back(row)

    def update(self, public_id: str, body: Any) -> ResultT:
        self.demand("update")
        return self._run(lambda: self._update(self._lock(public_id), body, self.reader()))

    def _update(self, row: Any, body: Any, reader: Reader) -> ResultT:
        self._change(row, body, reader)
        return self.read_back(row)

    def _change(self, row: Any, body: Any, reader: Reader) -> None:
        reader.apply(row, body, creating=False)
        if changes := row.changes():
            self._validate(row)
            self.written = row
            row.save()
            self._warn(row, frozenset(changes))

    def delete(self, public_id: str, method: str) -> ResultT | None:
        """Hide, disable, or delete. Answers the object as it is now; None when it is gone."""
        if method not in METHODS:
            raise Invalid.field("method", one_of(METHODS))
        self.demand_delete(method)
        return self._run(lambda: self._delete(self._lock(public_id), method))

    def _delete(self, row: Any, method: str) -> ResultT | None:
        changes = METHODS[method]
        if changes is None:
            if row.pk is None:  # a bulk request names it twice
                raise self._gone(row)
            row.delete()
            return None
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()
        return self.read_back(row)

    def _run(self, work: Callable[[], T]) -> T:
        try:
            return in_transaction(work)
        except (*TRANSLATED, Duplicate) as error:
            if connection.in_atomic_block and error_number(error) in RETRIED:
                raise  # the transaction around this one is run again as a whole
            translated = translate(error, self.object_type.model)
            if translated is None:
                raise
            raise (self._taken(translated) if isinstance(translated, Duplicate) else translated) from error
