"""Changing lookups: managers their account's rows; super users with bypass the global ones too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError

from crud import ANOTHER_ACCOUNTS, METHODS, key_of, registry, resolve_reference
from crud.declare.values import parse_for_field
from kernel.database_errors import TRANSLATED, error_number, translate
from kernel.errors import BadReference, Duplicate, Invalid, NotFound, Refused, Stale, TooLarge, UnknownField, shorten
from kernel.etag import matches
from kernel.ids import is_id
from kernel.transactions import in_transaction
from lookups.lookup_types import IDENTITY, LookupType
from lookups.models.lookup_row import LookupRow
from lookups.read import answers
from lookups.shelf import item_of
from tenancy.principal import Principal, Role

MAX_ROWS_OF_ACCOUNT: Final = 10_000
"""Every process keeps them all."""
READ_ONLY: Final = frozenset({"id", "account_id", "utc_offset", "utc_offset_minutes", "shadowed"})
TAKEN_OVER: Final = ("code", "name", "priority", "sort")
"""What a new override has from the global row where the client gives nothing else."""
T = TypeVar("T")


@dataclass(slots=True)
class LookupWriter:
    """Writes of one request to one type."""

    lookup_type: LookupType
    principal: Principal
    permissive: bool = False
    if_match: str = ""

    def demand(self) -> None:
        if self.principal.read_only:
            raise Refused("This key may only read.")
        if not self.principal.may(Role.MANAGER):
            raise Refused("Only managers change the lookups of their account.")
        if self.principal.account_id is None and not self.principal.bypass:
            raise Refused("Name the account to act in: x-account-id, or x-no-account-id: bypass.")

    def create(self, body: Any) -> LookupRow:
        self.demand()
        return self._run(lambda: self._create(body))

    def _create(self, body: Any) -> LookupRow:
        values = self._accepted(body, creating=True)
        account_id = self._account_id(values.pop("account_id", None))
        parsed = self._parsed(values)
        if not parsed.get("group"):
            raise Invalid.field("group", "It is required.")
        row = self.lookup_type.model(account_id=account_id)
        row.group = parsed["group"]
        if (default := row.default_row()) is not None and account_id is not None:
            for name in TAKEN_OVER:
                setattr(row, name, getattr(default, name))
            parsed["group"] = default.group
        for name, value in ({"code": row.code or row.group} | parsed).items():
            setattr(row, name, value)
        self._check(row)
        self._check_object(row)
        if account_id is not None and self._count(account_id) >= MAX_ROWS_OF_ACCOUNT:
            raise TooLarge(f"An account has at most {MAX_ROWS_OF_ACCOUNT} rows of its own.")
        row.save(force_insert=True)
        return row

    def update(self, public_id: str, body: Any) -> LookupRow:
        self.demand()
        return self._run(lambda: self._update(public_id, body))

    def _update(self, public_id: str, body: Any) -> LookupRow:
        row = self._lock(public_id)
        for name, value in self._parsed(self._accepted(body, creating=False)).items():
            setattr(row, name, value)
        if row.changes():
            self._check(row)
            row.save()
        return row

    def delete(self, public_id: str, method: str) -> LookupRow | None:
        """Delete for good, and what was overridden stands again; or hide, or disable. None when it is gone."""
        if method not in METHODS:
            raise Invalid.field("method", f"Give one of: {', '.join(METHODS)}.")
        self.demand()
        return self._run(lambda: self._delete(public_id, METHODS[method]))

    def _delete(self, public_id: str, changes: dict[str, bool] | None) -> LookupRow | None:
        row = self._lock(public_id)
        if changes is None:
            row.delete()
            return None
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()
        return row

    def _lock(self, public_id: str) -> LookupRow:
        row = find_row(self.lookup_type, self.principal, public_id, locked=True)
        if row.account_id is None and not (self.principal.bypass and self.principal.may(Role.SUPER)):
            raise Refused("Global rows are changed by super users with x-no-account-id: bypass; make an override.")
        if self.if_match and not matches(self.if_match, self.lookup_type.name, row.pk, row.updated_on):
            raise Stale
        return row

    def _accepted(self, body: Any, *, creating: bool) -> dict[str, Any]:
        """The values to write; unknown and fixed ones refused, or dropped when the client asked for that."""
        if not isinstance(body, dict):
            raise Invalid("The body must be an object.")
        values = {}
        for name, value in body.items():
            fixed = name in READ_ONLY if name not in IDENTITY else not creating
            if creating and name == "account_id":
                fixed = False
            if not fixed and (name in self.lookup_type.fields or name == "account_id"):
                values[name] = value
            elif not self.permissive:
                if name in READ_ONLY or name in IDENTITY:
                    raise Invalid.field(name, "The field is read-only.")
                raise UnknownField(name, "SET")
        return values

    def _account_id(self, given: Any) -> int | None:
        """Whose the new row is. None: everybody's."""
        if self.principal.account_id is not None:
            if given not in (None, self.principal.account_public_id):
                raise BadReference("account_id")
            return self.principal.account_id
        if given is not None:
            return resolve_reference("account_id", "account", self.principal, given)
        if not self.principal.may(Role.SUPER):
            raise Refused("Only super users make global rows.")
        return None

    def _parsed(self, values: dict[str, Any]) -> dict[str, Any]:
        parsed, errors = {}, {}
        for name, value in values.items():
            try:
                spec = self.lookup_type.fields[name]
                parsed[name] = parse_for_field(spec, value, self.principal.time_zone)
            except ValidationError as error:
                errors[name] = list(error.messages)
        if errors:
            name, messages = next(iter(errors.items()))
            raise Invalid(f"{shorten(name)}: {messages[0]}", fields=errors)
        return parsed

    def _check(self, row: LookupRow) -> None:
        if not row.name:
            raise Invalid.field("name", "It is required.")
        row.clean()

    def _check_object(self, row: LookupRow) -> None:
        if not row.for_id:
            return
        related = registry.get(row.for_type)
        if related is None:
            raise Invalid.field("for_type", "There is no such object type.")
        key = key_of(related, self.principal, row.for_id)
        of_account = {related.model.tenant_column: row.account_id}
        if key is None or not related.model.objects.filter(pk=key, **of_account).exists():
            raise BadReference("for_id")

    def _count(self, account_id: int) -> int:
        count: int = self.lookup_type.model.objects.filter(account_id=account_id).count()
        return count

    def _run(self, work: Callable[[], T]) -> T:
        try:
            return in_transaction(work)
        except TRANSLATED as error:
            if error_number(error) == 1062:
                raise Duplicate(["group"]) from error
            translated = translate(error, self.lookup_type.model)
            if translated is None:
                raise
            raise translated from error


def find_row(lookup_type: LookupType, principal: Principal, public_id: str, *, locked: bool = False) -> LookupRow:
    """A row by its id. Raises Refused for a row that is not the principal's to see, NotFound for no row."""
    rows = lookup_type.model.objects.select_for_update() if locked else lookup_type.model.objects.all()
    row: LookupRow | None = rows.filter(id_random=public_id).first() if is_id(public_id) else None
    if row is None:
        raise NotFound
    own = row.account_id is None or row.account_id == principal.account_id or principal.bypass
    shown = row.account_id is None or not principal.is_guest or (row.enable and not row.hide)
    if not (own and shown):
        raise Refused(ANOTHER_ACCOUNTS)
    return row


def show(lookup_type: LookupType, principal: Principal, row: LookupRow) -> dict[str, Any]:
    """One row as lists show it."""
    public_id = principal.account_public_id
    default = None
    if row.account_id is not None:
        if row.account_id != principal.account_id:
            account = registry["account"].model.objects
            public_id = account.filter(pk=row.account_id).values_list("id_random", flat=True).first()
        default = row.default_row()
    known = item_of(lookup_type, default, None, {}).data if default is not None else {}
    item = item_of(lookup_type, row, public_id if row.account_id is not None else None, known)
    return answers(lookup_type, [item])[0]
