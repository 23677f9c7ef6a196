"""Rules of a domain that decide what is read: declared on a type, compiled into every plan, so that each door obeys.

A `RowRule` says which rows are there at all; a `Mask` which fields of a row that is reached through a relation are
blank. Reads, lists, searches, counts, views, exports, history, the admin and the websocket all ask `ObjectType.rows`
and `crud.read.columns`, and these read the rules.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from tenancy.principal import Access, Role


@dataclass(frozen=True, slots=True)
class RowRule:
    """For principals below a role, rows are only there where a column of a parent has a value."""

    below: str
    """Role: from it on the rule does not hold."""
    relation: str
    """Foreign key of the type to the parent."""
    field: str
    value: bool = True

    @property
    def only(self) -> dict[str, bool]:
        """The condition, as the ORM spells it."""
        return {f"{self.relation}__{self.field}": self.value}

    signed_in_exempt: bool = False
    """Whether principals that signed in for one object (an exhibitor, by its passcode) are free of it."""

    def holds_for(self, access: Access) -> bool:
        if self.signed_in_exempt and access.subject and not access.by_key:
            return False
        return access.role < Role.named(self.below)


@dataclass(frozen=True, slots=True)
class Mask:
    """Fields of the row behind `relation` that are null when they are read through it, unless `unless` is true there.

    It holds for every role: who may read the row itself does so at its own address. A masked field can be neither
    filtered nor sorted by through the relation, whatever the rows hold.
    """

    relation: str
    fields: tuple[str, ...]
    unless: str
    """A boolean of the type itself."""
    account_adds: bool = False
    """Whether an account may name more fields (`Access.masked`)."""

    def covers(self, field_name: str, access: Access) -> bool:
        return field_name in self.fields or (self.account_adds and field_name in access.masked and field_name != "id")

    def names(self) -> list[str]:
        """As `meta.masked` tells them."""
        return [f"{self.relation}.{name}" for name in self.fields]


SUBJECT = "subject"


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a type is open to a kind of principal between guest and user, beside what guests read."""

    where: str = ""
    """The column of the type that holds the object that the principal acts for: `id`, or a foreign key's `…_id`. Empty:
    the type's own `rows` says it."""
    otherwise: str = ""
    """Path to the column that says it where `where` is null."""
    only_where: dict[str, Any] = field(default_factory=dict, hash=False)
    """What the rows' own columns must be, too."""
    one_of: tuple[dict[str, Any], ...] = field(default=(), hash=False)
    """Conditions, as the ORM spells them, of which one at least must hold, too."""
    without: tuple[str, ...] = ("notes",)
    """Fields that it does not read."""
    through: dict[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    """Foreign key → the fields of the row behind it that it reads, where that type is not open to it."""
    writes: tuple[str, ...] = ()
    """Fields that it may change."""
    delete_methods: tuple[str, ...] = ()

    def only(self, access: Access) -> Q:
        """The condition, as the ORM spells it."""
        condition = Q(**self.only_where)
        if self.where:
            own = Q(**{self.where: access.subject})
            if self.otherwise:
                own |= Q(**{f"{self.where}__isnull": True, self.otherwise: access.subject})
            condition &= own
        if self.one_of:
            condition &= Q(*(Q(**one) for one in self.one_of), _connector=Q.OR)
        return condition

    def was(self, access: Access, state: dict[str, Any]) -> bool:
        """Whether a row that had these flags and references was the principal's. When in doubt, no."""
        if not self.where or self.otherwise or self.one_of or not self.only_where.keys() <= state.keys():
            return False
        matches = all(state[name] == value for name, value in self.only_where.items())
        return matches and bool(state.get(self.where) == access.subject)
