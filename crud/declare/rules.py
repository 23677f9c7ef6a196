"""Rules of a domain that decide what is read: declared on a type, compiled into every plan, so that each door obeys.

A `RowRule` says which rows are there at all; a `Mask` which fields of a row that is reached through a relation are
blank. Reads, lists, searches, counts, views, exports, history, the admin and the websocket all ask `ObjectType.rows`
and `crud.read.columns`, and these read the rules.
"""

from __future__ import annotations

from dataclasses import dataclass

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

    def holds_for(self, access: Access) -> bool:
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

    def names(self) -> list[str]:
        """As `meta.masked` tells them."""
        return [f"{self.relation}.{name}" for name in self.fields]
