"""Changing lookups: managers their account's rows; super users with bypass the global ones too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError

from crud import ANOTHER_ACCOUNTS, RowWriter, key_of, registry, resolve_reference
from crud.declare.values import parse_for_field
from kernel.errors import BadReference, Duplicate, Invalid, NotFound, Refused, Stale, TooLarge, UnknownField, shorten
from kernel.etag import matches
from kernel.ids import is_id
from kernel.wording import REQUIRED
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


class LookupWriter(RowWriter[LookupType, LookupRow]):
    """Lookups are written as objects are. What differs: who may, what a payload holds, and whose rows there are."""

    def demand(self, verb: str) -> None:
        if self.principal.read_only:
            raise Refused("This key may only read.")
        if not self.principal.may(Role.MANAGER):
            raise Refused("Only managers change the lookups of their account.")
        if self.principal.account_id is None and not self.principal.bypass:
            raise Refused("Name the account to act in: x-account-id, or x-no-account-id: bypass.")

    def demand_delete(self, method: str) -> None:
        """Whoever may write lookups may take them away; no scope says anything of them."""
        self.demand("delete")

    def reader(self) -> LookupReader:
        return LookupReader(self.object_type, self.principal, self.permissive)

    def _lock(self, public_id: str) -> LookupRow:
        row = find_row(self.object_type, self.principal, public_id, locked=True)
        if row.account_id is None and not (self.principal.bypass and self.principal.may(Role.SUPER)):
            raise Refused("Global rows are changed by super users with x-no-account-id: bypass; make an override.")
        if self.if_match and not matches(self.if_match, self.object_type.name, row.pk, row.updated_on):
            raise Stale
        return row

    def _validate(self, row: LookupRow) -> None:
        if not row.name:
            raise Invalid.field("name", REQUIRED)
        row.clean()
        if row._state.adding:
            self._check_object(row)
            if row.account_id is not None and self._count(row.account_id) >= MAX_ROWS_OF_ACCOUNT:
                raise TooLarge(f"An account has at most {MAX_ROWS_OF_ACCOUNT} rows of its own.")

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
        count: int = self.object_type.model.objects.filter(account_id=account_id).count()
        return count

    def read_back(self, row: LookupRow) -> LookupRow:
        """Whoever writes lookups reads them."""
        return row

    def _taken(self, duplicate: Duplicate) -> Duplicate:
        return Duplicate(["group"])


@dataclass(slots=True)
class LookupReader:
    """Reads the payloads of one request for one type."""

    lookup_type: LookupType
    principal: Principal
    permissive: bool

    def apply(self, row: LookupRow, body: Any, *, creating: bool) -> None:
        """Set the attributes of a row; a new one has what it does not say from the global row of its group."""
        values = self._accepted(body, creating=creating)
        account_id = self._account_id(values.pop("account_id", None)) if creating else row.account_id
        parsed = self._parsed(values)
        if creating:
            self._begin(row, parsed, account_id)
        for name, value in parsed.items():
            setattr(row, name, value)

    def _begin(self, row: LookupRow, parsed: dict[str, Any], account_id: int | None) -> None:
        if not parsed.get("group"):
            raise Invalid.field("group", REQUIRED)
        row.account_id, row.group = account_id, parsed["group"]
        if (default := row.default_row()) is not None and account_id is not None:
            for name in TAKEN_OVER:
                setattr(row, name, getattr(default, name))
            parsed["group"] = default.group
        row.code = row.code or row.group

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


def find_row(lookup_type: LookupType, principal: Principal, public_id: str, *, locked: bool = False) -> LookupRow:
    """A row by its id. Raises Refused for a row that is not the principal's to see, NotFound for no row."""
    rows = lookup_type.model.objects.select_for_update() if locked else lookup_type.model.objects.all()
    row: LookupRow | None = rows.filter(id_random=public_id).first() if is_id(public_id) else None
    if row is None:
        raise NotFound
    own = row.account_id is None or row.account_id == principal.account_id or principal.bypass
    shown = row.account_id is None or principal.may(Role.USER) or (row.enable and not row.hide)
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
